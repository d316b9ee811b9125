using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>A 3x3 convolution of a map mirrored at its edges: <c>(N, inputs, H, W) -> (N, outputs, H, W)</c>.</summary>
internal sealed partial class MirroredConv(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private ReflectionPad2d Pad { get; } = new(1);

    Conv2d Conv { get; } = new(inputs, outputs, 3);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Pad, Conv);
}

/// <summary>Convolution, norm where asked, ELU, dropout of channels where asked: <c>(N, inputs, H, W) -> (N, outputs, H, W)</c>.</summary>
internal sealed partial class EluBlock(int inputs, int outputs, bool norm, double dropout) : Module<Tensor, Tensor>
{
    Sequential Block { get; } = new(
        new MirroredConv(inputs, outputs),
        norm ? new BatchNorm2d(outputs) : new Identity(),
        new Elu(),
        dropout > 0 ? new Dropout2d(dropout) : new Identity());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Block.Call(x);
}

/// <summary>The picture's mean as a map: pooled to one cell, a 1x1 convolution, and spread over the map again.</summary>
internal static class PooledBranch
{
    internal static Sequential Of(int inputs, int outputs) => new(
        new AdaptiveAvgPool2d(1), new Conv2d(inputs, outputs, 1, bias: false), new BatchNorm2d(outputs), new Relu());
}

/// <summary>
/// Atrous spatial pyramid pooling: looks at one map with several reaches at once. <c>(N, inputs, H, W) -> (N, outputs, H, W)</c>;
/// 1706.05587 §3.3, with torchvision's keys.
/// </summary>
internal sealed partial class Aspp : Module<Tensor, Tensor>
{
    internal Aspp(int inputs, int outputs, IReadOnlyList<int> rates, bool pooling)
    {
        var branches = new List<Sequential> { Branch(new Conv2d(inputs, outputs, 1, bias: false), outputs) };
        branches.AddRange(rates.Select(
            rate => Branch(new Conv2d(inputs, outputs, 3, padding: rate, dilation: rate, bias: false), outputs)));
        if (pooling) branches.Add(PooledBranch.Of(inputs, outputs));
        Convs = new ModuleList<Sequential>(branches);
        Project = new Sequential(
            new Conv2d(branches.Count * outputs, outputs, 1, bias: false), new BatchNorm2d(outputs), new Relu(), new Dropout(0.5));
    }

    ModuleList<Sequential> Convs { get; }

    Sequential Project { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) =>
        Project.Call(Tensor.Cat([.. Convs.Select(branch => Sized(branch.Call(x), x))], 1));

    private static Sequential Branch(Conv2d convolution, int outputs) => new(convolution, new BatchNorm2d(outputs), new Relu());

    private static Tensor Sized(Tensor map, Tensor like)
    {
        bool isWhole = map.Size(2) == like.Size(2) && map.Size(3) == like.Size(3);
        return isWhole ? map : Functional.Interpolate(map, [like.Size(2), like.Size(3)], Interpolation.Bilinear);
    }
}

/// <summary>
/// What one task tells the other: features times a gate in (0, 1), which is ½ everywhere at first. <c>(N, C, H, W) -> (N, C, H, W)</c>;
/// 1805.04409 eq. 4.
/// </summary>
internal sealed partial class GatedConv : Module<Tensor, Tensor>
{
    internal GatedConv(int channels)
    {
        Conv = new Conv2d(channels, channels, 3, padding: 1, bias: false);
        Attention = new Conv2d(channels, channels, 3, padding: 1, bias: false);
        Init.Constant(Attention.Weight, 0);
    }

    Conv2d Conv { get; }

    Conv2d Attention { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Conv.Call(x) * Attention.Call(x).Sigmoid();
}
