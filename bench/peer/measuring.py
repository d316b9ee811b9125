"""What the peers' scripts share: threads, times, memory, the line of JSON."""
import json
import os
import time

import torch

torch.set_num_threads(int(os.environ.get("SCONCE_BENCH_THREADS", "2")))


def peak_kilobytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def elapsed(step):
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin


def median(times):
    return sorted(times)[len(times) // 2]


def answer(seconds, **found):
    print(json.dumps({"seconds": seconds, "peak_kilobytes": peak_kilobytes(), **found}))
