"""Writes tiny_haiku.npz: a pickle of Haiku names to arrays, laid out as DeepMind's NFNet files are.

Depths 1 and 2, widths 16 and 32, groups of 8. Every array holds its own flat indices, so that a test can tell where each number went.
"""
import pickle

import numpy as np

stem, widths, depths, group, final, classes = (2, 4, 4, 8), (16, 32), (1, 2), 8, 64, 5
tree = {}


def array(*shape):
    return np.arange(int(np.prod(shape)), dtype=np.float32).reshape(shape)


def conv(name, inputs, outputs, kernel, groups=1):
    tree["NFNet/~/" + name] = {"w": array(kernel, kernel, inputs // groups, outputs), "bias": array(outputs), "gain": array(outputs)}


def linear(name, inputs, outputs):
    tree["NFNet/~/" + name] = {"w": array(inputs, outputs), "b": array(outputs)}


before = 3
for k, width in enumerate(stem):
    conv(f"stem_conv{k}", before, width, 3)
    before = width
index = 0
for stage, width in enumerate(widths):
    for block in range(depths[stage]):
        name = "nf_block" + (f"_{index}" if index else "")
        middle = width // 2
        tree["NFNet/~/" + name] = {"skip_gain": np.array(0.25 + index, dtype=np.float32)}
        conv(f"{name}/~/conv0", before, middle, 1)
        conv(f"{name}/~/conv1", middle, middle, 3, middle // group)
        conv(f"{name}/~/conv1b", middle, middle, 3, middle // group)
        conv(f"{name}/~/conv2", middle, width, 1)
        if block == 0:
            conv(f"{name}/~/conv_shortcut", before, width, 1)
        linear(f"{name}/~/squeeze_excite/~/linear", width, width // 2)
        linear(f"{name}/~/squeeze_excite/~/linear_1", width // 2, width)
        before = width
        index += 1
conv("final_conv", before, final, 1)
linear("linear", final, classes)
with open("tiny_haiku.npz", "wb") as file:
    pickle.dump(tree, file)
