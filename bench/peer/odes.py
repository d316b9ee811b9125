"""Aphynity's forecasters in PyTorch eager, by the same steps of the 3/8 rule; prints one line of JSON."""
import json
import math
import os
import sys
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(int(os.environ.get("SCONCE_BENCH_THREADS", "2")))
what, problem, folder = sys.argv[1:]
TIMES = 20
weights = torch.load(os.path.join(folder, problem + ".pth"))
start = torch.from_numpy(np.load(os.path.join(folder, problem + ".npy")))


class Pendulum(nn.Module):
    interval = 0.5

    def __init__(self):
        super().__init__()
        self.stiffness, self.friction = nn.Parameter(torch.tensor(0.2)), nn.Parameter(torch.tensor(0.1))
        self.net = nn.Sequential(nn.Linear(2, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 2))

    def forward(self, state):
        angle, speed = state[:, 0], state[:, 1]
        law = torch.stack([speed, -self.stiffness * angle.sin() - self.friction * speed], 1)
        return law + self.net(state)


class ReactionDiffusion(nn.Module):
    interval = 0.1

    def __init__(self):
        super().__init__()
        self.a, self.b, self.k = (nn.Parameter(torch.tensor(-2.0)) for _ in range(3))
        self.register_buffer("laplacian", weights["model_phy._laplacian"])
        norm = lambda: nn.BatchNorm2d(16, track_running_stats=False)
        self.net = nn.Sequential(
            nn.Conv2d(2, 16, 3, padding=1, bias=False), norm(), nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1, bias=False), norm(), nn.ReLU(), nn.Conv2d(16, 2, 3, padding=1))

    def diffused(self, field):
        return nn.functional.conv2d(nn.functional.pad(field, (1, 1, 1, 1), mode="circular"), self.laplacian)

    def forward(self, state):
        u, v = state[:, :1], state[:, 1:]
        a, b, k = (value.sigmoid() * 1e-2 for value in (self.a, self.b, self.k))
        du = a * self.diffused(u) + u - u ** 3 - v - k
        dv = b * self.diffused(v) + u - v
        return torch.cat([du, dv], 1) + self.net(state)


def solve(f, state, step):
    states = [state]
    for _ in range(TIMES - 1):
        k1 = f(state)
        k2 = f(state + step / 3 * k1)
        k3 = f(state + step * (k2 - k1 / 3))
        k4 = f(state + step * (k1 - k2 + k3))
        state = state + step / 8 * (k1 + 3 * (k2 + k3) + k4)
        states.append(state)
    return torch.stack(states)


model = Pendulum() if problem == "pendulum" else ReactionDiffusion()
model.net.load_state_dict({key[len("model_aug.net."):]: value for key, value in weights.items() if key.startswith("model_aug.net.")})


def step():
    if what == "forward":
        with torch.inference_mode():
            return solve(model, start, model.interval).square().mean()
    for parameter in model.parameters():
        parameter.grad = None
    loss = solve(model, start, model.interval).square().mean()
    loss.backward()
    return loss.detach()


for _ in range(2):
    step()
times = []
while len(times) < 5 or sum(times) < 3:
    begin = time.perf_counter()
    loss = float(step())
    times.append(time.perf_counter() - begin)
losses = [loss]
if what == "gradients":
    losses.append(math.log(sum(float(p.grad.square().sum()) for p in model.parameters() if p.grad is not None)))
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"seconds": sorted(times)[len(times) // 2], "losses": losses, "peak_kilobytes": peak}))
