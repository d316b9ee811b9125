"""Makes masks.json: what pycocotools and panopticapi make of some polygons, scenes and segments. python3 make_masks.py"""
import json
import os
import random
import tempfile

import numpy as np
from panopticapi.evaluation import pq_compute_single_core
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

random.seed(11)
text = lambda rle: rle["counts"].decode() if isinstance(rle["counts"], bytes) else rle["counts"]
number = lambda least, most: round(random.uniform(least, most), 2)
figures = {"polygons": [], "overlaps": []}


def blob(x, y, size, corners):
    return [value for k in range(corners) for value in (round(x + size * random.uniform(0.4, 1) * np.cos(6.2832 * k / corners), 2), round(y + size * random.uniform(0.4, 1) * np.sin(6.2832 * k / corners), 2))]


# Corners anywhere, within the picture and beyond it, on and between the pixels; upright boxes; repeated corners.
shapes = [
    (12, 9, [[2, 2, 7, 2, 7, 6, 2, 6]]), (12, 9, [[2.5, 2.5, 7.5, 2.5, 7.5, 6.5, 2.5, 6.5]]), (12, 9, [[0, 0, 12, 0, 12, 9, 0, 9]]), (12, 9, [[-4, -3, 20, -3, 20, 15, -4, 15]]),
    (12, 9, [[3, 3, 3, 3, 9, 3, 9, 3, 6, 8]]), (12, 9, [[1, 1, 4, 1, 4, 4, 1, 4], [6, 5, 11, 5, 11, 8, 6, 8]]), (12, 9, [[1, 1, 7, 1, 7, 6, 1, 6], [4, 3, 11, 3, 11, 8, 4, 8]]), (12, 9, [[4.1, 3.2, 4.2, 3.3, 4.3, 3.2]]),
    (1, 1, [[0, 0, 1, 0, 1, 1, 0, 1]]), (5, 4, [[1, 1, 4, 3, 1, 3]]),
]
for _ in range(40):
    width, height = random.randint(1, 40), random.randint(1, 40)
    shapes.append((width, height, [[number(-0.4 * side, 1.4 * side) for _ in range(random.randint(3, 9)) for side in (width, height)] for _ in range(random.randint(1, 3))]))
for width, height, polygons in shapes:
    rle = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    figures["polygons"].append({"width": width, "height": height, "polygons": polygons, "text": text(rle), "area": int(coco_mask.area(rle)), "box": [float(v) for v in coco_mask.toBbox(rle)]})

for _ in range(20):
    pair = [coco_mask.merge(coco_mask.frPyObjects([blob(20, 15, 14, random.randint(3, 8))], 30, 40)) for _ in range(2)]
    figures["overlaps"].append({"texts": [text(rle) for rle in pair], "iou": float(coco_mask.iou([pair[0]], [pair[1]], [0])[0][0]), "crowd": float(coco_mask.iou([pair[0]], [pair[1]], [1])[0][0])})

# Scenes: objects as polygons, crowds as uncompressed runs, answers as compressed runs.
truth = {"info": {}, "images": [{"id": k, "file_name": f"{k}.png", "width": 160, "height": 120} for k in range(12)], "categories": [{"id": 1, "name": "a"}, {"id": 3, "name": "b"}], "annotations": []}
answers = []
runs = lambda m: [int(n) for n in np.diff(np.concatenate([[0], np.flatnonzero(np.diff(np.concatenate([[0], m.flatten(order="F")]))), [m.size]]))]
for k in range(12):
    for _ in range(random.randint(0, 5)):
        x, y, size, label, corners = random.randint(0, 160), random.randint(0, 120), random.choice([12, 30, 90]), random.choice([1, 3]), random.randint(3, 9)
        polygon = blob(x, y, size, corners)
        rle = coco_mask.frPyObjects([polygon], 120, 160)[0]
        if int(coco_mask.area(rle)) < 20:
            continue
        crowd = int(random.random() < 0.15)
        truth["annotations"].append({
            "id": len(truth["annotations"]) + 1, "image_id": k, "category_id": label, "iscrowd": crowd, "area": int(coco_mask.area(rle)), "bbox": [float(v) for v in coco_mask.toBbox(rle)],
            "segmentation": {"size": [120, 160], "counts": runs(coco_mask.decode(rle))} if crowd else [polygon]})
        for _ in range(random.randint(0, 2)):
            moved = [round(v + random.uniform(-0.08, 0.08) * size, 2) for v in polygon]
            rle = coco_mask.frPyObjects([moved], 120, 160)[0]
            if int(coco_mask.area(rle)) > 0:
                answers.append({"image_id": k, "category_id": label if random.random() < 0.85 else random.choice([1, 3]), "score": round(random.random(), 3), "segmentation": {"size": [120, 160], "counts": text(rle)}})
    for _ in range(random.randint(0, 2)):
        rle = coco_mask.frPyObjects([blob(random.randint(0, 160), random.randint(0, 120), random.choice([12, 30, 90]), 5)], 120, 160)[0]
        if int(coco_mask.area(rle)) > 0:
            answers.append({"image_id": k, "category_id": random.choice([1, 3]), "score": round(random.random(), 3), "segmentation": {"size": [120, 160], "counts": text(rle)}})
coco = COCO()
coco.dataset = json.loads(json.dumps(truth))
coco.createIndex()
found = COCO()
found.dataset = {"images": truth["images"], "categories": truth["categories"], "annotations": [{**answer, "id": k + 1, "iscrowd": 0, "area": int(coco_mask.area(answer["segmentation"])), "bbox": [float(v) for v in coco_mask.toBbox(answer["segmentation"])]} for k, answer in enumerate(answers)]}
found.createIndex()
evaluation = COCOeval(coco, found, "segm")
evaluation.evaluate()
evaluation.accumulate()
evaluation.summarize()
figures["scenes"] = {"truth": truth, "answers": answers, "figures": [float(v) for v in evaluation.stats]}

# Pictures of 24 x 18 cut into segments; label 9 is stuff. Each segment: number, label, crowd.
categories = {label: {"id": label, "isthing": int(label != 9)} for label in (1, 4, 9)}


def picture(crowds):
    ids, kinds = np.zeros((18, 24), np.int64), {}
    for _ in range(random.randint(3, 7)):
        x, y, w, h = random.randint(0, 20), random.randint(0, 14), random.randint(3, 16), random.randint(3, 12)
        ids[y:y + h, x:x + w] = name = random.choice([3, 300, 70000]) + len(kinds)
        kinds[name] = (random.choice([1, 4, 9]), int(crowds and random.random() < 0.2))
    return ids, {int(name): kinds[int(name)] for name in np.unique(ids) if name}


def disturbed(ids, kinds):
    ids, kinds = np.roll(ids, (random.randint(-1, 1), random.randint(-2, 2)), (0, 1)).copy(), {name: (label if random.random() < 0.9 else 4, 0) for name, (label, crowd) in kinds.items()}
    x, y = random.randint(0, 20), random.randint(0, 14)
    ids[y:y + 4, x:x + 4] = random.choice([0, 99])
    return ids, {int(name): kinds.get(int(name), (9, 0)) for name in np.unique(ids) if name}


pairs, pictures = [], []
with tempfile.TemporaryDirectory() as folder:
    for k in range(8):
        two = picture(True)
        two = [two, disturbed(*two)]
        notes = []
        for side, (ids, kinds) in zip("ta", two):
            Image.fromarray(np.stack([ids % 256, ids // 256 % 256, ids // 65536], -1).astype(np.uint8)).save(os.path.join(folder, f"{side}{k}.png"))
            areas = {int(n): int(c) for n, c in zip(*np.unique(ids, return_counts=True))}
            notes.append({"image_id": k, "file_name": f"{side}{k}.png", "segments_info": [{"id": n, "category_id": label, "iscrowd": crowd, "area": areas[n]} for n, (label, crowd) in kinds.items()]})
        pairs.append(notes)
        pictures.append([{"ids": ids.flatten().tolist(), "segments": [[n, [1, 4, 9].index(label), crowd] for n, (label, crowd) in kinds.items()]} for ids, kinds in two])
    quality = pq_compute_single_core(0, pairs, folder, folder, categories)
average = lambda things: [float(v) for v in quality.pq_average(categories, things)[0].values()]
figures["panoptic"] = {"width": 24, "height": 18, "pictures": pictures, "all": average(None), "things": average(True), "stuff": average(False)}
json.dump(figures, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "masks.json"), "w"), separators=(",", ":"))
