"""Writes layers.json: outputs, gradients and buffers of PyTorch's layers on formula-made numbers. Run with a python3 that has torch."""
import json
import pathlib
import sys
import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent / "Optim" / "Figures"))
from formula import floats, sample  # noqa: E402

figures = {}


class Call(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def case(name, module, *shapes, train=True, calls=1):
    """Fills the state by formula, calls it (twice where buffers move), and keeps outputs, gradients and buffers."""
    module.train(train)
    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(floats(key, tensor.shape, mean=1.0 if key.endswith("running_var") else 0.1, amp=0.4))
    inputs = [floats(f"in.{k}", shape).requires_grad_() for k, shape in enumerate(shapes)]
    for _ in range(calls):
        outputs = module(*inputs)
    outputs = [outputs] if torch.is_tensor(outputs) else [t for o in outputs for t in ([o] if torch.is_tensor(o) else o)]
    loss = sum((o * floats(f"grad.{k}", o.shape)).sum() for k, o in enumerate(outputs))
    loss.backward()
    figures[name] = {
        "keys": {key: list(tensor.shape) for key, tensor in module.state_dict().items()},
        "shapes": [list(o.shape) for o in outputs],
        "outputs": [sample(o) for o in outputs],
        "inputs": [sample(i.grad) for i in inputs],
        "parameters": {key: sample(p.grad) for key, p in module.named_parameters()},
        "buffers": {key: sample(b) for key, b in module.named_buffers()},
    }


case("linear", nn.Linear(5, 4), (3, 5))
case("linear-no-bias", nn.Linear(5, 4, bias=False), (2, 3, 5))
case("flatten", nn.Flatten(), (2, 3, 4))
case("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2), (2, 4, 9))
case("conv2d", nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)), (2, 3, 7, 6))
case("conv2d-depthwise", nn.Conv2d(4, 8, 3, padding=1, groups=4, bias=False), (1, 4, 5, 5))
case("conv2d-reflect", nn.Conv2d(2, 3, 3, padding=2, padding_mode="reflect"), (1, 2, 5, 4))
case("conv2d-replicate", nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="replicate"), (1, 2, 5, 4))
case("conv2d-circular", nn.Conv2d(2, 3, 3, padding=(2, 1), stride=2, padding_mode="circular"), (1, 2, 5, 4))
case("conv3d", nn.Conv3d(2, 4, (2, 3, 3), stride=(1, 2, 1), padding=(0, 1, 1), groups=2), (1, 2, 3, 5, 4))
case("transposed1d", nn.ConvTranspose1d(4, 3, 4, stride=2, padding=1), (2, 4, 5))
case("transposed2d", nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=(1, 0), groups=2), (2, 4, 3, 4))
case("transposed2d-dilated", nn.ConvTranspose2d(2, 3, (2, 3), stride=(1, 2), dilation=(2, 1), bias=False), (1, 2, 3, 3))
case("transposed3d", nn.ConvTranspose3d(2, 3, 2, stride=2), (1, 2, 2, 3, 2))
case("batch1d", nn.BatchNorm1d(4), (6, 4))
case("batch1d-sequence", nn.BatchNorm1d(4, eps=1e-3), (3, 4, 5), calls=2)
case("batch2d", nn.BatchNorm2d(3, momentum=0.3), (2, 3, 4, 4), calls=2)
case("batch2d-eval", nn.BatchNorm2d(3), (2, 3, 4, 4), train=False)
case("batch2d-cumulative", nn.BatchNorm2d(3, momentum=None), (2, 3, 4, 4), calls=3)
case("batch2d-plain", nn.BatchNorm2d(3, affine=False), (2, 3, 4, 4))
case("batch2d-untracked-eval", nn.BatchNorm2d(3, track_running_stats=False), (2, 3, 4, 4), train=False)
case("batch3d", nn.BatchNorm3d(2), (2, 2, 3, 3, 2))
case("instance1d", nn.InstanceNorm1d(3, affine=True), (2, 3, 7))
case("instance2d", nn.InstanceNorm2d(3), (2, 3, 4, 4))
case("instance2d-tracked", nn.InstanceNorm2d(3, affine=True, track_running_stats=True, momentum=0.2), (2, 3, 4, 4), calls=2)
case("instance2d-tracked-eval", nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (2, 3, 4, 4), train=False)
case("instance3d", nn.InstanceNorm3d(2, eps=1e-3), (2, 2, 3, 2, 3))
case("layer", nn.LayerNorm(6), (3, 4, 6))
case("layer-shape", nn.LayerNorm((4, 6), eps=1e-3), (3, 4, 6))
case("layer-plain", nn.LayerNorm(6, elementwise_affine=False), (3, 6))
case("group", nn.GroupNorm(2, 6), (2, 6, 3, 3))
case("group-plain", nn.GroupNorm(3, 6, eps=1e-2, affine=False), (2, 6, 5))
case("max1d", nn.MaxPool1d(3, stride=2, padding=1), (1, 2, 8))
case("max2d", nn.MaxPool2d(2), (1, 2, 5, 4))
case("max2d-ceil", nn.MaxPool2d((3, 2), stride=2, padding=(1, 0), ceil_mode=True), (1, 2, 6, 5))
case("max2d-dilated", nn.MaxPool2d(2, stride=1, dilation=2), (1, 2, 5, 5))
case("max3d", nn.MaxPool3d(2, stride=(1, 2, 2), ceil_mode=True), (1, 2, 3, 5, 4))
case("avg1d", nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True), (1, 2, 8))
case("avg2d", nn.AvgPool2d(3, stride=2, padding=1), (1, 2, 6, 5))
case("avg2d-ceil", nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False), (1, 2, 5, 5))
case("avg3d", nn.AvgPool3d((2, 3, 2), stride=2, padding=(1, 1, 0), count_include_pad=False), (1, 2, 4, 5, 4))
case("adaptive-avg1d", nn.AdaptiveAvgPool1d(3), (1, 2, 7))
case("adaptive-avg2d", nn.AdaptiveAvgPool2d((3, 2)), (1, 2, 7, 5))
case("adaptive-avg3d", nn.AdaptiveAvgPool3d((2, 1, 3)), (1, 2, 3, 4, 5))
case("adaptive-max1d", nn.AdaptiveMaxPool1d(3), (1, 2, 7))
case("adaptive-max2d", nn.AdaptiveMaxPool2d((3, 2)), (1, 2, 7, 5))
case("adaptive-max3d", nn.AdaptiveMaxPool3d((2, 1, 3)), (1, 2, 3, 4, 5))
case("global-avg", Call(lambda x: x.mean((2, 3))), (2, 3, 4, 4))
for name, module in {
    "relu": nn.ReLU(), "relu6": nn.ReLU6(), "leaky": nn.LeakyReLU(0.2), "prelu": nn.PReLU(4), "elu": nn.ELU(0.7), "gelu": nn.GELU(),
    "quick-gelu": Call(lambda x: x * torch.sigmoid(1.702 * x)), "silu": nn.SiLU(), "hardswish": nn.Hardswish(), "hardsigmoid": nn.Hardsigmoid(), "mish": nn.Mish(),
    "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "softplus": nn.Softplus(2.0, 1.0), "softmax": nn.Softmax(-1), "log-softmax": nn.LogSoftmax(1), "selu": nn.SELU(),
    "celu": nn.CELU(0.6), "log-sigmoid": nn.LogSigmoid(), "hardtanh": nn.Hardtanh(-0.3, 0.5), "softsign": nn.Softsign(), "glu": nn.GLU(1),
    "gelu-tanh": Call(lambda x: 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x ** 3)))),
}.items():
    case(name, nn.Sequential(Call(lambda x: 4 * x), module) if name != "prelu" else module, (3, 4, 5))
case("zero-pad", nn.ZeroPad2d((1, 2, 0, 3)), (1, 2, 3, 4))
case("constant-pad", nn.ConstantPad2d((1, -1, 2, 0), 0.7), (1, 2, 3, 4))
case("reflection-pad", nn.ReflectionPad2d((1, 2, 0, 2)), (1, 2, 3, 4))
case("replication-pad", nn.ReplicationPad2d(2), (1, 2, 3, 4))
case("reflection-pad1d", nn.ReflectionPad1d((1, 3)), (1, 2, 5))
case("upsample", nn.Upsample(scale_factor=2), (1, 2, 3, 4))
case("upsample-bilinear", nn.Upsample(scale_factor=1.5, mode="bilinear", align_corners=False), (1, 2, 3, 5))
case("upsample-size", nn.Upsample(size=(5, 7), mode="bilinear", align_corners=True), (1, 2, 3, 4))
case("upsample-bicubic", nn.Upsample(size=(5, 7), mode="bicubic"), (1, 2, 3, 4))
case("pixel-shuffle", nn.PixelShuffle(2), (1, 8, 2, 3))
case("pixel-unshuffle", nn.PixelUnshuffle(2), (1, 2, 4, 6))
case("unflatten", nn.Unflatten(1, (2, 3)), (4, 6))
case("lstm", nn.LSTM(3, 4), (5, 2, 3))
case("lstm-deep", nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True), (2, 5, 3))
case("lstm-no-bias", nn.LSTM(3, 4, bias=False), (5, 2, 3))
case("gru", nn.GRU(3, 4), (5, 2, 3))
case("gru-deep", nn.GRU(3, 4, num_layers=2, batch_first=True, bidirectional=True), (2, 5, 3))


class Attention(nn.MultiheadAttention):
    """Self-attention without weights."""

    def forward(self, *inputs):
        q, k, v = inputs if len(inputs) == 3 else inputs * 3
        return super().forward(q, k, v, need_weights=False)[0]


case("attention", Attention(8, 2, batch_first=True), (2, 5, 8))
case("attention-cross", Attention(8, 4, bias=False, batch_first=True), (2, 3, 8), (2, 5, 8), (2, 5, 8))


class Cell(nn.Module):
    """States as inputs, so that their gradients are seen."""

    def __init__(self, cell):
        super().__init__()
        for key, p in cell.named_parameters():
            self.register_parameter(key, p)
        self.call = [cell]

    def forward(self, x, *states):
        cell = self.call[0]
        return cell(x, states if len(states) == 2 else states[0])


case("lstm-cell", Cell(nn.LSTMCell(3, 4)), (2, 3), (2, 4), (2, 4))
case("gru-cell", Cell(nn.GRUCell(3, 4)), (2, 3), (2, 4))
spectral = nn.utils.spectral_norm
case("spectral-linear", spectral(nn.Linear(5, 4)), (3, 5), calls=2)
case("spectral-conv", spectral(nn.Conv2d(2, 4, 3), n_power_iterations=2), (1, 2, 5, 5))
case("spectral-conv-eval", spectral(nn.Conv2d(2, 4, 3, bias=False)), (1, 2, 5, 5), train=False)
case("spectral-transposed", spectral(nn.ConvTranspose2d(2, 4, 3, stride=2)), (1, 2, 3, 3))
case("weight-norm-linear", nn.utils.weight_norm(nn.Linear(5, 4)), (3, 5))
case("weight-norm-conv", nn.utils.weight_norm(nn.Conv1d(2, 4, 3, padding=1)), (1, 2, 5))

pathlib.Path(__file__).with_name("layers.json").write_text(json.dumps(figures, separators=(",", ":")) + "\n")
