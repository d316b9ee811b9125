using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Resamples a map by a factor or to a size. <c>(N, C, H, W) -> (N, C, H', W')</c>.</summary>
public sealed class Upsample : Module<Tensor, Tensor>
{
    private readonly double? scale;
    private readonly long[] size = [];
    private readonly Interpolation mode;
    private readonly bool alignCorners;

    /// <summary>By a factor, which also places the samples, as PyTorch's <c>scale_factor</c> does.</summary>
    public Upsample(double scale, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
    {
        this.scale = scale > 0 ? scale : throw new ArgumentOutOfRangeException(nameof(scale), scale, "the factor must be positive");
        this.mode = mode;
        this.alignCorners = alignCorners;
    }

    /// <summary>To a size.</summary>
    public Upsample(int height, int width, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
    {
        size = [height, width];
        this.mode = mode;
        this.alignCorners = alignCorners;
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        scale is { } factor ? Functional.InterpolateBy(input, factor, mode, alignCorners)
        : Functional.Interpolate(input, size, mode, alignCorners);
}

/// <summary>Lays groups of channels out as blocks of cells. <c>(N, C·r², H, W) -> (N, C, H·r, W·r)</c>; 1609.05158.</summary>
public sealed class PixelShuffle(int factor) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.PixelShuffle(factor);
}

/// <summary>The inverse of <see cref="PixelShuffle"/>. <c>(N, C, H·r, W·r) -> (N, C·r², H, W)</c>.</summary>
public sealed class PixelUnshuffle(int factor) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.PixelUnshuffle(factor);
}

/// <summary>Parts one dimension into several: <c>(N, a·b) -> (N, a, b)</c>.</summary>
/// <param name="dimension">Which; negative ones count from the last.</param>
/// <param name="sizes">Its parts; one may be -1.</param>
public sealed class Unflatten(int dimension, params long[] sizes) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Unflatten(dimension, sizes);
}
