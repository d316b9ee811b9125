using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>CenterNet's loss on batches of a person's own pictures.</summary>
/// <param name="network">What learns.</param>
/// <param name="player">Over it.</param>
/// <param name="device">Where it is.</param>
internal sealed class CenterNetProgram(CenterNetLite network, Player player, Device device) : LossProgram<DetectionBatch>(player)
{
    /// <inheritdoc/>
    public override Module Product => network;

    /// <inheritdoc/>
    public override Tensor Loss(DetectionBatch batch)
    {
        var targets = CenterNetTraining.Targets(batch, network.Config.Classes).To(device);
        return CenterNetLoss.Compute(network.Call(batch.Images.To(device)), targets).Total;
    }

    /// <inheritdoc/>
    public override int Count(DetectionBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(DetectionBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(DetectionBatch batch)
    {
        using var scope = new TensorScope();
        return BatchFaults.NotFinite(batch.Images) is { } picture ? $"the picture {batch.Names[picture]} holds NaN or infinity" : null;
    }
}
