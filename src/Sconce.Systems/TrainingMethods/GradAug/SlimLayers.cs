using Sconce.Nn;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>A network that holds smaller ones, which share its weights.</summary>
public interface ISubNetworks
{
    /// <summary>Which network runs from now on: 1 is the full one, less than 1 a smaller one.</summary>
    double Width { get; set; }
}

/// <summary>The width that all layers of one network share; models/randwidth_ops.py <c>width_mult</c>.</summary>
public sealed class SharedWidth
{
    /// <summary>The share of each layer's filters that is used, in (0, 1].</summary>
    public double Value
    {
        get;
        set => field = value is > 0 and <= 1
            ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a network's width lies in (0, 1]");
    } = 1;

    /// <summary>How many of the channels are used at a width.</summary>
    /// <param name="channels">Of the full layer.</param>
    /// <param name="width">In (0, 1].</param>
    /// <param name="ratio">0.25 keeps the channels a quarter of a block's rounded output, as in bottlenecks.</param>
    public static int Channels(int channels, double width, double ratio = 1)
    {
        double exact = channels * width / ratio;
        int rounded = Math.Max(1, (int)Math.Floor(exact + 0.5));
        if (rounded < 0.9 * exact) rounded++;
        return (int)(rounded * ratio);
    }
}

/// <summary>A convolution that uses the first of its filters and of their inputs. <c>(N, c, H, W) -> (N, c', H', W')</c>, c' by the width;
/// <c>RWConv2d</c>.</summary>
public sealed partial class SlimConv2d : Module<Tensor, Tensor>
{
    private readonly SharedWidth width;
    private readonly double ratio;
    private readonly int outputs, stride, padding;

    /// <summary>PyTorch's initial weights, until the network sets its own.</summary>
    /// <param name="width">The network's.</param>
    /// <param name="inputs">Of the full layer.</param>
    /// <param name="outputs">Of the full layer.</param>
    /// <param name="kernel">Its side.</param>
    /// <param name="stride">Of both dimensions.</param>
    /// <param name="padding">At each edge.</param>
    /// <param name="bias">Whether it adds an offset.</param>
    /// <param name="ratio">See <see cref="SharedWidth.Channels"/>.</param>
    public SlimConv2d(SharedWidth width, int inputs, int outputs, int kernel, int stride = 1, int padding = 0, bool bias = false,
        double ratio = 1)
    {
        (this.width, this.ratio, this.outputs, this.stride, this.padding) = (width, ratio, outputs, stride, padding);
        Weight = Init.KaimingUniform(Parameter.Empty(outputs, inputs, kernel, kernel), Math.Sqrt(5));
        double bound = 1 / Math.Sqrt(inputs * kernel * kernel);
        Bias = bias ? Init.Uniform(Parameter.Empty(outputs), -bound, bound) : null;
    }

    /// <summary><c>(outputs, inputs, kernel, kernel)</c></summary>
    public Parameter Weight { get; }

    /// <summary><c>(outputs)</c></summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        int used = SharedWidth.Channels(outputs, width.Value, ratio);
        var weight = Weight.Narrow(0, 0, used).Narrow(1, 0, x.Size(1));
        return Functional.Conv2d(x, weight, Bias?.Narrow(0, 0, used), [stride, stride], [padding, padding]);
    }
}

/// <summary>
/// Batch normalisation of the channels that arrive. The full network's keeps running statistics; a smaller one normalises by its batch and
/// leaves them alone. <c>(N, c, H, W) -> (N, c, H, W)</c>; <c>RWBatchNorm2d</c>.
/// </summary>
public sealed partial class SlimBatchNorm2d(SharedWidth width, int channels) : Module<Tensor, Tensor>
{
    private const double Eps = 1e-5, Momentum = 0.1;

    /// <summary>Gains <c>(C)</c>.</summary>
    public Parameter Weight { get; } = Parameter.Ones(channels);

    /// <summary>Offsets <c>(C)</c>.</summary>
    public Parameter Bias { get; } = Parameter.Zeros(channels);

    /// <summary>Of the full network <c>(C)</c>.</summary>
    public Buffer RunningMean { get; } = new(Tensor.Zeros([channels]));

    /// <summary>Of the full network <c>(C)</c>.</summary>
    public Buffer RunningVar { get; } = new(Tensor.Ones([channels]));

    /// <summary>In the official keys, and never counted up there.</summary>
    public Buffer NumBatchesTracked { get; } = new(Tensor.Zeros([], DType.Int64));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        if (Training) Statistics.Verify("batch norm", x, x.Elements / Math.Max(1, x.Size(1)), "channel");
        if (width.Value == 1) return Functional.BatchNorm(x, Weight, Bias, RunningMean, RunningVar, Training, Momentum, Eps, true);
        if (!Training)
            throw new InvalidOperationException(
                $"a sub-network of width {width.Value} has no running statistics: only the full network (width 1) can be evaluated");
        return Functional.BatchNorm(x, Weight.Narrow(0, 0, x.Size(1)), Bias.Narrow(0, 0, x.Size(1)), null, null, true, Momentum, Eps, true);
    }
}

/// <summary>A linear layer on the features that arrive; its outputs stay. <c>(N, c) -> (N, outputs)</c>; <c>RWLinear</c>.</summary>
public sealed partial class SlimLinear : Module<Tensor, Tensor>
{
    /// <summary>PyTorch's initial weights, until the network sets its own.</summary>
    public SlimLinear(int inputs, int outputs)
    {
        double bound = 1 / Math.Sqrt(inputs);
        Weight = Init.KaimingUniform(Parameter.Empty(outputs, inputs), Math.Sqrt(5));
        Bias = Init.Uniform(Parameter.Empty(outputs), -bound, bound);
    }

    /// <summary><c>(outputs, inputs)</c></summary>
    public Parameter Weight { get; }

    /// <summary><c>(outputs)</c></summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Functional.Linear(x, Weight.Narrow(1, 0, x.Size(1)), Bias);
}

/// <summary>Initial weights of the slimmable networks.</summary>
internal static class SlimInit
{
    /// <summary>Normal, of variance 2 / (kernel · kernel · outputs).</summary>
    internal static void ConvolutionsByFanOut(Module network)
    {
        foreach (var (_, module) in network.NamedModules())
        {
            if (module is SlimConv2d convolution) Init.KaimingNormal(convolution.Weight, mode: FanMode.Out);
        }
    }
}
