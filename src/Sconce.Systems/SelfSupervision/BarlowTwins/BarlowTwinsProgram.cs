using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>Barlow Twins on batches of two views; what is used afterwards is the backbone.</summary>
/// <param name="model">The backbone with its projector.</param>
/// <param name="player">Over the model.</param>
/// <param name="redundancyWeight">λ.</param>
/// <param name="device">Where it is trained.</param>
public sealed class BarlowTwinsProgram(BarlowTwins model, Player player, double redundancyWeight = BarlowTwinsLoss.OfficialRedundancyWeight,
    Device? device = null)
    : LossProgram<ViewBatch>(player)
{
    private readonly Device place = device ?? Device.Cpu;

    /// <inheritdoc/>
    public override Module Product => model.Backbone;

    /// <inheritdoc/>
    public override Tensor Loss(ViewBatch batch)
    {
        if (batch.Count < 2) throw new TrainingException("Barlow Twins correlates components over a batch: it needs two pictures at least");
        return model.Loss(batch.Views[0].To(place), batch.Views[1].To(place), redundancyWeight);
    }

    /// <inheritdoc/>
    public override int Count(ViewBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ViewBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ViewBatch batch) => BatchFaults.Of(batch);
}
