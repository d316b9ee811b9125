using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Cips;

/// <summary>
/// Places of pixels, <c>(N, 2, H, W)</c>: first x along the width, then y along the height. -1 and 1 are the centres of a picture's
/// outermost pixels. saic-mdal/CIPS@eadae6e4 tensor_transforms.py.
/// </summary>
public static class CoordinateGrid
{
    /// <summary>Those of a whole picture, however many pixels it is rendered with.</summary>
    public static Tensor Whole(Extent2 size) => Region(size, 0, 0, size);

    /// <summary>
    /// Those of a rectangle of a larger picture: what is rendered of it equals the same rectangle of the whole.
    /// </summary>
    /// <param name="whole">The larger picture's size.</param>
    /// <param name="top">The rectangle's first row.</param>
    /// <param name="left">The rectangle's first column.</param>
    /// <param name="size">The rectangle's size.</param>
    /// <exception cref="ArgumentException">The rectangle reaches beyond the picture, or is empty.</exception>
    public static Tensor Region(Extent2 whole, int top, int left, Extent2 size)
    {
        if (top < 0 || left < 0 || size.Height < 1 || size.Width < 1 || top + size.Height > whole.Height || left + size.Width > whole.Width)
        {
            throw new ArgumentException(
                $"coordinates: a region of {size.Width} x {size.Height} from ({left}, {top}) does not lie in a picture of "
                + $"{whole.Width} x {whole.Height}");
        }

        using var scope = new TensorScope();
        return scope.Keep(Grid(Line(whole.Width).Narrow(0, left, size.Width), Line(whole.Height).Narrow(0, top, size.Height)));
    }

    /// <summary>Whole numbers from 0 on instead.</summary>
    public static Tensor Integers(Extent2 size)
    {
        using var scope = new TensorScope();
        return scope.Keep(Grid(Tensor.Arange(size.Width, dtype: DType.Float32), Tensor.Arange(size.Height, dtype: DType.Float32)));
    }

    /// <summary>
    /// Reads maps at coordinates, linearly between their cells: <c>(N, C, h, w), (N, 2, H, W) -> (N, C, H, W)</c>. As officially, -1 is the
    /// outer edge of the first cell here, not its centre, so that reading a map at its own grid does not give the map.
    /// </summary>
    public static Tensor Sample(Tensor maps, Tensor coordinates)
    {
        using var scope = new TensorScope();
        // bilinear, the border repeated
        return scope.Keep(Functional.GridSampler(maps, coordinates.Permute([0, 2, 3, 1]).Contiguous(), 0, 1, false));
    }

    /// <summary>
    /// A square patch of pictures and of their coordinates, stacked along the channels: at scale s each 2^s-th pixel from a random place
    /// on, then a random square of those. <c>(N, C, H, W) -> (N, C, patch, patch)</c>.
    /// </summary>
    /// <param name="stack">Pictures, and their coordinates behind them.</param>
    /// <param name="patch">The side of the patch.</param>
    /// <param name="scale">From 0 to log2(side / patch).</param>
    /// <param name="random">Where the patch lies.</param>
    /// <exception cref="ArgumentException">At that scale less is left than the patch.</exception>
    public static Tensor Patch(Tensor stack, int patch, int scale, Random random)
    {
        long step = 1L << scale, height = stack.Size(2), width = stack.Size(3);
        if (patch * step > Math.Min(height, width))
        {
            throw new ArgumentException(
                $"patches: each {step}-th pixel of {width} x {height} leaves less than {patch} x {patch}; "
                + "the largest scale is log2(side / patch)");
        }

        using var scope = new TensorScope();
        var rows = Along(stack, 2, height);
        return scope.Keep(Along(rows, 3, width).Contiguous());

        Tensor Along(Tensor x, int dimension, long side)
        {
            long start = random.NextInt64(side - (step * (patch - 1)));
            return x.Slice(dimension, start, start + (step * (patch - 1)) + 1, step);
        }
    }

    private static Tensor Line(int count) => Tensor.Linspace(-1, 1, count, dtype: DType.Float32);

    private static Tensor Grid(Tensor x, Tensor y)
    {
        long height = y.Size(0), width = x.Size(0);
        return Tensor.Stack([x.Reshape([1, -1]).Expand([height, width]), y.Reshape([-1, 1]).Expand([height, width])]).Unsqueeze(0);
    }
}
