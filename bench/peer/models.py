"""The peers' networks: plain PyTorch, with the official parameter names, for timing only."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        a = (q * self.scale @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((a @ v).transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(dim, eps=1e-6), Attention(dim, heads)
        self.norm2, self.mlp = nn.LayerNorm(dim, eps=1e-6), Mlp(dim, 4 * dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, dim, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(nn.Module):
    def __init__(self, dim, depth, heads, patch=16, size=224, classes=1000):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, dim))
        self.patch_embed = PatchEmbed(dim, patch)
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(dim, eps=1e-6), nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False), nn.BatchNorm2d(planes)
        self.avgpool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.conv3, self.bn3 = nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride > 1 or inputs != 4 * planes:
            self.downsample = nn.Sequential()
            self.downsample.add_module("-1", nn.AvgPool2d(stride))
            self.downsample.add_module("0", nn.Conv2d(inputs, 4 * planes, 1, bias=False))
            self.downsample.add_module("1", nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(self.avgpool(out)))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class AttentionPool(nn.Module):
    def __init__(self, grid, width, heads, outputs):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.zeros(grid**2 + 1, width))
        self.k_proj, self.q_proj, self.v_proj = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.c_proj, self.heads = nn.Linear(width, outputs), heads

    def forward(self, x):
        x = x.flatten(2).permute(2, 0, 1)
        x = torch.cat([x.mean(0, keepdim=True), x]) + self.positional_embedding[:, None]
        x, _ = F.multi_head_attention_forward(
            x[:1], x, x, x.shape[-1], self.heads, in_proj_weight=None,
            in_proj_bias=torch.cat([self.q_proj.bias, self.k_proj.bias, self.v_proj.bias]), bias_k=None, bias_v=None,
            add_zero_attn=False, dropout_p=0.0, out_proj_weight=self.c_proj.weight, out_proj_bias=self.c_proj.bias,
            use_separate_proj_weight=True, training=False, need_weights=False, q_proj_weight=self.q_proj.weight,
            k_proj_weight=self.k_proj.weight, v_proj_weight=self.v_proj.weight)
        return x.squeeze(0)


class ClipResNet(nn.Module):
    def __init__(self, layers=(3, 4, 6, 3), width=64, outputs=1024, size=224):
        super().__init__()
        half = width // 2
        self.conv1, self.bn1 = nn.Conv2d(3, half, 3, 2, 1, bias=False), nn.BatchNorm2d(half)
        self.conv2, self.bn2 = nn.Conv2d(half, half, 3, padding=1, bias=False), nn.BatchNorm2d(half)
        self.conv3, self.bn3 = nn.Conv2d(half, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.avgpool, self.relu, self.inputs = nn.AvgPool2d(2), nn.ReLU(inplace=True), width
        self.layer1, self.layer2 = self.stage(width, layers[0], 1), self.stage(2 * width, layers[1], 2)
        self.layer3, self.layer4 = self.stage(4 * width, layers[2], 2), self.stage(8 * width, layers[3], 2)
        self.attnpool = AttentionPool(size // 32, 32 * width, width // 2, outputs)

    def stage(self, planes, blocks, stride):
        made = []
        for k in range(blocks):
            made.append(Bottleneck(self.inputs, planes, stride if k == 0 else 1))
            self.inputs = 4 * planes
        return nn.Sequential(*made)

    def forward(self, x):
        for conv, bn in ((self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3)):
            x = self.relu(bn(conv(x)))
        return self.attnpool(self.layer4(self.layer3(self.layer2(self.layer1(self.avgpool(x))))))


class ScaledConv(nn.Conv2d):
    """Weight standardisation as timm's ScaledStdConv2dSame: eps inside the variance, TensorFlow's SAME padding."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__(inputs, outputs, kernel, stride, groups=groups)
        self.gain = nn.Parameter(torch.ones(outputs, 1, 1, 1))
        self.scale = self.weight[0].numel() ** -0.5

    def forward(self, x):
        k, s = self.kernel_size[0], self.stride[0]
        if k > 1:
            h, w = ((-(-n // s) - 1) * s + k - n for n in x.shape[-2:])
            h, w = max(h, 0), max(w, 0)
            x = F.pad(x, [w // 2, w - w // 2, h // 2, h - h // 2])
        weight = F.batch_norm(self.weight.reshape(1, self.out_channels, -1), None, None, weight=(self.gain * self.scale).view(-1), training=True, momentum=0.0, eps=1e-5)
        return F.conv2d(x, weight.reshape_as(self.weight), self.bias, self.stride, 0, 1, self.groups)


def scaled_gelu(x):
    return F.gelu(x).mul_(1.7015043497085571) if not torch.is_grad_enabled() else F.gelu(x) * 1.7015043497085571


class SqueezeExcite(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(width, width // 2, 1), nn.Conv2d(width // 2, width, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)), inplace=True)))


class Downsample(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.pool = nn.AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
        self.conv = ScaledConv(inputs, outputs, 1)

    def forward(self, x):
        return self.conv(self.pool(x))


class NfBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, beta):
        super().__init__()
        mid, self.beta = outputs // 2, beta
        self.downsample = Downsample(inputs, outputs, stride) if stride > 1 or inputs != outputs else None
        self.conv1 = ScaledConv(inputs, mid, 1)
        self.conv2 = ScaledConv(mid, mid, 3, stride, mid // 128)
        self.conv2b = ScaledConv(mid, mid, 3, 1, mid // 128)
        self.conv3 = ScaledConv(mid, outputs, 1)
        self.attn_last = SqueezeExcite(outputs)
        self.skipinit_gain = nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        out = scaled_gelu(x) * self.beta
        shortcut = x if self.downsample is None else self.downsample(out)
        out = self.conv2(scaled_gelu(self.conv1(out)))
        out = self.conv3(scaled_gelu(self.conv2b(scaled_gelu(out))))
        out = 2.0 * self.attn_last(out)
        out.mul_(self.skipinit_gain)
        return out * 0.2 + shortcut


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        return self.fc(x.mean((2, 3)))


class NFNetF0(nn.Module):
    def __init__(self, depths=(1, 2, 6, 3), widths=(256, 512, 1536, 1536), classes=1000):
        super().__init__()
        self.stem = nn.ModuleDict({"conv1": ScaledConv(3, 16, 3, 2), "conv2": ScaledConv(16, 32, 3), "conv3": ScaledConv(32, 64, 3), "conv4": ScaledConv(64, 128, 3, 2)})
        stages, inputs, variance = [], 128, 1.0
        for s, (depth, width) in enumerate(zip(depths, widths)):
            blocks = []
            for b in range(depth):
                blocks.append(NfBlock(inputs, width, 2 if b == 0 and s > 0 else 1, 1 / math.sqrt(variance)))
                variance = (1.0 if b == 0 else variance) + 0.04
                inputs = width
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*stages)
        self.final_conv, self.head = ScaledConv(inputs, 3072, 1), Head(3072, classes)

    def forward(self, x):
        for name in ("conv1", "conv2", "conv3"):
            x = scaled_gelu(self.stem[name](x))
        return self.head(scaled_gelu(self.final_conv(self.stages(self.stem["conv4"](x)))))


def torchvision(name):
    import torchvision.models

    return getattr(torchvision.models, name)()


MODELS = {
    "vit_base_patch16_224": lambda: VisionTransformer(768, 12, 12),
    "vit_tiny_patch16_224": lambda: VisionTransformer(192, 12, 3),
    "vit_small_patch16_224": lambda: VisionTransformer(384, 12, 6),
    "clip_rn50_visual": ClipResNet,
    "dm_nfnet_f0": NFNetF0,
    **{name: (lambda name=name: torchvision(name)) for name in ("resnet18", "resnet50", "regnet_y_400mf", "regnet_y_8gf")},
}
