using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>FROST's step.</summary>
internal sealed class FrostProgram(FrostState state, Player player, FrostStep step, Device device) : LossProgram<FrostPictures>(player)
{
    /// <summary>What happens at an epoch's end: labels are made of guesses.</summary>
    internal Action<EpochEnd>? EndOfEpoch { get; init; }

    /// <inheritdoc/>
    public override Module Product => FrostMethod.Product(state.Trained);

    /// <inheritdoc/>
    public override Tensor Loss(FrostPictures batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(step.Compute(state.Trained, new FrostBatch(
            batch.Labelled.Images.To(device), batch.Labelled.Labels!.To(device),
            batch.Unlabelled.Views[0].To(device), batch.Unlabelled.Views[1].To(device),
            batch.Contrast.Views[0].To(device), batch.Contrast.Views[1].To(device))).Total);
    }

    /// <inheritdoc/>
    public override int Count(FrostPictures batch) => batch.Labelled.Count + batch.Unlabelled.Count + batch.Contrast.Count;

    /// <inheritdoc/>
    public override string Describe(FrostPictures batch) => BatchFaults.First([.. batch.Labelled.Names, .. batch.Unlabelled.Names]);

    /// <inheritdoc/>
    public override string? Fault(FrostPictures batch) =>
        BatchFaults.Of(batch.Labelled) ?? BatchFaults.Of(batch.Unlabelled) ?? BatchFaults.Of(batch.Contrast);

    /// <inheritdoc/>
    protected override void EpochEnded(EpochEnd epoch) => EndOfEpoch?.Invoke(epoch);
}
