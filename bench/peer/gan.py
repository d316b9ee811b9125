"""A step of adversarial training in PyTorch, as bench/Sconce.Bench/Generation has it; prints one line of JSON."""
import copy
import math
import os
import sys
import time

import numpy
import torch
import torch.nn.functional as F

from gan_networks import DcDiscriminator, DcGenerator, SnDiscriminator, SnGenerator
from measuring import answer, elapsed, median
from style_networks import StyleDiscriminator, StyleGenerator, SwaganDiscriminator, SwaganGenerator

CHANNELS, R1, R1_EVERY, PATH, PATH_EVERY = 128, 10, 16, 2, 4

name, folder = sys.argv[1:]
styles, augmented = name in ("stylegan2", "swagan"), name == "dcgan_augmented"
generator, discriminator, latent = {
    "dcgan": lambda: (DcGenerator(), DcDiscriminator(), 100),
    "dcgan_augmented": lambda: (DcGenerator(), DcDiscriminator(), 100),
    "stylegan2": lambda: (StyleGenerator(CHANNELS), StyleDiscriminator(CHANNELS), 512),
    "swagan": lambda: (SwaganGenerator(CHANNELS), SwaganDiscriminator(CHANNELS), 512),
    "sngan": lambda: (SnGenerator(), SnDiscriminator(), 128),
}[name]()
generator.load_state_dict(torch.load(os.path.join(folder, name + "-g.pth")))
discriminator.load_state_dict(torch.load(os.path.join(folder, name + "-d.pth")))
average = copy.deepcopy(generator).requires_grad_(False)
reals = torch.from_numpy(numpy.load(os.path.join(folder, name + "-reals.npy")))
batch, decay, mean_length = len(reals), 0.5 ** (len(reals) / 10_000), torch.zeros(())


def adam(network, share):
    rate, first, second = (2e-3, 0.0, 0.99) if styles else (2e-4, 0.5, 0.999)
    return torch.optim.Adam(network.parameters(), rate * share, (first ** share, second ** share))


painting = adam(generator, PATH_EVERY / (PATH_EVERY + 1) if styles else 1)
judging = adam(discriminator, R1_EVERY / (R1_EVERY + 1) if styles else 1)


def augment(x):
    """DiffAugment's color, translation and cutout, as its authors' code, with the random numbers drawn at once."""
    amounts, _ = torch.rand(7, len(x)), torch.rand(3, len(x))
    r = amounts[:3, :, None, None, None]
    x = x + (r[0] - 0.5)
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * (r[1] * 2) + grey
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * (r[2] + 0.5) + mean
    n, _, h, w = x.shape
    shift_h, shift_w = int(h / 8 + 0.5), int(w / 8 + 0.5)
    whole = lambda row, choices: (row * choices).floor().clamp(0, choices - 1).long()[:, None, None]
    example, row, column = torch.meshgrid(torch.arange(n), torch.arange(h), torch.arange(w), indexing="ij")
    row = (row + whole(amounts[3], 2 * shift_h + 1) - shift_h + 1).clamp(0, h + 1)
    column = (column + whole(amounts[4], 2 * shift_w + 1) - shift_w + 1).clamp(0, w + 1)
    x = F.pad(x, (1, 1, 1, 1)).permute(0, 2, 3, 1).contiguous()[example, row, column].permute(0, 3, 1, 2).contiguous()
    hole_h, hole_w = h // 2, w // 2
    example, row, column = torch.meshgrid(torch.arange(n), torch.arange(hole_h), torch.arange(hole_w), indexing="ij")
    row = (row + whole(amounts[5], h + 1 - hole_h % 2) - hole_h // 2).clamp(0, h - 1)
    column = (column + whole(amounts[6], w + 1 - hole_w % 2) - hole_w // 2).clamp(0, w - 1)
    mask = torch.ones(n, h, w)
    mask[example, row, column] = 0
    return x * mask[:, None]


def judged(x):
    return discriminator(augment(x) if augmented else x)


def learn(optimizer, other, loss):
    other.requires_grad_(False)
    optimizer.zero_grad(set_to_none=True)
    value = loss()
    value.backward()
    optimizer.step()
    other.requires_grad_(True)
    return value.item()


def discriminator_loss():
    with torch.no_grad():
        fakes = generator(torch.randn(batch, latent))
    real, fake = judged(reals), judged(fakes)
    if name == "sngan":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss():
    fake = judged(generator(torch.randn(batch, latent)))
    return -fake.mean() if name == "sngan" else F.softplus(-fake).mean()


def penalty():
    x = reals.clone().requires_grad_()
    gradient, = torch.autograd.grad(judged(x).sum(), x, create_graph=True)
    return gradient.square().flatten(1).sum(1).mean() * (R1 / 2 * R1_EVERY)


def path_penalty():
    global mean_length
    latents = generator.latents(torch.randn(batch // 2, latent))
    pictures = generator.synthesize(latents)
    noise = torch.randn_like(pictures) / math.sqrt(pictures.shape[2] * pictures.shape[3])
    gradient, = torch.autograd.grad((pictures * noise).sum(), latents, create_graph=True)
    lengths = gradient.square().sum(2).mean(1).sqrt()
    moved = mean_length + (lengths.mean() - mean_length) * 0.01
    mean_length = moved.detach()
    return (lengths - moved).square().mean() * (PATH * PATH_EVERY)


def paint():
    loss = learn(painting, discriminator, generator_loss)
    with torch.no_grad():
        for kept, now in zip(average.parameters(), generator.parameters()):
            kept.mul_(decay).add_(now, alpha=1 - decay)
        for kept, now in zip(average.buffers(), generator.buffers()):
            kept.copy_(now)
    return loss


updates = [(1, lambda: learn(judging, generator, discriminator_loss)), (1, paint)]
if styles:
    updates.insert(1, (R1_EVERY, lambda: learn(judging, generator, penalty)))
    updates.append((PATH_EVERY, lambda: learn(painting, discriminator, path_penalty)))
torch.manual_seed(11)
losses = [update() for _ in range(2) for _, update in updates]
times, begun = [[] for _ in updates], time.perf_counter()
while len(times[0]) < 3 or time.perf_counter() - begun < 6:
    for (_, update), taken in zip(updates, times):
        taken.append(elapsed(update))
answer(sum(median(taken) / every for taken, (every, _) in zip(times, updates)), losses=losses)
