using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// Batch normalisation whose statistics and affine numbers are buffers: they come from a checkpoint and never learn.
/// <c>(N, C, H, W) -> (N, C, H, W)</c>; torchvision 0.14.1 <c>ops.FrozenBatchNorm2d</c>, DETR's <c>models/backbone.py</c>.
/// </summary>
/// <remarks>Checkpoints of trained batch norms hold <c>num_batches_tracked</c> too, which has no place here.</remarks>
public sealed partial class FrozenBatchNorm2d(int channels, double eps = 1e-5) : Module<Tensor, Tensor>
{
    /// <summary>Gains <c>(C)</c>.</summary>
    public Buffer Weight { get; } = new(Tensor.Ones([channels]));

    /// <summary>Offsets <c>(C)</c>.</summary>
    public Buffer Bias { get; } = new(Tensor.Zeros([channels]));

    /// <summary>Means <c>(C)</c>.</summary>
    public Buffer RunningMean { get; } = new(Tensor.Zeros([channels]));

    /// <summary>Variances <c>(C)</c>.</summary>
    public Buffer RunningVar { get; } = new(Tensor.Ones([channels]));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        Functional.BatchNorm(input, Weight, Bias, RunningMean, RunningVar, false, 0, eps, true);
}
