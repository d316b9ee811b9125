"""Pillow's pixels of a few of the shared photographs. Run: python3 make_photographs.py FOLDER_OF_JPEGS"""
import json, os, sys
import numpy as np
from PIL import Image

rows = []
for name in sorted(os.listdir(sys.argv[1]))[::16]:
    pixels = np.asarray(Image.open(os.path.join(sys.argv[1], name)).convert("RGB"))
    index = [int(i) for i in np.linspace(0, pixels.size - 1, 200)]
    rows.append({"name": name, "size": [pixels.shape[1], pixels.shape[0]], "index": index, "value": [int(v) for v in pixels.reshape(-1)[index]]})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "photographs.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")
