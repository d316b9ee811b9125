namespace Sconce.Nn;

/// <summary>A size in two dimensions: one number for both, or (height, width).</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Extent2(int Height, int Width)
{
    /// <summary>The same in both.</summary>
    public static implicit operator Extent2(int both) => new(both, both);

    /// <summary>Height and width.</summary>
    public static implicit operator Extent2((int Height, int Width) pair) => new(pair.Height, pair.Width);

    internal long[] ToArray() => [Height, Width];
}

/// <summary>A size in three dimensions: one number for all, or (depth, height, width).</summary>
/// <param name="Depth">Frames or slices.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Extent3(int Depth, int Height, int Width)
{
    /// <summary>The same in all three.</summary>
    public static implicit operator Extent3(int all) => new(all, all, all);

    /// <summary>Depth, height and width.</summary>
    public static implicit operator Extent3((int Depth, int Height, int Width) triple) => new(triple.Depth, triple.Height, triple.Width);

    internal long[] ToArray() => [Depth, Height, Width];
}
