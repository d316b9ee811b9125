"""Makes the reference files beside it: python3 make.py (PyTorch 1.13, NumPy). Values are formulas, so that the tests know them."""
import argparse
import pathlib

import numpy as np
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 3)
        self.register_buffer("scale", torch.ones(1))
        self.size = 7
        self.sizes = [1, 2]
        self.table = {"a": torch.ones(2)}

    def forward(self, x):
        return self.fc(x) * self.scale + torch.tensor([1.0, 2.0, 3.0])


def count(shape, dtype=torch.float32, start=0):
    n = int(np.prod(shape))
    return torch.arange(start, start + n).reshape(shape).to(dtype)


script = torch.jit.script(nn.Sequential(Block(), nn.BatchNorm1d(3)).half().eval())
with torch.no_grad():
    for i, p in enumerate(script.parameters()):
        p.copy_(count(p.shape, start=10 * i))
script.save("script.pt")

shared = count((4, 6))
model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
with torch.no_grad():
    for i, p in enumerate(model.parameters()):
        p.copy_(count(p.shape, start=10 * i))
types = {str(t)[6:]: count((3,), t) for t in (
    torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
    torch.complex64, torch.complex128, torch.bool)}
training = {
    "epoch": 12,
    "best_acc1": torch.tensor(76.5),
    "args": argparse.Namespace(lr=0.1, name="vit", out=pathlib.PurePosixPath("/a/b")),
    "state_dict": {
        **{"module." + k: v for k, v in types.items()},
        "module.whole": shared,
        "module.transposed": shared.t(),
        "module.window": shared[1:3, 2:5],
        "module.repeated": count((3, 1)).expand(3, 4),
        "module.empty": torch.zeros(0, 3),
        "module.parameter": nn.Parameter(count((2,))),
        "module.array": np.arange(6, dtype=">f4").reshape(2, 3, order="F"),
    },
    "state_dict_ema": {"module.whole": shared * 2},
    "score": np.float64(3.5),
    "hits": np.int64(-3),
    "size": torch.Size([1, 2]),
    "device": torch.device("cuda:0"),
    "dtype": torch.float16,
    "big": 2 ** 70,
    "labels": ["cat", "dog"],
    "rng": torch.get_rng_state()[:4].clone(),
}
torch.save(training, "training.pth")
torch.save(training, "training-legacy.th", _use_new_zipfile_serialization=False)
torch.save(training, "training-protocol4.pth", pickle_protocol=4)
torch.save({"model": model}, "module.pt")
np.savez_compressed("arrays.npz", **{"a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "bias": np.arange(3, dtype=np.int64)})
