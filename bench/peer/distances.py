"""The nearest 10 rows by scipy's cdist, in blocks, a process a core; holds Sconce's answer against its own; prints a line of JSON."""
import json
import multiprocessing
import os
import resource
import sys
import time

import numpy as np
from scipy.spatial.distance import cdist

NEAREST, BLOCK, RADIUS = 10, 250, 6371.0088
measure, folder = sys.argv[1:]
THREADS = int(os.environ.get("SCONCE_BENCH_THREADS", "2"))


def load(what):
    return np.load(os.path.join(folder, f"{measure}-{what}.npy"))


def prepared(rows):
    if measure in ("jaccard", "dice"):
        return rows.astype(bool)
    if measure == "haversine":  # chords of the unit sphere are in the order of the arcs
        north, east = np.radians(rows).T
        return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], 1)
    return rows


def between(a, b):
    if measure == "manhattan":
        return cdist(a, b, "cityblock")
    if measure == "minkowski":
        return cdist(a, b, "minkowski", p=3)
    return cdist(a, b, "euclidean" if measure == "haversine" else measure)


def final(distances):
    return 2 * RADIUS * np.arcsin(np.clip(distances / 2, 0, 1)) if measure == "haversine" else distances


ROWS, OTHERS = prepared(load("rows")), prepared(load("others"))


def nearest(start):
    distances = between(ROWS[start:start + BLOCK], OTHERS)
    places = np.argpartition(distances, NEAREST - 1, 1)[:, :NEAREST]
    found = np.take_along_axis(distances, places, 1)
    order = np.argsort(found, 1, kind="stable")
    return np.take_along_axis(places, order, 1), final(np.take_along_axis(found, order, 1))


with multiprocessing.Pool(THREADS) as pool:
    pool.map(nearest, [0] * THREADS)
    begin = time.perf_counter()
    parts = pool.map(nearest, range(0, len(ROWS), BLOCK), chunksize=1)
    seconds = time.perf_counter() - begin
places, found = (np.concatenate(part) for part in zip(*parts))
# Of equally near rows either side may tell others: Sconce's rows must lie where it says, and no other may be nearer.
theirs, told = load("places").astype(int), load("found")
real = np.stack([final(between(ROWS[k:k + 1], OTHERS[theirs[k]]))[0] for k in range(len(ROWS))])
difference = max(np.abs(told - found).max(), np.abs(told - real).max()) / max(1, np.abs(found).max())
repeated = sum(len(set(row)) < NEAREST for row in theirs.tolist())
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + THREADS * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"seconds": seconds, "peak_kilobytes": memory, "difference": 1.0 if repeated else float(difference)}))
