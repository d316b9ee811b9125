"""Formula-made numbers (tests/Sconce.Parity/Formula.cs) for the figures that PyTorch gives."""
import numpy as np
import torch

MASK = (1 << 64) - 1


def unit(key, count):
    h = 0xCBF29CE484222325
    for b in key.encode():
        h = ((h ^ b) * 0x100000001B3) & MASK
    i = np.arange(1, count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        x = np.uint64(h) + i * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(40)).astype(np.float64) / 8388608.0 - 1


def floats(key, shape, mean=0.0, amp=1.0):
    count = int(np.prod(shape)) if len(shape) else 1
    return torch.from_numpy((mean + amp * unit(key, count)).astype(np.float32).reshape(shape))


def sample(tensor, most=24):
    """The root mean square, then up to 24 numbers at equal distances."""
    flat = tensor.detach().double().flatten()
    count = flat.numel()
    k = min(count, most)
    values = [float(flat.pow(2).mean().sqrt())] + [float(flat[j * count // k]) for j in range(k)]
    return [float(f"{v:.8g}") for v in values]
