"""Makes augmentations.json: what Debian's torchvision and Pillow make of one small picture. /usr/bin/python3 make_augmentations.py"""
import base64
import json
import os

import numpy as np
import PIL
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image, ImageFilter
from torchvision.transforms import InterpolationMode as M
from torchvision.transforms.autoaugment import RandAugment, _apply_op

rng = np.random.default_rng(3)
height, width = 13, 16
y, x = np.mgrid[0:height, 0:width]
smooth = np.stack([40 + 6 * x, 250 - 9 * y, 128 + 60 * np.sin(x / 3 + y / 5)], -1)
picture = Image.fromarray((smooth + rng.normal(0, 18, smooth.shape)).clip(3, 240).astype(np.uint8))

code = lambda image: base64.b64encode(np.asarray(image).tobytes()).decode()
figures = {"pillow": PIL.__version__, "torchvision": torchvision.__version__, "width": width, "height": height, "picture": code(picture), "cases": {}}


def add(name, image):
    assert image.size == (width, height) and image.mode == "RGB", name
    figures["cases"][name] = code(image)


for f in (0.0, 0.35, 0.9, 1.4, 2.7):
    add(f"brightness {f}", F.adjust_brightness(picture, f))
    add(f"contrast {f}", F.adjust_contrast(picture, f))
    add(f"saturation {f}", F.adjust_saturation(picture, f))
    add(f"sharpness {f}", F.adjust_sharpness(picture, f))
for f in (-0.5, -0.31, -0.05, 0.02, 0.17, 0.5):
    add(f"hue {f}", F.adjust_hue(picture, f))
for f in (0.1, 0.3, 0.8, 1.0, 2.0, 5.5, 12.0):
    add(f"blur {f}", picture.filter(ImageFilter.GaussianBlur(f)))
for f in (0, 100, 128, 255, 256):
    add(f"solarize {f}", F.solarize(picture, f))
for f in (1, 3, 4, 7, 8):
    add(f"posterize {f}", F.posterize(picture, f))
add("grayscale", F.rgb_to_grayscale(picture, 3))
add("invert", F.invert(picture))
add("autocontrast", F.autocontrast(picture))
add("equalize", F.equalize(picture))
for angle in (-30.0, 7.3, 135.0):
    for mode in (M.NEAREST, M.BILINEAR, M.BICUBIC):
        add(f"rotate {angle} {mode.value}", F.rotate(picture, angle, mode, fill=[9, 120, 200]))
ops = RandAugment()._augmentation_space(31, (height, width))
for index, (name, (magnitudes, signed)) in enumerate(ops.items()):
    for level in (0, 9, 22, 30):
        for sign in (1, -1) if signed else (1,):
            value = float(magnitudes[level]) if magnitudes.ndim > 0 else 0.0
            add(f"randaugment {index} {level} {sign}", _apply_op(picture, name, sign * value, M.NEAREST, None))

path = os.path.join(os.path.dirname(__file__), "augmentations.json")
with open(path, "w") as file:
    json.dump(figures, file, indent=0)
    file.write("\n")
print(len(figures["cases"]), os.path.getsize(path))
