"""Writes optimizers.json: PyTorch's own results over six steps on given gradients. Run with a python3 that has torch."""
import json
import math
import pathlib
import torch
from formula import floats, sample

SHAPES = {"w": (3, 4), "k": (2, 3, 2, 2), "b": (5,)}
STEPS = 6


class RMSpropTF(torch.optim.Optimizer):
    """TensorFlow's rule as timm states it: mean square from 1, eps in the root, learning rate in the momentum."""

    def __init__(self, params, lr, alpha, eps, momentum=0.0, centered=False, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, alpha=alpha, eps=eps, momentum=momentum, centered=centered, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s["sq"], s["mean"], s["buf"] = torch.ones_like(p), torch.zeros_like(p), torch.zeros_like(p)
                g = p.grad + group["weight_decay"] * p
                keep = group["alpha"]
                s["sq"] += (1 - keep) * (g * g - s["sq"])
                avg = s["sq"]
                if group["centered"]:
                    s["mean"] += (1 - keep) * (g - s["mean"])
                    avg = avg - s["mean"] ** 2
                root = (avg + group["eps"]).sqrt()
                if group["momentum"] > 0:
                    s["buf"].mul_(group["momentum"]).add_(group["lr"] * g / root)
                    p -= s["buf"]
                else:
                    p -= group["lr"] * g / root


def run(make, groups=False):
    p = {name: floats(name, shape).requires_grad_() for name, shape in SHAPES.items()}
    params = [{"params": [p["w"], p["k"]]}, {"params": [p["b"]], "lr": 0.02, "weight_decay": 0.0}] if groups else list(p.values())
    optimizer = make(params)
    seen = {}
    for step in range(STEPS):
        for name, shape in SHAPES.items():
            # The bias has no gradient at two steps: it must stay as it is, and its own step count too.
            p[name].grad = None if name == "b" and step in (0, 3) else floats(f"g{step}.{name}", shape, amp=0.5)
        optimizer.step()
        if step in (0, 1, STEPS - 1):
            seen[str(step)] = {name: sample(t) for name, t in p.items()}
    return seen


o = torch.optim
optimizers = {
    "sgd": run(lambda p: o.SGD(p, lr=0.1)),
    "sgd-decay": run(lambda p: o.SGD(p, lr=0.1, weight_decay=0.05)),
    "sgd-momentum": run(lambda p: o.SGD(p, lr=0.1, momentum=0.9)),
    "sgd-dampening": run(lambda p: o.SGD(p, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.01)),
    "sgd-nesterov": run(lambda p: o.SGD(p, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.01)),
    "sgd-groups": run(lambda p: o.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05), groups=True),
    "adam": run(lambda p: o.Adam(p, lr=0.05)),
    "adam-decay": run(lambda p: o.Adam(p, lr=0.05, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1)),
    "adam-amsgrad": run(lambda p: o.Adam(p, lr=0.05, betas=(0.5, 0.6), amsgrad=True)),
    "adam-gan": run(lambda p: o.Adam(p, lr=0.002, betas=(0.0, 0.99))),
    "adam-groups": run(lambda p: o.Adam(p, lr=0.05, weight_decay=0.1), groups=True),
    "adamw": run(lambda p: o.AdamW(p, lr=0.05)),
    "adamw-decay": run(lambda p: o.AdamW(p, lr=0.05, weight_decay=0.3, amsgrad=True)),
    "adamw-groups": run(lambda p: o.AdamW(p, lr=0.05, weight_decay=0.3), groups=True),
    "rmsprop": run(lambda p: o.RMSprop(p, lr=0.01)),
    "rmsprop-centered": run(lambda p: o.RMSprop(p, lr=0.01, alpha=0.9, centered=True, weight_decay=0.05)),
    "rmsprop-momentum": run(lambda p: o.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.7, eps=1e-3)),
    "rmsprop-both": run(lambda p: o.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.7, centered=True), groups=True),
    "rmsprop-tensorflow": run(lambda p: RMSpropTF(p, lr=0.01, alpha=0.9, eps=1e-3, weight_decay=0.05)),
    "rmsprop-tensorflow-momentum": run(lambda p: RMSpropTF(p, lr=0.01, alpha=0.9, eps=1e-3, momentum=0.9)),
    "rmsprop-tensorflow-centered": run(lambda p: RMSpropTF(p, lr=0.01, alpha=0.9, eps=1e-3, momentum=0.9, centered=True)),
}


def clipped(clip):
    p = [floats(name, shape).requires_grad_() for name, shape in SHAPES.items()]
    for t, (name, shape) in zip(p, SHAPES.items()):
        t.grad = floats(f"g0.{name}", shape, amp=0.5)
    norm = clip(p)
    return {"norm": 0 if norm is None else float(norm), "gradients": [sample(t.grad) for t in p]}


u = torch.nn.utils
clips = {
    "norm-1": clipped(lambda p: u.clip_grad_norm_(p, 0.7)),
    "norm-large": clipped(lambda p: u.clip_grad_norm_(p, 100.0)),
    "norm-one": clipped(lambda p: u.clip_grad_norm_(p, 2.0, norm_type=1)),
    "norm-three": clipped(lambda p: u.clip_grad_norm_(p, 0.5, norm_type=3)),
    "norm-infinity": clipped(lambda p: u.clip_grad_norm_(p, 0.1, norm_type=math.inf)),
    "value": clipped(lambda p: u.clip_grad_value_(p, 0.15)),
}


def rates(make, steps=20, lr=0.5):
    optimizer = o.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedule = make(optimizer)
    out = []
    for _ in range(steps):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return out


s = o.lr_scheduler
schedules = {
    "cosine": rates(lambda x: s.CosineAnnealingLR(x, T_max=20, eta_min=0.01)),
    "step": rates(lambda x: s.StepLR(x, step_size=6, gamma=0.3)),
    "multistep": rates(lambda x: s.MultiStepLR(x, milestones=[3, 9, 15], gamma=0.2)),
    "exponential": rates(lambda x: s.ExponentialLR(x, gamma=0.9)),
    "polynomial": rates(lambda x: s.PolynomialLR(x, total_iters=15, power=2.0)),
    "linear": rates(lambda x: s.LinearLR(x, start_factor=0.1, end_factor=1.0, total_iters=8)),
    "one-cycle": rates(lambda x: s.OneCycleLR(x, max_lr=0.5, total_steps=20)),
    "one-cycle-early": rates(lambda x: s.OneCycleLR(x, max_lr=0.5, total_steps=20, pct_start=0.1, div_factor=10, final_div_factor=100)),
    "sequence": rates(lambda x: s.SequentialLR(x, [s.LinearLR(x, 0.2, 1.0, total_iters=4), s.CosineAnnealingLR(x, T_max=16)], milestones=[4])),
}

here = pathlib.Path(__file__).parent
(here / "optimizers.json").write_text(json.dumps({"optimizers": optimizers, "clips": clips, "schedules": schedules}, separators=(",", ":")) + "\n")
