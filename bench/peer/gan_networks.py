"""DCGAN (zju-vipa/OSGAN's) and SNGAN (VITA-Group's for CIFAR-10) in PyTorch, with the official keys."""
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import spectral_norm


class DcGenerator(nn.Module):
    def __init__(self, latent=100, width=128):
        super().__init__()
        self.deconv1, self.deconv1_bn = nn.ConvTranspose2d(latent, 8 * width, 4, 1, 0), nn.BatchNorm2d(8 * width)
        self.deconv2, self.deconv2_bn = nn.ConvTranspose2d(8 * width, 4 * width, 4, 2, 1), nn.BatchNorm2d(4 * width)
        self.deconv3, self.deconv3_bn = nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1), nn.BatchNorm2d(2 * width)
        self.deconv4, self.deconv4_bn = nn.ConvTranspose2d(2 * width, width, 4, 2, 1), nn.BatchNorm2d(width)
        self.deconv5 = nn.ConvTranspose2d(width, 3, 4, 2, 1)

    def forward(self, z):
        x = z[:, :, None, None]
        for k in range(1, 5):
            x = F.relu(getattr(self, f"deconv{k}_bn")(getattr(self, f"deconv{k}")(x)), inplace=True)
        return self.deconv5(x).tanh()


class DcDiscriminator(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 4, 2, 1)
        self.conv2, self.conv2_bn = nn.Conv2d(width, 2 * width, 4, 2, 1), nn.BatchNorm2d(2 * width)
        self.conv3, self.conv3_bn = nn.Conv2d(2 * width, 4 * width, 4, 2, 1), nn.BatchNorm2d(4 * width)
        self.conv4, self.conv4_bn = nn.Conv2d(4 * width, 8 * width, 4, 2, 1), nn.BatchNorm2d(8 * width)
        self.conv5 = nn.Conv2d(8 * width, 1, 4, 1, 0)

    def forward(self, x):
        x = F.leaky_relu(self.conv1(x), 0.2)
        for k in range(2, 5):
            x = F.leaky_relu(getattr(self, f"conv{k}_bn")(getattr(self, f"conv{k}")(x)), 0.2, inplace=True)
        return self.conv5(x).flatten()


class SnGenBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(width, width, 3, 1, 1), nn.Conv2d(width, width, 3, 1, 1)
        self.b1, self.b2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.c_sc = nn.Conv2d(width, width, 1)

    def forward(self, x):
        h = self.c1(F.interpolate(F.relu(self.b1(x), inplace=True), scale_factor=2))
        h = self.c2(F.relu(self.b2(h), inplace=True))
        return h + self.c_sc(F.interpolate(x, scale_factor=2))


class SnGenerator(nn.Module):
    def __init__(self, latent=128, bottom=4, width=256):
        super().__init__()
        self.l1, self.width, self.bottom = nn.Linear(latent, bottom * bottom * width), width, bottom
        self.block2, self.block3, self.block4 = SnGenBlock(width), SnGenBlock(width), SnGenBlock(width)
        self.b5, self.c5 = nn.BatchNorm2d(width), nn.Conv2d(width, 3, 3, 1, 1)

    def forward(self, z):
        h = self.l1(z).view(-1, self.width, self.bottom, self.bottom)
        h = self.block4(self.block3(self.block2(h)))
        return self.c5(F.relu(self.b5(h), inplace=True)).tanh()


class SnDisBlock(nn.Module):
    def __init__(self, inputs, outputs, first, halve):
        super().__init__()
        self.first, self.halve = first, halve
        self.c1, self.c2 = spectral_norm(nn.Conv2d(inputs, outputs, 3, 1, 1)), spectral_norm(nn.Conv2d(outputs, outputs, 3, 1, 1))
        self.c_sc = spectral_norm(nn.Conv2d(inputs, outputs, 1)) if inputs != outputs or halve else None

    def forward(self, x):
        h = self.c2(F.relu(self.c1(x if self.first else F.relu(x)), inplace=True))
        h = F.avg_pool2d(h, 2) if self.halve else h
        if self.c_sc is None:
            return h + x
        if self.first:
            return h + self.c_sc(F.avg_pool2d(x, 2))
        return h + (F.avg_pool2d(self.c_sc(x), 2) if self.halve else self.c_sc(x))


class SnDiscriminator(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.block1, self.block2 = SnDisBlock(3, width, True, True), SnDisBlock(width, width, False, True)
        self.block3, self.block4 = SnDisBlock(width, width, False, False), SnDisBlock(width, width, False, False)
        self.l5 = spectral_norm(nn.Linear(width, 1, bias=False))

    def forward(self, x):
        h = self.block4(self.block3(self.block2(self.block1(x))))
        return self.l5(F.relu(h, inplace=True).sum((2, 3)))
