"""Makes swav-small-train.json from the official network: python3 make_swav.py SWAV/src/resnet50.py (facebookresearch/swav@06b1b7c, its .cuda(…) taken out).

A shallow trunk: in training mode ResNet-50's rounding grows to 0.3 % of its gradients (float32 against float64), beyond what a case may ask.
"""
import importlib.util
import json
import os
import sys

import numpy as np
import torch

from make_resnet import draws, fill

CONFIG = {"arch": "resnet50", "layers": [1, 1, 1, 1], "hidden_mlp": 256, "output_dim": 32, "nmb_prototypes": 50, "normalize": True}
SHAPES = {"crop0": [8, 3, 96, 96], "crop1": [8, 3, 96, 96], "crop2": [8, 3, 64, 64]}


def amplitude(key, shape):
    if len(shape) > 1:
        return 0.0, round(float(np.sqrt(6 / np.prod(shape[1:]))), 8)
    if key.endswith("running_var"):
        return 1.0, 0.3
    if key.endswith(("running_mean", "bias")):
        return 0.0, 0.2
    return (0.5 if key.endswith("bn3.weight") else 1.0), 0.2


def run(official, dtype):
    model = official.ResNet(official.Bottleneck, CONFIG["layers"], **{k: v for k, v in CONFIG.items() if k not in ("arch", "layers")})
    tensors = []
    for key, value in model.state_dict().items():
        entry = {"key": key, "shape": list(value.shape), "dtype": str(value.dtype)[6:]}
        if key.endswith("num_batches_tracked"):
            entry.update(keep=True, rms=0.0)
        else:
            mean, amp = amplitude(key, value.shape)
            entry.update(mean=mean, amp=amp)
            value.copy_(fill(key, value.shape, mean, amp))
        tensors.append(entry)
    model = model.to(dtype).train()
    crops = [fill("in." + name, shape, 0, 1.7).to(dtype).requires_grad_() for name, shape in SHAPES.items()]
    outputs = dict(zip(("embedding", "scores"), model(crops)))
    sum((out * fill("grad." + name, out.shape, 0, 1).to(dtype)).sum() / out.numel() for name, out in outputs.items()).backward()
    grads = {name: p.grad for name, p in model.named_parameters()} | {"in." + name: crop.grad for name, crop in zip(SHAPES, crops)}
    return model, tensors, outputs, {name: g.double().square().mean().sqrt().item() for name, g in grads.items()}


spec = importlib.util.spec_from_file_location("official", sys.argv[1])
official = importlib.util.module_from_spec(spec)
spec.loader.exec_module(official)
model, tensors, outputs, grads = run(official, torch.float32)
exact = run(official, torch.float64)[3]
print("largest error of float32 gradients:", max(abs(grads[k] - exact[k]) / exact[k] for k in grads if exact[k] > 1e-3 * max(exact.values())))
case = {"system": "swav", "model": "swav_resnet50", "config": CONFIG, "source": "facebookresearch/swav@06b1b7c src/resnet50.py ResNet", "train": True,
        "parameters": sum(p.numel() for p in model.parameters()), "tensors": tensors, "inputs": {k: {"shape": v, "amp": 1.7} for k, v in SHAPES.items()}, "outputs": {}, "grads": grads}
for key, value in outputs.items():
    flat = value.detach().double().flatten()
    index = sorted({int((u + 1) / 2 * flat.numel()) for u in draws("sample." + key, 24)})
    case["outputs"][key] = {"shape": list(value.shape), "mean": flat.mean().item(), "rms": flat.square().mean().sqrt().item(), "index": index, "value": [flat[i].item() for i in index]}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "swav-small-train.json"), "w", encoding="utf-8") as file:
    json.dump(case, file, separators=(",", ":"))
    file.write("\n")
