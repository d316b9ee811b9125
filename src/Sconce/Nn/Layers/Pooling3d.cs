using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>The largest of each window; <c>(N, C, D, H, W) -> (N, C, D', H', W')</c>.</summary>
public sealed class MaxPool3d(Extent3 kernel, Extent3? stride = null, Extent3? padding = null, Extent3? dilation = null,
    bool ceilMode = false) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        input.MaxPool3d(kernel.ToArray(), (stride ?? kernel).ToArray(), (padding ?? 0).ToArray(), (dilation ?? 1).ToArray(), ceilMode);
}

/// <summary>The mean of each window; <c>(N, C, D, H, W) -> (N, C, D', H', W')</c>.</summary>
public sealed class AvgPool3d(Extent3 kernel, Extent3? stride = null, Extent3? padding = null, bool ceilMode = false,
    bool countIncludePad = true) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        input.AvgPool3d(kernel.ToArray(), (stride ?? kernel).ToArray(), (padding ?? 0).ToArray(), ceilMode, countIncludePad);
}
