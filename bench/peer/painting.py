"""
The descent of strokes (jiupinjia/stylized-neural-painting's painter.py) in PyTorch: oil strokes drawn by formula, or by the paper's
network; prints one line of JSON.
"""
import math
import os
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from measuring import answer

SIDE, PASSES, SHAPE, SHARPNESS = 128, 5, 5, 40


class Formula(nn.Module):
    """A turned rectangle with soft edges, one colour at its top and another at its foot."""

    reach = 0

    def __init__(self):
        super().__init__()
        self.register_buffer("centres", (torch.arange(SIDE) + 0.5) / SIDE)

    def forward(self, strokes):
        number = lambda k: strokes[:, k, None, None]
        dx, dy, angle = self.centres - number(0), self.centres[:, None] - number(1), number(4) * math.pi
        half_width, half_height, cos, sin = number(2) * 0.5, number(3) * 0.5, angle.cos(), -angle.sin()
        across, down = dx * cos - dy * sin, dx * sin + dy * cos
        mask = torch.sigmoid((half_width - across.abs()) * SHARPNESS) * torch.sigmoid((half_height - down.abs()) * SHARPNESS)
        along = (((down / (half_height + 1e-3)).clamp(-1, 1) + 1) / 2)[:, None]
        first, second = strokes[:, 5:8, None, None], strokes[:, 8:11, None, None]
        return first * (1 - along) + second * along, mask[:, None].expand(-1, 3, -1, -1)


class Rasterisation(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3, self.fc4 = nn.Linear(SHAPE, 512), nn.Linear(512, 1024), nn.Linear(1024, 2048), nn.Linear(2048, 4096)
        self.conv1, self.conv2 = nn.Conv2d(16, 32, 3, 1, 1), nn.Conv2d(32, 32, 3, 1, 1)
        self.conv3, self.conv4 = nn.Conv2d(8, 16, 3, 1, 1), nn.Conv2d(16, 16, 3, 1, 1)
        self.conv5, self.conv6 = nn.Conv2d(4, 8, 3, 1, 1), nn.Conv2d(8, 12, 3, 1, 1)

    def forward(self, x):
        for layer in (self.fc1, self.fc2, self.fc3, self.fc4):
            x = F.relu(layer(x), inplace=True)
        x = x.view(-1, 16, 16, 16)
        for first, second in ((self.conv1, self.conv2), (self.conv3, self.conv4), (self.conv5, self.conv6)):
            x = F.pixel_shuffle(second(F.relu(first(x), inplace=True)), 2)
        return x


class Shading(nn.Module):
    def __init__(self):
        super().__init__()
        layers, before = [], 12
        for k, width in enumerate((512, 512, 256, 128, 64)):
            layers += [nn.ConvTranspose2d(before, width, 4, 2 if k else 1, 1 if k else 0, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)]
            before = width
        self.main = nn.Sequential(*layers, nn.ConvTranspose2d(before, 6, 4, 2, 1, bias=False))

    def forward(self, x):
        return self.main(x[:, :, None, None])


class Network(nn.Module):
    reach = 1

    def __init__(self):
        super().__init__()
        self.huangnet, self.dcgan = Rasterisation(), Shading()

    def forward(self, strokes):
        mask = self.huangnet(strokes[:, :SHAPE])
        return self.dcgan(strokes)[:, :3] * mask, mask


name, each, steps, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
renderer = (Formula if name == "formula" else Network)().eval().requires_grad_(False)
if name != "formula":
    renderer.load_state_dict(torch.load(os.path.join(folder, "renderer.pth")))


def paint(strokes, canvas):
    cells, count, _ = strokes.shape
    foreground, alpha = renderer(strokes.reshape(cells * count, -1))
    if renderer.reach:
        foreground, alpha = F.max_pool2d(foreground, 3, 1, 1), -F.max_pool2d(-alpha, 3, 1, 1)
    foreground, alpha = (x.reshape(cells, count, 3, SIDE, SIDE) for x in (foreground, alpha))
    for k in range(count):
        canvas = foreground[:, k] * alpha[:, k] + canvas * (1 - alpha[:, k])
    return canvas


def clamp(strokes):
    strokes.data[:, :, :SHAPE].clamp_(0.1, 0.9)
    strokes.data.clamp_(0, 1)


losses, seconds = [], 0.0
for number in range(1, PASSES + 1):
    target, strokes = (torch.from_numpy(numpy.load(os.path.join(folder, f"{what}-{number}.npy"))) for what in ("target", "strokes"))
    begin = time.perf_counter()
    strokes.requires_grad_()
    optimizer = torch.optim.RMSprop([strokes], lr=0.002, centered=True)
    canvas = torch.zeros_like(target)
    for anchor in range(1, each + 1):
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            clamp(strokes)
            loss = (paint(strokes[:, :anchor], canvas) - target).abs().mean()
            loss.backward()
            clamp(strokes)
            optimizer.step()
            kept = loss.item()
        losses.append(kept)
        with torch.no_grad():
            paint(strokes[:, :anchor], canvas)
    seconds += time.perf_counter() - begin
answer(seconds, losses=losses)
