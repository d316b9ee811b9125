"""Makes resnet-*.json from torchvision's own ResNet: python3 make_resnet.py (torch and torchvision of any recent version)."""
import json
import os

import numpy as np
import torch
import torchvision
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.ops import FrozenBatchNorm2d

MASK = (1 << 64) - 1


def draws(key, count):
    h = 0xCBF29CE484222325
    for b in key.encode():
        h = ((h ^ b) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        x = np.uint64(h) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(40)).astype(np.float64) / 2.0**23 - 1


def fill(key, shape, mean, amp):
    values = mean + amp * draws(key, int(np.prod(shape)))
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def make(name, block, layers, shape, classes=1000, groups=1, width=64, dilate=(False, False, False), frozen=False, train=False, grads=False, samples=24):
    model = ResNet({"basic": BasicBlock, "bottleneck": Bottleneck}[block], layers, num_classes=classes, groups=groups, width_per_group=width,
                   replace_stride_with_dilation=list(dilate), norm_layer=FrozenBatchNorm2d if frozen else None)
    tensors = []
    for key, value in model.state_dict().items():
        entry = {"key": key, "shape": list(value.shape), "dtype": str(value.dtype)[6:]}
        if key.endswith("num_batches_tracked"):
            entry.update(keep=True, rms=0.0)
        else:
            if value.dim() > 1:
                mean, amp = 0.0, float(np.sqrt(6 / np.prod(value.shape[1:])))
            elif key.endswith("running_var"):
                mean, amp = 1.0, 0.3
            elif key.endswith("running_mean") or key.endswith("bias"):
                mean, amp = 0.0, 0.2
            else:
                mean, amp = (0.5 if key.endswith(("bn3.weight" if block == "bottleneck" else "bn2.weight")) else 1.0), 0.2
            entry.update(mean=mean, amp=round(amp, 8))
            value.copy_(fill(key, value.shape, mean, round(amp, 8)))
        tensors.append(entry)
    model.train(train)
    x = fill("in.x", shape, 0, 1.7)
    if grads:
        x.requires_grad_()
    found = {}
    for stage in ("layer1", "layer2", "layer3", "layer4"):
        getattr(model, stage).register_forward_hook(lambda _, __, out, stage=stage: found.__setitem__(stage, out))
    with torch.set_grad_enabled(grads):
        out = model(x)
    outputs = {**found, "out": out}
    case = {"system": "resnet", "model": name, "source": f"torchvision {torchvision.__version__} models/resnet.py ResNet",
            "config": {"block": block, "layers": layers, "num_classes": classes, "groups": groups, "width_per_group": width,
                       "replace_stride_with_dilation": list(dilate), "frozen": frozen},
            "train": train, "parameters": sum(p.numel() for p in model.parameters()), "tensors": tensors,
            "inputs": {"x": {"shape": list(shape), "amp": 1.7}}, "outputs": {}}
    for key, value in outputs.items():
        flat = value.detach().double().flatten()
        index = sorted(set(int((u + 1) / 2 * flat.numel()) for u in draws("sample." + key, samples)))
        case["outputs"][key] = {"shape": list(value.shape), "mean": flat.mean().item(), "rms": flat.square().mean().sqrt().item(),
                                "index": index, "value": [flat[i].item() for i in index]}
    if grads:
        loss = sum((value * fill("grad." + key, value.shape, 0, 1)).sum() / value.numel() for key, value in outputs.items())
        loss.backward()
        case["grads"] = {key: p.grad.double().square().mean().sqrt().item() for key, p in model.named_parameters()}
        case["grads"]["in.x"] = x.grad.double().square().mean().sqrt().item()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), f"resnet-{name}.json"), "w") as file:
        json.dump(case, file, separators=(",", ":"))


if __name__ == "__main__":
    make("resnet18", "basic", [2, 2, 2, 2], (1, 3, 96, 80))
    make("resnet50", "bottleneck", [3, 4, 6, 3], (1, 3, 64, 64))
    make("wide_resnet50_2", "bottleneck", [3, 4, 6, 3], (1, 3, 64, 64), width=128)
    make("small-basic-train", "basic", [1, 2, 1, 1], (2, 3, 64, 64), classes=10, train=True, grads=True)
    make("small-resnext-dilated", "bottleneck", [2, 1, 2, 2], (2, 3, 64, 64), classes=10, groups=4, width=8, dilate=(False, True, True), grads=True)
    make("small-frozen-dilated", "bottleneck", [1, 1, 1, 2], (2, 3, 64, 64), classes=10, width=16, dilate=(False, False, True), frozen=True, grads=True)
