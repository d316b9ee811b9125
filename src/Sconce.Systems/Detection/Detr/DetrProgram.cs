using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.Detr;

/// <summary>DETR's loss on batches of a person's own pictures: <c>DetectionDataset</c>, <c>DetectionRecipe</c>, <c>DataLoader</c>, then
/// <c>Trainer</c> with this.</summary>
/// <param name="network">A <see cref="DetrModel"/> or <see cref="DetrSegmentation"/>.</param>
/// <param name="player">Over the network.</param>
/// <param name="classes">Of the data; the network has one output more.</param>
/// <param name="criterion">The official losses where left out.</param>
/// <param name="device">Where the network is.</param>
public sealed class DetrProgram(Module<PaddedImages, DetrOutput> network, Player player, int classes, SetCriterion? criterion = null,
    Device? device = null)
    : LossProgram<DetectionBatch>(player)
{
    private readonly SetCriterion losses = criterion ?? new SetCriterion(classes, new HungarianMatcher());
    private readonly Device place = device ?? Device.Cpu;

    /// <inheritdoc/>
    public override Module Product => network;

    /// <inheritdoc/>
    public override Tensor Loss(DetectionBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Verify(batch);
        if (network is DetrSegmentation && batch.Targets.ToList().FindIndex(target => target.Masks is null) is >= 0 and var bare)
            throw new TrainingException($"{batch.Names[bare]} comes without masks, which this network learns: "
                + "open the set with masks, and load it with them, or train a network of boxes");
        var output = network.Call(new PaddedImages(batch.Images.To(place), batch.Mask.To(place)));
        DetectionTarget[] targets = [.. batch.Targets.Select(target =>
            target with { Labels = target.Labels.To(place), Boxes = target.Boxes.To(place), Masks = target.Masks?.To(place) })];
        return losses.Compute(output, targets).Total;
    }

    /// <inheritdoc/>
    public override int Count(DetectionBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(DetectionBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(DetectionBatch batch)
    {
        using var scope = new TensorScope();
        if (BatchFaults.NotFinite(batch.Images) is { } picture) return $"the picture {batch.Names[picture]} holds NaN or infinity";
        int boxes = batch.Targets.ToList().FindIndex(target => !target.Boxes.Isfinite().All().Item<bool>());
        return boxes >= 0 ? $"a box of {batch.Names[boxes]} holds NaN or infinity" : null;
    }

    private void Verify(DetectionBatch batch)
    {
        for (int k = 0; k < batch.Count; k++)
        {
            foreach (long label in batch.Targets[k].Labels.ToArray<long>())
            {
                if (label < 0 || label >= classes)
                    throw new TrainingException($"{batch.Names[k]} has a box with the label {label}, outside 0 to {classes - 1}, the "
                        + $"{classes} classes there are");
            }
        }
    }
}
