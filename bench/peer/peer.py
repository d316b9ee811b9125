"""One timed task in Python's PyTorch, as bench/Sconce.Bench asks for it; prints one line of JSON."""
import json
import os
import sys
import time

started = time.perf_counter()
import torch

torch.set_num_threads(int(os.environ.get("SCONCE_BENCH_THREADS", "2")))


def peak_kilobytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def timed(step, seconds, least):
    for _ in range(2):
        step()
    times = []
    while len(times) < least or sum(times) < seconds:
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2]


def overhead(grad, count=200_000):
    a, b = torch.ones(1), torch.ones(1, requires_grad=grad)
    with torch.set_grad_enabled(grad):
        for _ in range(3):
            begin = time.perf_counter()
            for _ in range(count):
                a + b
            seconds = time.perf_counter() - begin
    return {"seconds": seconds / count}


def network(name, folder):
    from models import MODELS

    model = MODELS[name]()
    model.load_state_dict(torch.load(os.path.join(folder, name + ".pth")))
    return model


def forward(name, batch, folder, mode):
    import numpy

    if mode in ("operators", "optimised"):
        model = torch.jit.load(os.path.join(folder, f"{name}-{batch}.pt"))
    else:
        model = network(name, folder).eval()
    x = torch.from_numpy(numpy.load(os.path.join(folder, f"{name}-{batch}-in.npy")))
    if mode == "script":
        with torch.no_grad():
            model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))
    if mode == "optimised":
        with torch.no_grad():
            model = torch.jit.optimize_for_inference(torch.jit.freeze(model.eval()))
    if mode == "operators":
        torch._C._jit_set_profiling_executor(False)
        torch._C._jit_set_profiling_mode(False)
        context = torch.jit.optimized_execution(False)
        context.__enter__()
    with torch.inference_mode() if mode == "eager" else torch.no_grad():
        seconds = timed(lambda: model(x), 3.0, 5)
        out = model(x)
    expected = torch.from_numpy(numpy.load(os.path.join(folder, f"{name}-{batch}-out.npy")))
    return {"seconds": seconds, "difference": float((out - expected).abs().max() / expected.square().mean().sqrt())}


def train(name, batch, folder):
    import numpy

    model = network(name, folder).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    x = torch.from_numpy(numpy.load(os.path.join(folder, f"{name}-{batch}-in.npy")))
    y = torch.arange(batch) % 1000
    losses = []

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))

    seconds = timed(step, 6.0, 5)
    return {"seconds": seconds, "losses": losses[:2]}


task, *rest = sys.argv[1:]
if task == "overhead":
    result = overhead(rest[0] == "grad")
elif task == "forward":
    result = forward(rest[0], int(rest[1]), rest[2], rest[3])
elif task == "train":
    result = train(rest[0], int(rest[1]), rest[2])
elif task == "loader":
    from loader import loader

    result = loader(rest[0], int(rest[1]), int(rest[2]), rest[3])
else:  # cold: from the interpreter's start to the first number
    print(float((torch.ones(2, 2) @ torch.ones(2, 2)).sum()), flush=True)
    result = {}
result.setdefault("peak_kilobytes", peak_kilobytes())
print(json.dumps(result))
