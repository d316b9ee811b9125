using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>
/// A convolution, or a transposed one, of "same" padding, and a leaky ReLU: the only layer but the ConvLSTM. Begun as Keras begins.
/// </summary>
internal sealed partial class HeatConv : Module<Tensor, Tensor>
{
    private readonly double slope;

    internal HeatConv(int inputs, int outputs, int kernel, double slope, int stride = 1, bool transposed = false)
    {
        this.slope = slope;
        C = transposed
            ? new ConvTranspose2d(inputs, outputs, kernel, stride, kernel / 2, stride - 1)
            : new Conv2d(inputs, outputs, kernel, stride, kernel / 2);
        Init.XavierUniform(C.Weight);
        Init.Constant(C.Bias!, 0);
    }

    internal Convolution C { get; }

    protected override Tensor Forward(Tensor x) => C.Call(x).LeakyRelu(slope);
}

/// <summary>Dense layers: each sees all before it. <c>(N, C, H, W) -> (N, C + growth · layers, H, W)</c></summary>
internal sealed partial class HeatBlock : Module<Tensor, Tensor>
{
    internal HeatBlock(int inputs, int growth, int layers, int kernel, double slope, bool transposed = false)
    {
        Layers = new(Enumerable.Range(0, layers).Select(k => new Sequential(
            new HeatConv(inputs + (k * growth), 4 * growth, 1, slope, transposed: transposed),
            new HeatConv(4 * growth, growth, kernel, slope, transposed: transposed))));
    }

    internal ModuleList<Sequential> Layers { get; }

    protected override Tensor Forward(Tensor x)
    {
        foreach (var layer in Layers) x = Tensor.Cat([x, layer.Call(x)], 1);
        return x;
    }
}

/// <summary>
/// A convolutional LSTM over frames, from zeros, with Keras' hard sigmoid and its one-sided padding of a 2 × 2 kernel.
/// <c>(N, frames, C, H, W) -> (N, frames, hidden, H, W)</c>
/// </summary>
internal sealed partial class HeatConvLstm : Module<Tensor, Tensor>
{
    private const int Side = 2;
    private readonly int hidden;

    internal HeatConvLstm(int inputs, int hidden)
    {
        this.hidden = hidden;
        Kernel = new Conv2d(inputs, 4 * hidden, Side);
        Recurrent = new Conv2d(hidden, 4 * hidden, Side, bias: false);
        Init.XavierUniform(Kernel.Weight);
        Init.Orthogonal(Recurrent.Weight);
        Init.Constant(Kernel.Bias!, 0);
        using var noGrad = Gradients.Off();
        Kernel.Bias!.FillInPlace(1, hidden..(2 * hidden)); // of the forget gate
    }

    internal Conv2d Kernel { get; }

    internal Conv2d Recurrent { get; }

    protected override Tensor Forward(Tensor x)
    {
        Tensor? cell = null, output = null;
        var frames = new List<Tensor>();
        foreach (var frame in x.Unbind(1))
        {
            var gates = Kernel.Call(Padded(frame));
            if (output is not null) gates += Recurrent.Call(Padded(output));
            var parts = gates.Split(hidden, 1); // input, forget, candidate, output
            var added = HardSigmoid(parts[0]) * parts[2].Tanh();
            cell = cell is null ? added : (HardSigmoid(parts[1]) * cell) + added;
            output = HardSigmoid(parts[3]) * cell.Tanh();
            frames.Add(output);
        }

        return Tensor.Stack([.. frames], 1);
    }

    private static Tensor Padded(Tensor frame) => Functional.Pad(frame, [0, 1, 0, 1]);

    private static Tensor HardSigmoid(Tensor z) => ((z * 0.2) + 0.5).Clamp(0, 1);
}
