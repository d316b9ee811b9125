using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>
/// Random changes of pictures <c>(N, C, H, W)</c> through which gradients pass, each with its random numbers given. 2006.10738;
/// mit-han-lab/data-efficient-gans@0b633951 DiffAugment_pytorch.py. Nothing is cut off at -1 or 1.
/// </summary>
public static class DiffAugmentFunctions
{
    /// <summary>The largest shift, as a share of a side.</summary>
    public const double TranslationShare = 0.125;

    /// <summary>The side of the hole, as a share of a side.</summary>
    public const double CutoutShare = 0.5;

    /// <summary>Adds one number to each picture: <c>x + r − ½</c>.</summary>
    /// <param name="images">Pictures.</param>
    /// <param name="r">In [0, 1), <c>(N, 1, 1, 1)</c>.</param>
    public static Tensor Brightness(Tensor images, Tensor r) => images + (r - 0.5);

    /// <summary>Scales each pixel's distance from its own grey by <c>2r</c>.</summary>
    /// <param name="images">Pictures.</param>
    /// <param name="r">In [0, 1), <c>(N, 1, 1, 1)</c>.</param>
    public static Tensor Saturation(Tensor images, Tensor r)
    {
        var grey = images.Mean([1], keepdim: true);
        return ((images - grey) * (r * 2)) + grey;
    }

    /// <summary>Scales each picture's distance from its mean by <c>r + ½</c>.</summary>
    /// <param name="images">Pictures.</param>
    /// <param name="r">In [0, 1), <c>(N, 1, 1, 1)</c>.</param>
    public static Tensor Contrast(Tensor images, Tensor r)
    {
        var mean = images.Mean([1, 2, 3], keepdim: true);
        return ((images - mean) * (r + 0.5)) + mean;
    }

    /// <summary>Shifts each picture, with zeros where nothing comes from: <c>out[i, j] = x[i + rows, j + columns]</c>.</summary>
    /// <param name="images">Pictures.</param>
    /// <param name="rows">Whole numbers <c>(N)</c>.</param>
    /// <param name="columns">Whole numbers <c>(N)</c>.</param>
    public static Tensor Translate(Tensor images, Tensor rows, Tensor columns)
    {
        using var scope = new TensorScope();
        long count = images.Size(0), channels = images.Size(1), height = images.Size(2), width = images.Size(3);
        var framed = images.Pad([1, 1, 1, 1], "constant", 0.0);
        var down = Places(rows, height).Reshape([count, 1, height, 1]).Expand([count, channels, height, width + 2]);
        var across = Places(columns, width).Reshape([count, 1, 1, width]).Expand([count, channels, height, width]);
        return scope.Keep(framed.Gather(2, down).Gather(3, across));
    }

    /// <summary>The largest shift along a side: <c>⌊share · side + ½⌋</c>.</summary>
    public static int LargestShift(long side, double share = TranslationShare) => (int)((side * share) + 0.5);

    /// <summary>Sets a rectangle of each picture to zero; what reaches over the edge is cut off.</summary>
    /// <param name="images">Pictures.</param>
    /// <param name="rows">The hole's centre, whole numbers <c>(N)</c>.</param>
    /// <param name="columns">The hole's centre, whole numbers <c>(N)</c>.</param>
    /// <param name="share">The hole's sides, as a share of the picture's.</param>
    public static Tensor Cutout(Tensor images, Tensor rows, Tensor columns, double share = CutoutShare)
    {
        using var scope = new TensorScope();
        long count = images.Size(0), height = images.Size(2), width = images.Size(3);
        var down = Inside(rows, height, HoleSide(height, share)).Reshape([count, 1, height, 1]);
        var across = Inside(columns, width, HoleSide(width, share)).Reshape([count, 1, 1, width]);
        return scope.Keep(images * (down & across).LogicalNot().To(images.DType));
    }

    /// <summary>The side of a hole: <c>⌊share · side + ½⌋</c>.</summary>
    public static int HoleSide(long side, double share = CutoutShare) => (int)((side * share) + 0.5);

    /// <summary>How many places a hole's centre may have along a side: one more where the hole's own side is even.</summary>
    public static long HolePlaces(long side, double share = CutoutShare) => side + 1 - (HoleSide(side, share) % 2);

    private static Tensor Places(Tensor shifts, long side)
    {
        var line = Tensor.Arange(side, dtype: DType.Int64).To(shifts.Device);
        return (line.Unsqueeze(0) + shifts.To(DType.Int64).Unsqueeze(1) + 1).Clamp(0, side + 1); // (N, side) in the framed picture
    }

    private static Tensor Inside(Tensor centres, long side, int hole)
    {
        var line = Tensor.Arange(side, dtype: DType.Int64).To(centres.Device).Unsqueeze(0);
        var first = centres.To(DType.Int64).Unsqueeze(1) - (hole / 2);
        return (line >= first) & (line < first + hole); // (N, side)
    }
}
