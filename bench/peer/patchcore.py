"""PatchCore as anomalib has it, in PyTorch and NumPy: fitting, and inspection of a picture; prints one line of JSON."""
import glob
import json
import math
import os
import sys
import time

import numpy as np
import torch
import torchvision
from torch.nn import functional as F

torch.set_num_threads(int(os.environ.get("SCONCE_BENCH_THREADS", "2")))
MEAN, STD = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
NEIGHBOURS, SIGMA, SIDE, THIRDS = 9, 4.0, 224, 3


def read(path):
    return (torchvision.io.read_image(path, torchvision.io.ImageReadMode.RGB).float() / 255 - MEAN) / STD


class Trunk(torch.nn.Module):
    """torchvision's network as far as its third stage."""

    def __init__(self, folder):
        super().__init__()
        net = torchvision.models.wide_resnet50_2()
        net.load_state_dict(torch.load(os.path.join(folder, "wide_resnet50_2.pth")))
        self.stem = torch.nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool, net.layer1)
        self.layer2, self.layer3 = net.layer2, net.layer3

    def forward(self, pictures):
        second = self.layer2(self.stem(pictures))
        maps = [F.avg_pool2d(m, 3, 1, 1) for m in (second, self.layer3(second))]
        maps[1] = F.interpolate(maps[1], size=maps[0].shape[-2:], mode="bilinear", align_corners=False)
        return torch.cat(maps, 1).flatten(2).transpose(1, 2).contiguous()  # (N, patches, channels)


def coreset(rows, projection, start, count):
    """The greedy k-centre choice: the start is a centre, but is not kept."""
    seen, nearest, chosen, index = rows @ projection, None, [], start
    for _ in range(count):
        distance = F.pairwise_distance(seen, seen[index : index + 1])
        nearest = distance if nearest is None else torch.minimum(nearest, distance)
        index = int(nearest.argmax())
        nearest[index] = 0
        chosen.append(index)
    return rows[chosen]


def bank_of(features, folder):
    pictures, rows = len(features), features.flatten(0, 1)
    projection = torch.from_numpy(np.load(os.path.join(folder, f"projection-{pictures}.npy")))
    start = int(np.load(os.path.join(folder, f"start-{pictures}.npy"))[0])
    return coreset(rows, projection, start, int(len(rows) * 0.1))


def distances(x, y):
    squares = x.pow(2).sum(-1, keepdim=True) - 2 * x @ y.transpose(-2, -1) + y.pow(2).sum(-1, keepdim=True).transpose(-2, -1)
    return squares.clamp(min=0).sqrt()


def kernel():
    radius = int(4 * SIGMA + 0.5)
    line = torch.exp(-torch.arange(-radius, radius + 1).float().pow(2) / (2 * SIGMA**2))
    return line / line.sum(), radius


def blurred(maps):
    line, radius = kernel()
    maps = F.pad(maps, (radius,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(maps, line.view(1, 1, 1, -1)), line.view(1, 1, -1, 1))


def score(features, bank):
    pictures, patches, width = features.shape
    near, places = distances(features.flatten(0, 1), bank).min(1)
    near, places = near.view(pictures, patches), places.view(pictures, patches)
    most, farthest = near.max(1)
    own = features[torch.arange(pictures), farthest]
    nearest = bank[places[torch.arange(pictures), farthest]]
    around = distances(nearest, bank).topk(NEIGHBOURS, largest=False)[1]
    weights = 1 - F.softmax(distances(own.unsqueeze(1), bank[around]).squeeze(1), 1)[:, 0]
    side = int(math.sqrt(patches))
    maps = blurred(F.interpolate(near.view(pictures, 1, side, side), size=(SIDE, SIDE)))
    return weights * most, maps


def threshold(features, folder):
    """Every part asked of a bank that has not seen it; the 99th percentile, or three deviations where they are few."""
    held = []
    for third in range(THIRDS):
        asked = [k for k in range(len(features)) if k % THIRDS == third]
        kept = [k for k in range(len(features)) if k % THIRDS != third]
        bank = bank_of(features[kept], folder)
        held += [s for k in range(0, len(asked), 8) for s in score(features[asked[k : k + 8]], bank)[0].tolist()]
    return max(float(np.quantile(held, 0.99)), float(np.mean(held) + 3 * np.std(held)))


def fit(folder):
    begin = time.perf_counter()
    trunk = Trunk(folder).eval()
    paths = sorted(glob.glob(os.path.join(folder, "parts", "good", "*.png")))
    parts = [trunk(torch.stack([read(path) for path in paths[k : k + 8]])) for k in range(0, len(paths), 8)]
    features = torch.cat(parts)
    bank = bank_of(features, folder)
    line = threshold(features, folder)
    seconds = time.perf_counter() - begin
    asked = torch.stack([read(path) for path in sorted(glob.glob(os.path.join(folder, "asked", "*.png")))])
    return {"seconds": seconds, "losses": score(trunk(asked), bank)[0].tolist() + [line]}


def inspect(folder):
    trunk, bank = Trunk(folder).eval(), torch.from_numpy(np.load(os.path.join(folder, "bank.npy")))
    pictures = [torchvision.io.read_image(path, torchvision.io.ImageReadMode.RGB)
                for path in sorted(glob.glob(os.path.join(folder, "asked", "*.png")))]

    def ask(picture):
        scores, maps = score(trunk(((picture.float() / 255 - MEAN) / STD).unsqueeze(0)), bank)
        return float(scores), maps.numpy()

    for _ in range(2):
        ask(pictures[-1])
    times = []
    while len(times) < 5 or sum(times) < 3:
        begin = time.perf_counter()
        ask(pictures[-1])
        times.append(time.perf_counter() - begin)
    found = [ask(picture) for picture in pictures]
    losses = [one for one, _ in found] + [float(maps.mean()) for _, maps in found]
    return {"seconds": sorted(times)[len(times) // 2], "losses": losses}


with torch.inference_mode():
    result = {"fit": fit, "inspect": inspect}[sys.argv[1]](sys.argv[2])
with open("/proc/self/status") as status:
    result["peak_kilobytes"] = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps(result))
