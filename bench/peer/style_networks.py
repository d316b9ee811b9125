"""
StyleGAN2 and SWAGAN in PyTorch with rosinality's keys. Styles scale activations instead of each example's weights, and filters are
depthwise convolutions, as NVIDIA's own PyTorch code trains.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


def upfirdn(x, kernel, up=1, down=1, pad=(0, 0)):
    n, c, h, w = x.shape
    if up > 1:
        x = F.pad(x.view(n, c, h, 1, w, 1), (0, up - 1, 0, 0, 0, up - 1)).view(n, c, h * up, w * up)
    x = F.pad(x, (pad[0], pad[1], pad[0], pad[1]))
    return F.conv2d(x, kernel.flip((0, 1)).expand(c, 1, -1, -1), stride=down, groups=c)


def taps(gain=1.0):
    k = torch.tensor([1.0, 3.0, 3.0, 1.0])
    k = k[None] * k[:, None]
    return k / k.sum() * gain


class Fir(nn.Module):
    def __init__(self, pad, up=1, down=1, gain=1.0):
        super().__init__()
        self.register_buffer("kernel", taps(gain))
        self.pad, self.up, self.down = pad, up, down

    def forward(self, x):
        return upfirdn(x, self.kernel, self.up, self.down, self.pad)


class FusedLeakyRelu(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.leaky_relu(x + self.bias[:, None, None], 0.2) * math.sqrt(2)


class EqualLinear(nn.Module):
    def __init__(self, inputs, outputs, rate=1.0, activated=False, start=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), start))
        self.scale, self.rate, self.activated = rate / math.sqrt(inputs), rate, activated

    def forward(self, x):
        x = F.linear(x, self.weight * self.scale, self.bias * self.rate)
        return F.leaky_relu(x, 0.2) * math.sqrt(2) if self.activated else x


class EqualConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, padding=0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale, self.stride, self.padding = 1 / math.sqrt(inputs * kernel ** 2), stride, padding

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, None, self.stride, self.padding)


def conv_layer(inputs, outputs, kernel, halved=False, activated=True):
    rest = 4 - 2 + kernel - 1
    layers = [Fir(((rest + 1) // 2, rest // 2))] if halved else []
    layers.append(EqualConv(inputs, outputs, kernel, 2 if halved else 1, 0 if halved else kernel // 2))
    return nn.Sequential(*layers, *([FusedLeakyRelu(outputs)] if activated else []))


class ModulatedConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, style, demodulate=True, doubled=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel, kernel))
        self.modulation = EqualLinear(style, inputs, start=1.0)
        self.blur = Fir((1, 1), gain=4.0) if doubled else None
        self.scale, self.demodulate = 1 / math.sqrt(inputs * kernel ** 2), demodulate

    def forward(self, x, style):
        factors, weight = self.modulation(style), self.weight[0] * self.scale
        x = x * factors[:, :, None, None]
        if self.blur is not None:
            x = self.blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2))
        else:
            x = F.conv2d(x, weight, padding=weight.shape[2] // 2)
        if not self.demodulate:
            return x
        lengths = (weight[None] * factors[:, None, :, None, None]).square().sum((2, 3, 4))
        return x * (lengths + 1e-8).rsqrt()[:, :, None, None]


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.weight * torch.randn(x.shape[0], 1, x.shape[2], x.shape[3])


class StyledConv(nn.Module):
    def __init__(self, inputs, outputs, style, doubled=False):
        super().__init__()
        self.conv, self.noise = ModulatedConv(inputs, outputs, 3, style, doubled=doubled), Noise()
        self.activate = FusedLeakyRelu(outputs)

    def forward(self, x, style):
        return self.activate(self.noise(self.conv(x, style)))


class ToRgb(nn.Module):
    def __init__(self, inputs, style, doubled, colours=3):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, colours, 1, 1))
        self.upsample = Fir((2, 1), up=2, gain=4.0) if doubled else None
        self.conv = ModulatedConv(inputs, colours, 1, style, demodulate=False)

    def forward(self, x, style, below=None):
        x = self.conv(x, style) + self.bias
        return x if below is None else x + self.doubled(below)

    def doubled(self, below):
        return self.upsample(below)


class Haar(nn.Module):
    def __init__(self, inverse):
        super().__init__()
        low, high = torch.full((1, 2), 1 / math.sqrt(2)), torch.tensor([[-1.0, 1.0]]) / math.sqrt(2)
        sign = -1 if inverse else 1
        for name, kernel in (("ll", low.T * low), ("lh", sign * high.T * low), ("hl", sign * low.T * high), ("hh", high.T * high)):
            self.register_buffer(name, kernel)
        self.inverse = inverse

    def forward(self, x):
        bands = (self.ll, self.lh, self.hl, self.hh)
        if self.inverse:
            return sum(upfirdn(part, band, up=2, pad=(1, 0)) for part, band in zip(x.chunk(4, 1), bands))
        return torch.cat([upfirdn(x, band, down=2) for band in bands], 1)


class ToBands(ToRgb):
    def __init__(self, inputs, style, doubled):
        super().__init__(inputs, style, doubled, 12)
        self.iwt, self.dwt = (Haar(True), Haar(False)) if doubled else (None, None)

    def doubled(self, below):
        return self.dwt(self.upsample(self.iwt(below)))


class PixelNorm(nn.Module):
    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


class Constant(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, 4, 4))


class StyleGenerator(nn.Module):
    def __init__(self, channels, levels=6, style=512, output=ToRgb):
        super().__init__()
        self.style = nn.Sequential(PixelNorm(), *(EqualLinear(style, style, 0.01, True) for _ in range(8)))
        self.input, self.conv1, self.to_rgb1 = Constant(channels), StyledConv(channels, channels, style), output(channels, style, False)
        self.convs = nn.ModuleList(StyledConv(channels, channels, style, k % 2 == 0) for k in range(2 * (levels - 2)))
        self.to_rgbs = nn.ModuleList(output(channels, style, True) for _ in range(levels - 2))
        self.noises = nn.Module()
        for k in range(2 * (levels - 2) + 1):
            side = 2 ** ((k + 5) // 2)
            self.noises.register_buffer(f"noise_{k}", torch.randn(1, 1, side, side))
        self.layers = 2 * levels - 2

    def latents(self, z):
        return self.style(z)[:, None].repeat(1, self.layers, 1)

    def synthesize(self, latents):
        x = self.conv1(self.input.input.expand(latents.shape[0], -1, -1, -1), latents[:, 0])
        out = self.to_rgb1(x, latents[:, 1])
        for k, to_rgb in enumerate(self.to_rgbs):
            x = self.convs[2 * k](x, latents[:, 2 * k + 1])
            x = self.convs[2 * k + 1](x, latents[:, 2 * k + 2])
            out = to_rgb(x, latents[:, 2 * k + 3], out)
        return out

    def forward(self, z):
        return self.synthesize(self.latents(z))


class SwaganGenerator(StyleGenerator):
    def __init__(self, channels):
        super().__init__(channels, levels=5, output=ToBands)
        self.iwt = Haar(True)

    def synthesize(self, latents):
        return self.iwt(super().synthesize(latents))


class ResBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.conv2 = conv_layer(channels, channels, 3), conv_layer(channels, channels, 3, halved=True)
        self.skip = conv_layer(channels, channels, 1, halved=True, activated=False)

    def forward(self, x):
        return (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2)


class Judge(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.final_conv = conv_layer(channels + 1, channels, 3)
        self.final_linear = nn.Sequential(EqualLinear(16 * channels, channels, activated=True), EqualLinear(channels, 1))

    def judge(self, x):
        n, c, h, w = x.shape
        group = min(n, 4)
        deviation = (x.view(group, n // group, c, h, w).var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3), keepdim=True)
        x = torch.cat([x, deviation.repeat(group, 1, h, w)], 1)
        return self.final_linear(self.final_conv(x).flatten(1))


class StyleDiscriminator(Judge):
    def __init__(self, channels, levels=6):
        super().__init__(channels)
        self.convs = nn.Sequential(conv_layer(3, channels, 1), *(ResBlock(channels) for _ in range(levels - 2)))

    def forward(self, x):
        return self.judge(self.convs(x))


class FromBands(nn.Module):
    def __init__(self, channels, halved):
        super().__init__()
        self.iwt, self.downsample, self.dwt = (Haar(True), Fir((1, 1), down=2), Haar(False)) if halved else (None, None, None)
        self.conv = conv_layer(12, channels, 3)


class SwaganBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.conv2 = conv_layer(channels, channels, 3), conv_layer(channels, channels, 3, halved=True)

    def forward(self, x):
        return self.conv2(self.conv1(x))


class SwaganDiscriminator(Judge):
    def __init__(self, channels, levels=6):
        super().__init__(channels)
        self.dwt = Haar(False)
        self.from_rgbs = nn.ModuleList(FromBands(channels, k > 0) for k in range(levels - 2))
        self.convs = nn.ModuleList(SwaganBlock(channels) for _ in range(levels - 3))

    def forward(self, x):
        bands = self.dwt(x)
        x = self.from_rgbs[0].conv(bands)
        for level, block in zip(self.from_rgbs[1:], self.convs):
            bands = level.dwt(level.downsample(level.iwt(bands)))
            x = level.conv(bands) + block(x)
        return self.judge(x)
