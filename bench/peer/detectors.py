"""torchvision's Faster R-CNN R50-FPN on the same weights and picture; prints one line of JSON."""
import json
import os
import sys
import time

import numpy as np
import torch
import torchvision

torch.set_num_threads(int(os.environ.get("SCONCE_BENCH_THREADS", "2")))
folder = sys.argv[1]
model = torchvision.models.detection.fasterrcnn_resnet50_fpn(
    weights=None, weights_backbone=None, num_classes=2, min_size=480, max_size=800).eval()
model.load_state_dict(torch.load(os.path.join(folder, "faster_rcnn.pth")))
picture = torch.from_numpy(np.load(os.path.join(folder, "faster_rcnn-in.npy")))
with torch.inference_mode():
    for _ in range(2):
        model([picture])
    times = []
    while len(times) < 5 or sum(times) < 4:
        begin = time.perf_counter()
        found = model([picture])[0]
        times.append(time.perf_counter() - begin)
scores = sorted(found["scores"].tolist(), reverse=True)[:10]
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"seconds": sorted(times)[len(times) // 2], "losses": scores, "peak_kilobytes": peak}))
