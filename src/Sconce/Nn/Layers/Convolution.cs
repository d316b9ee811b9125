using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>What stands beyond the edge of a map.</summary>
public enum PaddingMode
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The map mirrored at its edge, which is not repeated.</summary>
    Reflect,

    /// <summary>The edge, repeated.</summary>
    Replicate,

    /// <summary>The map again, from its other side.</summary>
    Circular,
}

/// <summary>What convolutions of one to three dimensions share: their numbers, and PyTorch's default initial ones.</summary>
public abstract partial class Convolution : Module<Tensor, Tensor>, IWeightedLayer
{
    private readonly long[] padding;
    private readonly PaddingMode mode;
    private readonly bool transposed;

    private protected Convolution(int inputs, int outputs, long[] kernel, long[] stride, long[] padding, long[] dilation, int groups,
        bool bias, PaddingMode mode, bool transposed)
    {
        if (groups < 1 || inputs % groups != 0 || outputs % groups != 0)
        {
            throw new ArgumentException($"convolution: {inputs} input and {outputs} output channels do not divide into {groups} groups");
        }

        this.padding = padding;
        this.mode = mode;
        this.transposed = transposed;
        Stride = stride;
        Dilation = dilation;
        Groups = groups;
        Weight = Parameter.Empty(transposed ? [inputs, outputs / groups, .. kernel] : [outputs, inputs / groups, .. kernel]);
        Init.KaimingUniform(Weight, Math.Sqrt(5));
        double bound = 1 / Math.Sqrt(Init.Fan(Weight, FanMode.In));
        Bias = bias ? Init.Uniform(Parameter.Empty(outputs), -bound, bound) : null;
    }

    /// <summary><c>(outputs, inputs / groups, …kernel)</c>; transposed ones <c>(inputs, outputs / groups, …kernel)</c>.</summary>
    public Parameter Weight { get; }

    /// <summary><c>(outputs)</c></summary>
    public Parameter? Bias { get; }

    /// <summary>The step along each dimension.</summary>
    public long[] Stride { get; }

    /// <summary>The distance between a kernel's cells along each dimension.</summary>
    public long[] Dilation { get; }

    /// <summary>Into how many independent parts the channels are cut.</summary>
    public int Groups { get; }

    /// <summary>What is added at both ends of each dimension.</summary>
    public ReadOnlySpan<long> Padding => mode == PaddingMode.Zeros ? padding : new long[padding.Length];

    /// <summary>What answers in place of the layer, such as a compressed form of it; null for the layer itself.</summary>
    public Func<Tensor, Tensor>? Substitute { get; set; }

    /// <inheritdoc/>
    int IWeightedLayer.OutputDimension => transposed ? 1 : 0;

    /// <inheritdoc/>
    public abstract Tensor CallWith(Tensor weight, Tensor input);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Substitute is { } other ? other(input) : CallWith(Weight, input);

    /// <summary>The input with its edges padded, where that is not the operator's own zeros.</summary>
    private protected Tensor Padded(Tensor input)
    {
        if (mode == PaddingMode.Zeros) return input;
        var both = new long[padding.Length * 2];
        for (int k = 0; k < padding.Length; k++) both[2 * k] = both[(2 * k) + 1] = padding[padding.Length - 1 - k];
        return Functional.Pad(input, both, mode);
    }
}

/// <summary><c>(N, inputs, L) -> (N, outputs, L')</c></summary>
public sealed class Conv1d(int inputs, int outputs, int kernel, int stride = 1, int padding = 0, int dilation = 1, int groups = 1,
    bool bias = true, PaddingMode mode = PaddingMode.Zeros)
    : Convolution(inputs, outputs, [kernel], [stride], [padding], [dilation], groups, bias, mode, transposed: false)
{
    /// <inheritdoc/>
    public override Tensor CallWith(Tensor weight, Tensor input) =>
        Functional.Conv1d(Padded(input), weight, Bias, Stride, Padding, Dilation, Groups);
}

/// <summary><c>(N, inputs, H, W) -> (N, outputs, H', W')</c></summary>
public sealed class Conv2d(int inputs, int outputs, Extent2 kernel, Extent2? stride = null, Extent2? padding = null,
    Extent2? dilation = null, int groups = 1, bool bias = true, PaddingMode mode = PaddingMode.Zeros)
    : Convolution(inputs, outputs, kernel.ToArray(), (stride ?? 1).ToArray(), (padding ?? 0).ToArray(), (dilation ?? 1).ToArray(), groups,
        bias, mode, transposed: false)
{
    /// <inheritdoc/>
    public override Tensor CallWith(Tensor weight, Tensor input) =>
        Functional.Conv2d(Padded(input), weight, Bias, Stride, Padding, Dilation, Groups);
}

/// <summary><c>(N, inputs, D, H, W) -> (N, outputs, D', H', W')</c></summary>
public sealed class Conv3d(int inputs, int outputs, Extent3 kernel, Extent3? stride = null, Extent3? padding = null,
    Extent3? dilation = null, int groups = 1, bool bias = true, PaddingMode mode = PaddingMode.Zeros)
    : Convolution(inputs, outputs, kernel.ToArray(), (stride ?? 1).ToArray(), (padding ?? 0).ToArray(), (dilation ?? 1).ToArray(), groups,
        bias, mode, transposed: false)
{
    /// <inheritdoc/>
    public override Tensor CallWith(Tensor weight, Tensor input) =>
        Functional.Conv3d(Padded(input), weight, Bias, Stride, Padding, Dilation, Groups);
}

/// <summary><c>(N, inputs, L) -> (N, outputs, L')</c>, the transpose of a strided convolution.</summary>
public sealed class ConvTranspose1d(int inputs, int outputs, int kernel, int stride = 1, int padding = 0, int outputPadding = 0,
    int groups = 1, bool bias = true, int dilation = 1)
    : Convolution(inputs, outputs, [kernel], [stride], [padding], [dilation], groups, bias, PaddingMode.Zeros, transposed: true)
{
    /// <inheritdoc/>
    public override Tensor CallWith(Tensor weight, Tensor input) =>
        Functional.ConvTranspose1d(input, weight, Bias, Stride, Padding, [outputPadding], Groups, Dilation);
}

/// <summary><c>(N, inputs, H, W) -> (N, outputs, H', W')</c>, the transpose of a strided convolution.</summary>
public sealed class ConvTranspose2d(int inputs, int outputs, Extent2 kernel, Extent2? stride = null, Extent2? padding = null,
    Extent2? outputPadding = null, int groups = 1, bool bias = true, Extent2? dilation = null)
    : Convolution(inputs, outputs, kernel.ToArray(), (stride ?? 1).ToArray(), (padding ?? 0).ToArray(), (dilation ?? 1).ToArray(), groups,
        bias, PaddingMode.Zeros, transposed: true)
{
    private readonly long[] outputPadding = (outputPadding ?? 0).ToArray();

    /// <inheritdoc/>
    public override Tensor CallWith(Tensor weight, Tensor input) =>
        Functional.ConvTranspose2d(input, weight, Bias, Stride, Padding, outputPadding, Groups, Dilation);
}

/// <summary><c>(N, inputs, D, H, W) -> (N, outputs, D', H', W')</c>, the transpose of a strided convolution.</summary>
public sealed class ConvTranspose3d(int inputs, int outputs, Extent3 kernel, Extent3? stride = null, Extent3? padding = null,
    Extent3? outputPadding = null, int groups = 1, bool bias = true, Extent3? dilation = null)
    : Convolution(inputs, outputs, kernel.ToArray(), (stride ?? 1).ToArray(), (padding ?? 0).ToArray(), (dilation ?? 1).ToArray(), groups,
        bias, PaddingMode.Zeros, transposed: true)
{
    private readonly long[] outputPadding = (outputPadding ?? 0).ToArray();

    /// <inheritdoc/>
    public override Tensor CallWith(Tensor weight, Tensor input) =>
        Functional.ConvTranspose3d(input, weight, Bias, Stride, Padding, outputPadding, Groups, Dilation);
}
