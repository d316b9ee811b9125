using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Cells added around a map: one number for every side, or (left, right, top, bottom), PyTorch's order.</summary>
/// <param name="Left">Columns before the first.</param>
/// <param name="Right">Columns after the last.</param>
/// <param name="Top">Rows before the first.</param>
/// <param name="Bottom">Rows after the last.</param>
public readonly record struct Margins(int Left, int Right, int Top, int Bottom)
{
    /// <summary>The same at every side.</summary>
    public static implicit operator Margins(int all) => new(all, all, all, all);

    /// <summary>Left, right, top, bottom.</summary>
    public static implicit operator Margins((int Left, int Right, int Top, int Bottom) sides) =>
        new(sides.Left, sides.Right, sides.Top, sides.Bottom);

    internal long[] ToArray() => [Left, Right, Top, Bottom];
}

/// <summary>Adds zeros, or another number, around a map; negative margins cut. <c>(…, H, W) -> (…, H', W')</c>.</summary>
public sealed class ZeroPad2d(Margins margins, double value = 0) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Functional.Pad(input, margins.ToArray(), PaddingMode.Zeros, value);
}

/// <summary>Adds the map's own mirror image; the edge is not repeated, and margins must be smaller than the map.
/// <c>(N, C, H, W) -> (N, C, H', W')</c>.</summary>
public sealed class ReflectionPad2d(Margins margins) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.ReflectionPad2d(margins.ToArray());
}

/// <summary>Repeats the map's edge. <c>(N, C, H, W) -> (N, C, H', W')</c>.</summary>
public sealed class ReplicationPad2d(Margins margins) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.ReplicationPad2d(margins.ToArray());
}

/// <summary>Adds a sequence's own mirror image at both ends. <c>(N, C, L) -> (N, C, L')</c>.</summary>
public sealed class ReflectionPad1d(int left, int right) : Module<Tensor, Tensor>
{
    /// <summary>The same at both ends.</summary>
    public ReflectionPad1d(int both)
        : this(both, both)
    {
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.ReflectionPad1d([left, right]);
}
