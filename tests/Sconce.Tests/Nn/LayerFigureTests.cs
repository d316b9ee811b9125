using System.Text.Json;
using Sconce.Nn;
using Sconce.Parity;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>Every layer on formula-made numbers: keys, outputs, gradients of inputs and parameters, buffers afterwards, as PyTorch has
/// them.</summary>
public sealed partial class LayerFigureTests
{
    private static readonly JsonElement Expected = Figures.Read("layers.json");

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["linear"] = new(() => new Linear(5, 4), [3, 5]),
        ["linear-no-bias"] = new(() => new Linear(5, 4, bias: false), [2, 3, 5]),
        ["flatten"] = new(() => new Flatten(), [2, 3, 4]),
        ["conv1d"] = new(() => new Conv1d(4, 6, 3, stride: 2, padding: 1, groups: 2), [2, 4, 9]),
        ["conv2d"] = new(() => new Conv2d(3, 4, (3, 2), (2, 1), (1, 2), (1, 2)), [2, 3, 7, 6]),
        ["conv2d-depthwise"] = new(() => new Conv2d(4, 8, 3, padding: 1, groups: 4, bias: false), [1, 4, 5, 5]),
        ["conv2d-reflect"] = new(() => new Conv2d(2, 3, 3, padding: 2, mode: PaddingMode.Reflect), [1, 2, 5, 4]),
        ["conv2d-replicate"] = new(() => new Conv2d(2, 3, 3, padding: (1, 2), mode: PaddingMode.Replicate), [1, 2, 5, 4]),
        ["conv2d-circular"] = new(() => new Conv2d(2, 3, 3, 2, (2, 1), mode: PaddingMode.Circular), [1, 2, 5, 4]),
        ["conv3d"] = new(() => new Conv3d(2, 4, (2, 3, 3), (1, 2, 1), (0, 1, 1), groups: 2), [1, 2, 3, 5, 4]),
        ["transposed1d"] = new(() => new ConvTranspose1d(4, 3, 4, 2, 1), [2, 4, 5]),
        ["transposed2d"] = new(() => new ConvTranspose2d(4, 6, 3, 2, 1, (1, 0), groups: 2), [2, 4, 3, 4]),
        ["transposed2d-dilated"] = new(() => new ConvTranspose2d(2, 3, (2, 3), (1, 2), dilation: (2, 1), bias: false), [1, 2, 3, 3]),
        ["transposed3d"] = new(() => new ConvTranspose3d(2, 3, 2, 2), [1, 2, 2, 3, 2]),
        ["batch1d"] = new(() => new BatchNorm1d(4), [6, 4]),
        ["batch1d-sequence"] = new(() => new BatchNorm1d(4, 1e-3), [3, 4, 5]) { Calls = 2 },
        ["batch2d"] = new(() => new BatchNorm2d(3, momentum: 0.3), [2, 3, 4, 4]) { Calls = 2 },
        ["batch2d-eval"] = new(() => new BatchNorm2d(3), [2, 3, 4, 4]) { Training = false },
        ["batch2d-cumulative"] = new(() => new BatchNorm2d(3, momentum: null), [2, 3, 4, 4]) { Calls = 3 },
        ["batch2d-plain"] = new(() => new BatchNorm2d(3, affine: false), [2, 3, 4, 4]),
        ["batch2d-untracked-eval"] = new(() => new BatchNorm2d(3, trackRunningStats: false), [2, 3, 4, 4]) { Training = false },
        ["batch3d"] = new(() => new BatchNorm3d(2), [2, 2, 3, 3, 2]),
        ["instance1d"] = new(() => new InstanceNorm1d(3, affine: true), [2, 3, 7]),
        ["instance2d"] = new(() => new InstanceNorm2d(3), [2, 3, 4, 4]),
        ["instance2d-tracked"] = new(() => new InstanceNorm2d(3, momentum: 0.2, affine: true, trackRunningStats: true),
            [2, 3, 4, 4])
        { Calls = 2 },
        ["instance2d-tracked-eval"] = new(() => new InstanceNorm2d(3, affine: true, trackRunningStats: true), [2, 3, 4, 4])
        { Training = false },
        ["instance3d"] = new(() => new InstanceNorm3d(2, 1e-3), [2, 2, 3, 2, 3]),
        ["layer"] = new(() => new LayerNorm(6), [3, 4, 6]),
        ["layer-shape"] = new(() => new LayerNorm([4, 6], 1e-3), [3, 4, 6]),
        ["layer-plain"] = new(() => new LayerNorm(6, affine: false), [3, 6]),
        ["group"] = new(() => new GroupNorm(2, 6), [2, 6, 3, 3]),
        ["group-plain"] = new(() => new GroupNorm(3, 6, 1e-2, affine: false), [2, 6, 5]),
        ["max1d"] = new(() => new MaxPool1d(3, 2, 1), [1, 2, 8]),
        ["max2d"] = new(() => new MaxPool2d(2), [1, 2, 5, 4]),
        ["max2d-ceil"] = new(() => new MaxPool2d((3, 2), 2, (1, 0), ceilMode: true), [1, 2, 6, 5]),
        ["max2d-dilated"] = new(() => new MaxPool2d(2, 1, dilation: 2), [1, 2, 5, 5]),
        ["max3d"] = new(() => new MaxPool3d(2, (1, 2, 2), ceilMode: true), [1, 2, 3, 5, 4]),
        ["avg1d"] = new(() => new AvgPool1d(3, 2, 1, ceilMode: true), [1, 2, 8]),
        ["avg2d"] = new(() => new AvgPool2d(3, 2, 1), [1, 2, 6, 5]),
        ["avg2d-ceil"] = new(() => new AvgPool2d(2, ceilMode: true, countIncludePad: false), [1, 2, 5, 5]),
        ["avg3d"] = new(() => new AvgPool3d((2, 3, 2), 2, (1, 1, 0), countIncludePad: false), [1, 2, 4, 5, 4]),
        ["adaptive-avg1d"] = new(() => new AdaptiveAvgPool1d(3), [1, 2, 7]),
        ["adaptive-avg2d"] = new(() => new AdaptiveAvgPool2d((3, 2)), [1, 2, 7, 5]),
        ["adaptive-avg3d"] = new(() => new AdaptiveAvgPool3d((2, 1, 3)), [1, 2, 3, 4, 5]),
        ["adaptive-max1d"] = new(() => new AdaptiveMaxPool1d(3), [1, 2, 7]),
        ["adaptive-max2d"] = new(() => new AdaptiveMaxPool2d((3, 2)), [1, 2, 7, 5]),
        ["adaptive-max3d"] = new(() => new AdaptiveMaxPool3d((2, 1, 3)), [1, 2, 3, 4, 5]),
        ["global-avg"] = new(() => new GlobalAvgPool2d(), [2, 3, 4, 4]),
        ["relu"] = Activation(new Relu()),
        ["relu6"] = Activation(new Relu6()),
        ["leaky"] = Activation(new LeakyRelu(0.2)),
        ["prelu"] = new(() => new PRelu(4), [3, 4, 5]),
        ["elu"] = Activation(new Elu(0.7)),
        ["gelu"] = Activation(new Gelu()),
        ["gelu-tanh"] = Activation(new Gelu(GeluForm.Tanh)),
        ["quick-gelu"] = Activation(new QuickGelu()),
        ["silu"] = Activation(new Silu()),
        ["hardswish"] = Activation(new HardSwish()),
        ["hardsigmoid"] = Activation(new HardSigmoid()),
        ["mish"] = Activation(new Mish()),
        ["sigmoid"] = Activation(new Sigmoid()),
        ["tanh"] = Activation(new Tanh()),
        ["softplus"] = Activation(new Softplus(2, 1)),
        ["softmax"] = Activation(new Softmax()),
        ["log-softmax"] = Activation(new LogSoftmax(1)),
        ["selu"] = Activation(new Selu()),
        ["celu"] = Activation(new Celu(0.6)),
        ["log-sigmoid"] = Activation(new LogSigmoid()),
        ["hardtanh"] = Activation(new Hardtanh(-0.3, 0.5)),
        ["softsign"] = Activation(new Softsign()),
        ["glu"] = Activation(new Glu(1)),
        ["zero-pad"] = new(() => new ZeroPad2d((1, 2, 0, 3)), [1, 2, 3, 4]),
        ["constant-pad"] = new(() => new ZeroPad2d((1, -1, 2, 0), 0.7), [1, 2, 3, 4]),
        ["reflection-pad"] = new(() => new ReflectionPad2d((1, 2, 0, 2)), [1, 2, 3, 4]),
        ["replication-pad"] = new(() => new ReplicationPad2d(2), [1, 2, 3, 4]),
        ["reflection-pad1d"] = new(() => new ReflectionPad1d(1, 3), [1, 2, 5]),
        ["upsample"] = new(() => new Upsample(2), [1, 2, 3, 4]),
        ["upsample-bilinear"] = new(() => new Upsample(1.5, Interpolation.Bilinear), [1, 2, 3, 5]),
        ["upsample-size"] = new(() => new Upsample(5, 7, Interpolation.Bilinear, alignCorners: true), [1, 2, 3, 4]),
        ["upsample-bicubic"] = new(() => new Upsample(5, 7, Interpolation.Bicubic), [1, 2, 3, 4]),
        ["pixel-shuffle"] = new(() => new PixelShuffle(2), [1, 8, 2, 3]),
        ["pixel-unshuffle"] = new(() => new PixelUnshuffle(2), [1, 2, 4, 6]),
        ["unflatten"] = new(() => new Unflatten(1, 2, 3), [4, 6]),
        ["lstm"] = new(() => new Lstm(3, 4), [5, 2, 3]),
        ["lstm-deep"] = new(() => new Lstm(3, 4, 2, batchFirst: true, bidirectional: true), [2, 5, 3]),
        ["lstm-no-bias"] = new(() => new Lstm(3, 4, bias: false), [5, 2, 3]),
        ["gru"] = new(() => new Gru(3, 4), [5, 2, 3]),
        ["gru-deep"] = new(() => new Gru(3, 4, 2, batchFirst: true, bidirectional: true), [2, 5, 3]),
        ["lstm-cell"] = new(() => new LstmCell(3, 4), [2, 3], [2, 4], [2, 4]),
        ["gru-cell"] = new(() => new GruCell(3, 4), [2, 3], [2, 4]),
        ["attention"] = new(() => new MultiheadAttention(8, 2), [2, 5, 8]),
        ["attention-cross"] = new(() => new MultiheadAttention(8, 4, bias: false), [2, 3, 8], [2, 5, 8], [2, 5, 8]),
        ["spectral-linear"] = new(() => new SpectralNorm(new Linear(5, 4)), [3, 5]) { Calls = 2 },
        ["spectral-conv"] = new(() => new SpectralNorm(new Conv2d(2, 4, 3), 2), [1, 2, 5, 5]),
        ["spectral-conv-eval"] = new(() => new SpectralNorm(new Conv2d(2, 4, 3, bias: false)), [1, 2, 5, 5]) { Training = false },
        ["spectral-transposed"] = new(() => new SpectralNorm(new ConvTranspose2d(2, 4, 3, 2)), [1, 2, 3, 3]),
        ["weight-norm-linear"] = new(() => new WeightNorm(new Linear(5, 4)), [3, 5]),
        ["weight-norm-conv"] = new(() => new WeightNorm(new Conv1d(2, 4, 3, padding: 1)), [1, 2, 5]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_computes_what_PyTorchs_does(string name)
    {
        using var scope = new TensorScope();
        var expected = Expected.GetProperty(name);
        using var module = Cases[name].Make();
        module.Train(Cases[name].Training);
        var state = module.StateDict();
        Assert.Equal(
            expected.GetProperty("keys").EnumerateObject().Select(key => $"{key.Name} {key.Value.GetRawText()}").Order(),
            state.Select(entry => $"{entry.Name} [{string.Join(",", entry.Tensor.Shape.ToArray())}]").Order());
        foreach (var entry in state.Where(entry => entry.Tensor.DType.IsFloatingPoint()))
        {
            Formula.Fill(entry.Tensor, entry.Name, entry.Name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0.1, 0.4);
        }

        Tensor[] inputs = [.. Cases[name].Shapes.Select((shape, k) => Formula.Floats($"in.{k}", shape).WithGrad())];
        Tensor[] outputs = [];
        for (int call = 0; call < Cases[name].Calls; call++) outputs = Call(module, inputs);
        Assert.Equal(expected.GetProperty("shapes").GetRawText(),
            JsonSerializer.Serialize(outputs.Select(output => output.Shape.ToArray())));
        for (int k = 0; k < outputs.Length; k++)
            Figures.AssertSample(expected.GetProperty("outputs")[k], outputs[k], $"{name}, output {k}");

        Gradients.Backward(outputs, [.. outputs.Select((output, k) => Formula.Floats($"grad.{k}", output.Shape))]);
        for (int k = 0; k < inputs.Length; k++)
            Figures.AssertSample(expected.GetProperty("inputs")[k], inputs[k].Grad!, $"{name}, gradient of input {k}");
        foreach (var (key, parameter) in module.NamedParameters()) Figures.AssertSample(expected.GetProperty("parameters").GetProperty(key),
            parameter.Grad!, $"{name}, gradient of {key}");
        foreach (var (key, buffer) in module.NamedBuffers()) Figures.AssertSample(expected.GetProperty("buffers").GetProperty(key), buffer,
            $"{name}, {key}");
    }

    [Fact]
    public void Every_figure_has_its_layer() =>
        Assert.Equal(Expected.EnumerateObject().Select(figure => figure.Name).Order(), Cases.Keys.Order());

    private static Case Activation(Module<Tensor, Tensor> activation) => new(() => new TimesFour(activation), [3, 4, 5]);

    private static Tensor[] Call(Module module, Tensor[] inputs)
    {
        switch (module)
        {
            case MultiheadAttention attention when inputs.Length == 3: return [attention.Call(inputs[0], inputs[1], inputs[2])];
            case Lstm lstm:
                var (sequence, hidden, cell) = lstm.Call(inputs[0]);
                return [sequence, hidden, cell];
            case Gru gru:
                var (states, last) = gru.Call(inputs[0]);
                return [states, last];
            case LstmCell step:
                var (h, c) = step.Call(inputs[0], inputs[1], inputs[2]);
                return [h, c];
            case GruCell step: return [step.Call(inputs[0], inputs[1])];
            default: return [((Module<Tensor, Tensor>)module).Call(inputs[0])];
        }
    }

    private sealed record Case(Func<Module> Make, params long[][] Shapes)
    {
        public bool Training { get; init; } = true;

        public int Calls { get; init; } = 1;
    }

    /// <summary>Spreads the formula's numbers over the interesting part of an activation.</summary>
    private sealed partial class TimesFour(Module<Tensor, Tensor> activation) : Module<Tensor, Tensor>
    {
        private Module<Tensor, Tensor> Activation { get; } = activation;

        protected override Tensor Forward(Tensor input) => Activation.Call(input * 4);
    }
}
