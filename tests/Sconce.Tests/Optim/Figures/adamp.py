"""Writes adamp.json: four steps of AdamP and SGDP (2006.08217, algorithms 2 and 3) in plain Python numbers, by the formulas."""
import json
import math
import os


def dot(x, y):
    return sum(a * b for a, b in zip(x, y))


def without_part_along(weight, gradient, step, delta, eps):
    """The step without its part along the weight where the gradient is upright on it: by rows, else as a whole."""
    rows = len(weight)
    flat = lambda m: [v for row in m for v in row]
    for view in (lambda m: m, lambda m: [flat(m)]):
        w, g, s = view(weight), view(gradient), view(step)
        worst = max(abs(dot(a, b)) / math.sqrt(max(dot(a, a) * dot(b, b), eps * eps)) for a, b in zip(w, g))
        if worst >= delta / math.sqrt(len(w[0])):
            continue
        out = []
        for a, c in zip(w, s):
            unit = [v / (math.sqrt(dot(a, a)) + eps) for v in a]
            along = dot(unit, c)
            out.append([v - u * along for v, u in zip(c, unit)])
        numbers = flat(out)
        width = len(numbers) // rows
        return [numbers[r * width:(r + 1) * width] for r in range(rows)], True
    return step, False


def gradient(step, weight):
    a, b = weight
    turned = lambda r: [-r[1], r[0], -r[3], r[2]]
    if step % 4 == 0:
        return [[0.3 * v for v in row] for row in weight]
    if step % 4 == 1:
        return [[0.5 * v for v in turned(row)] for row in weight]
    if step % 4 == 2:
        return [[0.1 * v * dot(b, b) for v in a], [-0.1 * v * dot(a, a) for v in b]]
    return [[v + t for v, t in zip(row, turned(row))] for row in weight]


def run(kind, nesterov):
    weights = {'weight': [[0.5, -1.0, 2.0, 0.3], [1.5, -0.7, 0.2, -0.4]], 'vector': [[0.5, -1.0, 2.0]]}
    memory = {}
    out = []
    for step in range(4):
        for name, w in weights.items():
            g = gradient(step, w) if name == 'weight' else [[0.1 * (step + 1), -0.2, 0.05]]
            zeros = [[0.0] * len(row) for row in w]
            m, q = memory.get(name, (zeros, zeros))
            if kind == 'adamp':
                rate, decay, b1, b2, eps = 0.01, 0.1, 0.9, 0.999, 1e-8
                m = [[b1 * x + (1 - b1) * y for x, y in zip(r, s)] for r, s in zip(m, g)]
                q = [[b2 * x + (1 - b2) * y * y for x, y in zip(r, s)] for r, s in zip(q, g)]
                top = [[b1 * x + (1 - b1) * y for x, y in zip(r, s)] for r, s in zip(m, g)] if nesterov else m
                change = [[t / (math.sqrt(v) / math.sqrt(1 - b2 ** (step + 1)) + eps) for t, v in zip(r, s)] for r, s in zip(top, q)]
                size = rate / (1 - b1 ** (step + 1))
            else:
                rate, decay, momentum, eps = 0.05, 0.01, 0.9, 1e-8
                damp = 0.1 if nesterov else 0.0
                m = [[momentum * x + (1 - damp) * y for x, y in zip(r, s)] for r, s in zip(m, g)]
                change = [[y + momentum * x for x, y in zip(r, s)] for r, s in zip(m, g)] if nesterov else [list(r) for r in m]
                size, decay = rate, decay / (1 - momentum)
            projected = False
            if name == 'weight':
                change, projected = without_part_along(w, g, change, 0.1, 1e-8)
            keep = 1 - rate * decay * (0.1 if projected else 1)
            weights[name] = [[keep * x - size * c for x, c in zip(r, s)] for r, s in zip(w, change)]
            memory[name] = (m, q)
        out.append({name: [v for row in w for v in row] for name, w in weights.items()})
    return out


here = os.path.dirname(os.path.abspath(__file__))
figures = {'adamp': run('adamp', False), 'adamp_nesterov': run('adamp', True), 'sgdp': run('sgdp', False), 'sgdp_nesterov': run('sgdp', True)}
with open(os.path.join(here, 'adamp.json'), 'w') as file:
    json.dump(figures, file, indent=1)
    file.write('\n')
