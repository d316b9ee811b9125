using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>How a table of positions is resampled to another grid. The four in use differ numerically.</summary>
public enum PositionResize
{
    /// <summary>Bilinear, corners onto corners: the official code's spline zoom of order 1 (vit_jax/checkpoint.py).</summary>
    BilinearAlignCorners,

    /// <summary>Bilinear, no antialias: timm when it reads Google's files.</summary>
    Bilinear,

    /// <summary>Bicubic with antialias, coefficient -0.5: timm for its own files and for changing sizes.</summary>
    BicubicAntialias,

    /// <summary>Bicubic, coefficient -0.75, no antialias: the scripts of DeiT and T2T-ViT.</summary>
    Bicubic,
}

/// <summary>Tables of learned positions; 2010.11929 §3.2.</summary>
public static class PositionEmbedding
{
    /// <summary>As <see cref="Resize"/>, or null where the table is none of a square grid with that prefix and as wide as
    /// <paramref name="own"/>.</summary>
    /// <param name="positions">The table of a file, <c>(1, prefix + h·h, width)</c>, or without its first dimension where
    /// <paramref name="own"/> has none.</param>
    /// <param name="own">The network's table.</param>
    /// <param name="grid">The network's.</param>
    /// <param name="resize">Which of the flavours.</param>
    /// <param name="prefix">Rows for class and register tokens.</param>
    public static Tensor? TryResize(Tensor positions, Tensor own, Extent2 grid, PositionResize resize, int prefix = 1)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(own);
        if (positions.Dimensions != own.Dimensions || own.Dimensions is not (2 or 3) || positions.Size(-1) != own.Size(-1)) return null;
        using var scope = new TensorScope();
        var table = own.Dimensions == 2 ? positions.Unsqueeze(0) : positions;
        long patches = table.Size(1) - prefix, side = (long)Math.Round(Math.Sqrt(Math.Max(0, patches)));
        if (table.Size(0) != 1 || patches < 1 || side * side != patches) return null;
        var resized = Resize(table, grid, resize, prefix);
        return scope.Keep(own.Dimensions == 2 ? resized.Squeeze(0) : resized);
    }

    /// <summary>Resamples a table: <c>(1, prefix + h·w, width) -> (1, prefix + h'·w', width)</c>. The prefix's rows stay.</summary>
    /// <param name="positions">One row each prefix token, then one each patch, rows of the grid first.</param>
    /// <param name="grid">The new one.</param>
    /// <param name="resize">Which of the flavours.</param>
    /// <param name="prefix">Rows for class and register tokens.</param>
    /// <param name="from">The grid it was made for; a square where left out.</param>
    /// <exception cref="ArgumentException">The table's rows are not the prefix and the grid, or the new grid is empty.</exception>
    public static Tensor Resize(Tensor positions, Extent2 grid, PositionResize resize, int prefix = 1, Extent2? from = null)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentOutOfRangeException.ThrowIfNegative(prefix);
        string shape = $"[{string.Join(", ", positions.Shape.ToArray())}]";
        if (positions.Dimensions != 3 || positions.Size(0) != 1)
            throw new ArgumentException($"positions: a table of shape {shape}, but (1, tokens, width) is expected");
        if (grid.Height < 1 || grid.Width < 1) throw new ArgumentException($"positions: no table has a grid of {grid.Height}x{grid.Width}");
        long patches = positions.Size(1) - prefix;
        int side = (int)Math.Round(Math.Sqrt(Math.Max(0, patches)));
        var old = from ?? side;
        if (patches < 1 || (long)old.Height * old.Width != patches)
        {
            throw new ArgumentException($"positions: a table of shape {shape} without {prefix} prefix rows is no grid of "
                + $"{old.Height}x{old.Width}: give the grid that it was made for");
        }

        using var scope = new TensorScope();
        // (1, width, h, w)
        var map = positions.Slice(1, prefix, long.MaxValue).Reshape([1, old.Height, old.Width, -1]).Permute([0, 3, 1, 2]).To(DType.Float32);
        map = Functional.Interpolate(
            map,
            [grid.Height, grid.Width],
            resize is PositionResize.Bilinear or PositionResize.BilinearAlignCorners ? Interpolation.Bilinear : Interpolation.Bicubic,
            alignCorners: resize == PositionResize.BilinearAlignCorners,
            antialias: resize == PositionResize.BicubicAntialias);
        var rows = map.Permute([0, 2, 3, 1]).Reshape([1, (long)grid.Height * grid.Width, -1]).To(positions.DType);
        return scope.Keep(Tensor.Cat([positions.Slice(1, 0, prefix), rows], 1));
    }
}
