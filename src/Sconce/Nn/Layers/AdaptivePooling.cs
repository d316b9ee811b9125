using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Means over as many windows as cells are wanted; <c>(N, C, L) -> (N, C, l)</c>.</summary>
public sealed class AdaptiveAvgPool1d(int size) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AdaptiveAvgPool1d([size]);
}

/// <summary>Means over as many windows as cells are wanted; <c>(N, C, D, H, W) -> (N, C, d, h, w)</c>.</summary>
public sealed class AdaptiveAvgPool3d(Extent3 size) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AdaptiveAvgPool3d(size.ToArray());
}

/// <summary>The largest of as many windows as cells are wanted; <c>(N, C, L) -> (N, C, l)</c>.</summary>
public sealed class AdaptiveMaxPool1d(int size) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AdaptiveMaxPool1d([size]).Item1;
}

/// <summary>The largest of as many windows as cells are wanted; <c>(N, C, H, W) -> (N, C, h, w)</c>.</summary>
public sealed class AdaptiveMaxPool2d(Extent2 size) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AdaptiveMaxPool2d(size.ToArray()).Item1;
}

/// <summary>The largest of as many windows as cells are wanted; <c>(N, C, D, H, W) -> (N, C, d, h, w)</c>.</summary>
public sealed class AdaptiveMaxPool3d(Extent3 size) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AdaptiveMaxPool3d(size.ToArray()).Item1;
}
