"""An epoch of GCN and of LightGCN by torch.sparse, as their authors' PyTorch code has them; prints one line of JSON."""
import json
import os
import sys
import time

import numpy as np
import torch
from torch.nn.functional import cross_entropy, softplus

torch.set_num_threads(int(os.environ.get("SCONCE_BENCH_THREADS", "2")))
task, folder = sys.argv[1:]
BATCH, LAYERS, CLASSES = 100_000, 3, 40


def load(name):
    return torch.from_numpy(np.load(os.path.join(folder, name)))


def adjacency(pairs, nodes, loops):
    own = torch.arange(nodes if loops else 0)
    target = torch.cat([pairs[:, 0], pairs[:, 1], own])
    source = torch.cat([pairs[:, 1], pairs[:, 0], own])
    scale = torch.bincount(target, minlength=nodes).clamp(min=1).float().rsqrt()
    return torch.sparse_coo_tensor(torch.stack([target, source]), scale[target] * scale[source], (nodes, nodes)).coalesce()


def epochs(parameters, rate, count, steps, loss):
    optimizer, times, losses = torch.optim.Adam(parameters, rate), [], []
    for epoch in range(count + 1):
        begin = time.perf_counter()
        for step in range(steps):
            optimizer.zero_grad(set_to_none=True)
            now = loss(step)
            now.backward()
            optimizer.step()
        losses.append(float(now.detach()))
        if epoch:
            times.append(time.perf_counter() - begin)
    return {"seconds": sorted(times)[len(times) // 2], "losses": losses}


weights = {key: value.clone().requires_grad_() for key, value in torch.load(os.path.join(folder, task + ".pth")).items()}
if task == "gcn":
    features = load("features.npy")
    near, labels = adjacency(load("edges.npy"), len(features), True), torch.arange(len(features)) % CLASSES

    def layer(x, name):
        return torch.sparse.mm(near, x @ weights[name + ".lin.weight"].t()) + weights[name + ".bias"]

    result = epochs(weights.values(), 0.01, 5, 1, lambda _: cross_entropy(layer(layer(features, "conv1").relu(), "conv2"), labels))
else:
    user, item = weights["embedding_user.weight"], weights["embedding_item.weight"]
    pairs, others = load("taken.npy"), load("others.npy")
    near = adjacency(pairs + torch.tensor([0, len(user)]), len(user) + len(item), False)

    def loss(step):
        layers = [torch.cat([user, item])]
        for _ in range(LAYERS):
            layers.append(torch.sparse.mm(near, layers[-1]))
        users, items = (sum(layers) / len(layers)).split([len(user), len(item)])
        part = slice(step * BATCH, (step + 1) * BATCH)
        who, what, other = pairs[part, 0], pairs[part, 1], others[part]
        ranking = softplus((users[who] * (items[other] - items[what])).sum(1)).mean()
        decay = sum(table[rows].square().sum() for table, rows in ((user, who), (item, what), (item, other))) / (2 * BATCH)
        return ranking + 1e-4 * decay

    result = epochs(weights.values(), 0.001, 2, len(pairs) // BATCH, loss)
with open("/proc/self/status") as status:
    result["peak_kilobytes"] = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps(result))
