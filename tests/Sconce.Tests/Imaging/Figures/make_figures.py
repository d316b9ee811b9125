"""Reference figures for Sconce.Imaging: Pillow's and torchvision's own answers on formula-made images. Run: python3 make_figures.py (Pillow 9.4, torchvision 0.14)."""
import base64, hashlib, io, json, os, struct, zlib
import numpy as np
from PIL import Image, ImageOps

M = (1 << 64) - 1


def fill(key, n, below=256):
    """Integers of the counter generator: FNV-1a of the key, then SplitMix64."""
    h = 0xCBF29CE484222325
    for b in key.encode():
        h = ((h ^ b) * 0x100000001B3) & M
    with np.errstate(over="ignore"):
        x = np.uint64(h) + (np.arange(n, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        x = x ^ x >> np.uint64(31)
    return ((x >> np.uint64(40)) % np.uint64(below)).astype(np.int64)


def noise(key, w, h, c):
    a = fill(key, w * h * c).astype(np.uint8).reshape(h, w, c)
    return Image.fromarray(a[:, :, 0] if c == 1 else a, {1: "L", 3: "RGB", 4: "RGBA"}[c])


def smooth(w, h):
    y, x = np.mgrid[0:h, 0:w]
    return Image.fromarray(np.stack([x * 255 // (w - 1), y * 255 // (h - 1), (x + y) * 255 // (w + h - 2)], -1).astype(np.uint8), "RGB")


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def samples(values):
    values = np.asarray(values).reshape(-1)
    index = [int(i) for i in np.linspace(0, len(values) - 1, 12)]
    return {"index": index, "value": [v.item() for v in values[index]]}


FILTERS = {"Nearest": 0, "Box": 4, "Bilinear": 2, "Hamming": 5, "Bicubic": 3, "Lanczos": 1}
SIZES = [(40, 30, 17, 11), (17, 11, 40, 30), (33, 21, 33, 9), (33, 21, 7, 21), (97, 60, 224, 224), (301, 199, 64, 42), (5, 3, 1, 1), (1, 1, 9, 7), (640, 3, 3, 5), (50, 50, 49, 51), (2, 300, 2, 7)]
resize = []
for name, code in FILTERS.items():
    for w, h, nw, nh in SIZES:
        for c in (1, 3, 4):
            out = noise(f"{w}x{h}x{c}", w, h, c).resize((nw, nh), code)
            resize.append({"filter": name, "channels": c, "from": [w, h], "to": [nw, nh], "sha256": digest(out), **samples(out)})

floats = []
for name, code in FILTERS.items():
    for w, h, nw, nh in SIZES[:6]:
        a = (fill(f"f{w}x{h}", w * h, 65536).astype(np.float32) / 65535).reshape(h, w)
        floats.append({"filter": name, "from": [w, h], "to": [nw, nh], **samples(np.asarray(Image.fromarray(a, "F").resize((nw, nh), code)))})

import torchvision.transforms as T
geometry = []
for w, h in [(40, 30), (30, 41), (33, 21), (7, 7), (1, 9), (449, 301), (60, 97)]:
    for size in (7, 10, 16, 28, 33, 64):
        short = T.Resize(size)(noise("g", w, h, 1))
        geometry.append({"from": [w, h], "size": size, "short": list(short.size), "crop": digest(T.CenterCrop(size)(noise("g", w, h, 1)))})
limited = [{"from": [w, h], "size": s, "max": m, "to": list(T.Resize(s, max_size=m)(noise("g", w, h, 1)).size)} for w, h, s, m in [(400, 100, 50, 120), (100, 400, 50, 121), (100, 110, 50, 120)]]

files = []


def save(image, fmt, **options):
    buffer = io.BytesIO()
    image.save(buffer, fmt, **options)
    return buffer.getvalue()


def add(name, data, frame=0, **more):
    image = Image.open(io.BytesIO(data))
    image.seek(frame)
    frames = getattr(image, "n_frames", 1)
    rgb = more.pop("expect", None) or ImageOps.exif_transpose(image).convert("RGB")
    gray = rgb.convert("L")
    files.append({"name": name, "file": base64.b64encode(data).decode(), "size": list(rgb.size), "frames": frames, "frame": frame,
                  "rgb": base64.b64encode(rgb.tobytes()).decode(), "gray": base64.b64encode(gray.tobytes()).decode(), **more})


def png16(array):
    h, w, c = array.shape
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 16, {1: 0, 3: 2, 4: 6}[c], 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


base = smooth(20, 14)
add("rgb.jpg", save(base, "JPEG", quality=90))
add("progressive.jpg", save(base, "JPEG", quality=80, progressive=True))
add("gray.jpg", save(base.convert("L"), "JPEG"))
add("cmyk.jpg", save(base.convert("CMYK"), "JPEG"))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    add(f"exif-{orientation}.jpg", save(base, "JPEG", quality=90, exif=exif), orientation=orientation)
rgba = noise("rgba", 9, 7, 4)
palette = base.quantize(16)
add("rgb.png", save(noise("rgb", 9, 7, 3), "PNG"))
add("rgba.png", save(rgba, "PNG"), rgba=base64.b64encode(rgba.tobytes()).decode(),
    onWhite=base64.b64encode(Image.composite(rgba.convert("RGB"), Image.new("RGB", rgba.size, "white"), rgba.getchannel("A")).tobytes()).decode())
add("gray.png", save(noise("gray", 9, 7, 1), "PNG"))
add("gray-alpha.png", save(rgba.convert("LA"), "PNG"))
add("palette.png", save(palette, "PNG"))
add("palette-transparent.png", save(palette, "PNG", transparency=3))
add("bilevel.png", save(base.convert("L").point(lambda v: 255 * (v > 99), "1"), "PNG"))
deep = fill("deep", 9 * 7 * 3, 65536).astype(np.uint16).reshape(7, 9, 3)
high = lambda a: Image.fromarray((a >> 8).astype(np.uint8), "RGB")
add("deep.png", png16(deep), deep=base64.b64encode(deep.tobytes()).decode())
add("deep-gray.png", png16(deep[:, :, :1]), expect=high(np.repeat(deep[:, :, :1], 3, 2)))
add("rgb.tif", save(noise("rgb", 9, 7, 3), "TIFF"))
add("lzw.tif", save(noise("rgb", 9, 7, 3), "TIFF", compression="tiff_lzw"))
add("cmyk.tif", save(base.convert("CMYK"), "TIFF"))
add("deep-gray.tif", save(Image.fromarray(deep[:, :, 0], "I;16"), "TIFF"), expect=high(np.repeat(deep[:, :, :1], 3, 2)))
pages = save(noise("rgb", 9, 7, 3), "TIFF", save_all=True, append_images=[noise("page", 6, 5, 3)])
add("pages.tif", pages)
add("pages.tif", pages, frame=1)
add("lossy.webp", save(base, "WEBP", quality=80))
add("lossless.webp", save(noise("rgb", 9, 7, 3), "WEBP", lossless=True))
add("alpha.webp", save(smooth(20, 14).convert("RGBA"), "WEBP", quality=80))
frames = [smooth(20, 14), smooth(20, 14).transpose(0), smooth(20, 14).transpose(1)]
moving = save(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
add("animated.gif", moving)
add("animated.gif", moving, frame=2)
add("still.gif", save(palette, "GIF"))
moving = save(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50, lossless=True)
add("animated.webp", moving)
add("animated.webp", moving, frame=2)

here = os.path.dirname(os.path.abspath(__file__))
for name, value in {"resize": {"bytes": resize, "floats": floats, "shortSide": geometry, "limited": limited}, "files": files}.items():
    rows = value if isinstance(value, list) else None
    with open(os.path.join(here, name + ".json"), "w") as out:
        if rows:
            out.write("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")
        else:
            out.write("{\n" + ",\n".join(f'"{k}":[\n' + ",\n".join(json.dumps(r, separators=(",", ":")) for r in v) + "\n]" for k, v in value.items()) + "\n}\n")
