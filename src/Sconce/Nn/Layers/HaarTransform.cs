using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// The orthonormal Haar transform of each 2x2 block: <c>(N, C, 2H, 2W) -> (N, 4C, H, W)</c>, first the means (LL) of all channels, then LH
/// (positive where the upper row is brighter), HL (where the left column is) and HH. rosinality/stylegan2-pytorch@bef283a1 swagan.py.
/// </summary>
public sealed partial class HaarTransform : Module<Tensor, Tensor>
{
    /// <summary>Of both rows and columns.</summary>
    public Buffer Ll { get; } = HaarBands.Band(1, 1);

    /// <summary>Of the difference of rows.</summary>
    public Buffer Lh { get; } = HaarBands.Band(-1, 1);

    /// <summary>Of the difference of columns.</summary>
    public Buffer Hl { get; } = HaarBands.Band(1, -1);

    /// <summary>Of the difference of both.</summary>
    public Buffer Hh { get; } = HaarBands.Band(-1, -1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        long count = input.Size(0), channels = input.Size(1), height = input.Size(2), width = input.Size(3);
        if (height % 2 != 0 || width % 2 != 0)
        {
            throw new TorchException($"Haar transform: maps of {height} x {width} have no whole blocks of 2 x 2");
        }
        var bands = Tensor.Stack([Ll, Lh, Hl, Hh]).Unsqueeze(1).Flip([2, 3]); // (4, 1, 2, 2)
        var mixed = Functional.Conv2d(input.Reshape([count * channels, 1, height, width]), bands, null, [2, 2]); // (N·C, 4, H, W)
        return mixed.Reshape([count, channels, 4, height / 2, width / 2]).Transpose(1, 2)
            .Reshape([count, 4 * channels, height / 2, width / 2]);
    }
}

/// <summary>The inverse of <see cref="HaarTransform"/>: <c>(N, 4C, H, W) -> (N, C, 2H, 2W)</c>.</summary>
public sealed partial class InverseHaarTransform : Module<Tensor, Tensor>
{
    /// <summary>Of the means.</summary>
    public Buffer Ll { get; } = HaarBands.Band(1, 1);

    /// <summary>Of the differences of rows, with the sign that undoes the flip of a convolution's kernel.</summary>
    public Buffer Lh { get; } = HaarBands.Band(-1, 1, -1);

    /// <summary>Of the differences of columns.</summary>
    public Buffer Hl { get; } = HaarBands.Band(1, -1, -1);

    /// <summary>Of the differences of both.</summary>
    public Buffer Hh { get; } = HaarBands.Band(-1, -1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        long count = input.Size(0), channels = input.Size(1) / 4, height = input.Size(2), width = input.Size(3);
        if (input.Size(1) % 4 != 0) throw new TorchException($"inverse Haar transform: {input.Size(1)} channels are not four bands");
        var bands = Tensor.Stack([Ll, Lh, Hl, Hh]).Unsqueeze(1); // (4, 1, 2, 2)
        var parted = input.Reshape([count, 4, channels, height, width]).Transpose(1, 2).Reshape([count * channels, 4, height, width]);
        return Functional.ConvTranspose2d(parted, bands, null, [2, 2]).Reshape([count, channels, 2 * height, 2 * width]);
    }
}

internal static class HaarBands
{
    /// <summary>The outer product of (±1, 1)/√2 along the rows and along the columns.</summary>
    internal static Buffer Band(float down, float across, float sign = 1) =>
        new(Tensor.From([sign * down * across / 2, sign * down / 2, sign * across / 2, sign / 2], [2, 2]));
}
