using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>The largest of each window; <c>(N, C, L) -> (N, C, L')</c>.</summary>
public sealed class MaxPool1d(int kernel, int? stride = null, int padding = 0, bool ceilMode = false) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.MaxPool1d([kernel], [stride ?? kernel], [padding], [1], ceilMode);
}

/// <summary>The largest of each window; <c>(N, C, H, W) -> (N, C, H', W')</c>.</summary>
public sealed class MaxPool2d(Extent2 kernel, Extent2? stride = null, Extent2? padding = null, Extent2? dilation = null,
    bool ceilMode = false) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        input.MaxPool2d(kernel.ToArray(), (stride ?? kernel).ToArray(), (padding ?? 0).ToArray(), (dilation ?? 1).ToArray(), ceilMode);
}

/// <summary>The mean of each window; <c>(N, C, L) -> (N, C, L')</c>.</summary>
public sealed class AvgPool1d(int kernel, int? stride = null, int padding = 0, bool ceilMode = false, bool countIncludePad = true)
    : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AvgPool1d([kernel], [stride ?? kernel], [padding], ceilMode, countIncludePad);
}

/// <summary>The mean of each window; <c>(N, C, H, W) -> (N, C, H', W')</c>.</summary>
public sealed class AvgPool2d(Extent2 kernel, Extent2? stride = null, Extent2? padding = null, bool ceilMode = false,
    bool countIncludePad = true) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        input.AvgPool2d(kernel.ToArray(), (stride ?? kernel).ToArray(), (padding ?? 0).ToArray(), ceilMode, countIncludePad);
}

/// <summary>Means over as many windows as cells are wanted; <c>(N, C, H, W) -> (N, C, h, w)</c>.</summary>
public sealed class AdaptiveAvgPool2d(Extent2 size) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.AdaptiveAvgPool2d(size.ToArray());
}

/// <summary>The mean over the map; <c>(N, C, H, W) -> (N, C)</c>.</summary>
public sealed class GlobalAvgPool2d : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Mean([2, 3]);
}
