"""Writes roi_align.json: what torchvision's roi_align gives on formula-made maps, with the gradient of the maps. Run with a python3 that has torchvision."""
import json
import pathlib
import sys
import torch
from torchvision.ops import roi_align

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent / "Optim" / "Figures"))
from formula import floats, sample  # noqa: E402

# inside, across an edge, outside altogether, beyond by less than a cell, upside down, tiny, large
BOXES = [[0, 1.2, 0.7, 6.9, 5.1], [1, -3, -2, 4.5, 3.25], [1, 40, 40, 60, 60], [0, 8.4, 6.3, 9.4, 7.6], [0, 5, 5, 3, 4], [1, 2.1, 2.2, 2.3, 2.4], [0, -20, -20, 30, 30], [1, 0, 0, 9, 7]]
CASES = {
    "adaptive": dict(output_size=(1, 1)),
    "adaptive-aligned": dict(output_size=(2, 3), aligned=True),
    "detection": dict(output_size=(7, 7), spatial_scale=0.25, sampling_ratio=2, aligned=True),
    "scaled": dict(output_size=(3, 2), spatial_scale=0.5, sampling_ratio=0),
    "one-sample": dict(output_size=(2, 2), sampling_ratio=1, spatial_scale=1.3),
}
figures = {}
for name, options in CASES.items():
    for dtype in ("float32", "float64"):
        maps = floats("in.maps", (2, 3, 7, 9)).to(getattr(torch, dtype)).requires_grad_()
        boxes = torch.tensor(BOXES, dtype=torch.float32).to(maps.dtype)
        out = roi_align(maps, boxes, **options)
        (out * floats("grad.out", out.shape).to(out.dtype)).sum().backward()
        height, width = options["output_size"]
        figures[f"{name}-{dtype}"] = {
            "height": height, "width": width, "scale": options.get("spatial_scale", 1), "ratio": options.get("sampling_ratio", -1), "aligned": options.get("aligned", False),
            "shape": list(out.shape), "out": sample(out), "grad": sample(maps.grad),
        }
pathlib.Path(__file__).with_name("roi_align.json").write_text(json.dumps({"boxes": BOXES, "cases": figures}, indent=0) + "\n")
