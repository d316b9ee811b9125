using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>TensorFlow's SAME padding: as many zeros as make the output <c>ceil(size / stride)</c>, the smaller half first. It depends on
/// the input's size.</summary>
public static class SamePadding
{
    /// <summary>A convolution so padded. <c>(N, I, H, W) -> (N, O, ceil(H / stride), ceil(W / stride))</c></summary>
    /// <param name="map">The map.</param>
    /// <param name="weight"><c>(O, I / groups, k, k)</c></param>
    /// <param name="bias"><c>(O)</c>, or none.</param>
    /// <param name="stride">The step.</param>
    /// <param name="groups">Into how many independent parts the channels are cut.</param>
    public static Tensor Convolve(Tensor map, Tensor weight, Tensor? bias, int stride, int groups)
    {
        using var scope = new TensorScope();
        long kernel = weight.Size(-1);

        // The convolution pads equal halves itself: only unequal ones need a padded copy of the map.
        long rows = Missing(map.Size(-2), kernel, stride), columns = Missing(map.Size(-1), kernel, stride);
        if (rows % 2 == 0 && columns % 2 == 0)
            return scope.Keep(Functional.Conv2d(map, weight, bias, [stride, stride], [rows / 2, columns / 2], [1, 1], groups));
        var padded = Functional.Pad(map, [columns / 2, columns - (columns / 2), rows / 2, rows - (rows / 2)]);
        return scope.Keep(Functional.Conv2d(padded, weight, bias, [stride, stride], [0, 0], [1, 1], groups));
    }

    /// <summary>How many zeros a side of that size needs, at both ends together.</summary>
    public static long Missing(long size, long kernel, int stride) =>
        Math.Max(((((size + stride - 1) / stride) - 1) * stride) + kernel - size, 0);
}

/// <summary>A square convolution with <see cref="SamePadding"/>. <c>(N, inputs, H, W) -> (N, outputs, ceil(H / stride), ceil(W /
/// stride))</c></summary>
public sealed partial class SameConv2d : Module<Tensor, Tensor>
{
    private readonly int stride, groups;

    /// <summary>PyTorch's initial weights.</summary>
    public SameConv2d(int inputs, int outputs, int kernel, int stride = 1, int groups = 1, bool bias = true)
    {
        if (groups < 1 || inputs % groups != 0 || outputs % groups != 0)
            throw new ArgumentException($"convolution: {inputs} input and {outputs} output channels do not divide into {groups} groups");
        (this.stride, this.groups) = (stride, groups);
        Weight = Init.KaimingUniform(Parameter.Empty(outputs, inputs / groups, kernel, kernel), Math.Sqrt(5));
        double bound = 1 / Math.Sqrt(Init.Fan(Weight, FanMode.In));
        Bias = bias ? Init.Uniform(Parameter.Empty(outputs), -bound, bound) : null;
    }

    /// <summary><c>(outputs, inputs / groups, kernel, kernel)</c></summary>
    public Parameter Weight { get; }

    /// <summary><c>(outputs)</c></summary>
    public Parameter? Bias { get; }

    /// <summary>Into how many independent parts the channels are cut.</summary>
    public int Groups => groups;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => SamePadding.Convolve(input, Weight, Bias, stride, groups);
}
