using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>Faster R-CNN's four losses on batches of a person's pictures.</summary>
internal sealed class FasterRcnnProgram(FasterRcnn network, Player player, Device device) : LossProgram<DetectionBatch>(player)
{
    public override Module Product => network;

    public override Tensor Loss(DetectionBatch batch) => Parts(batch).Total;

    public override int Count(DetectionBatch batch) => batch.Count;

    public override string Describe(DetectionBatch batch) => BatchFaults.First(batch.Names);

    protected override void Step(DetectionBatch batch, TrainingStep step) => step.Update(Player, () =>
    {
        var losses = Parts(batch);
        step.Report("objectness", losses.Objectness.Item<double>());
        step.Report("proposal_boxes", losses.ProposalBoxes.Item<double>());
        step.Report("classes", losses.Classes.Item<double>());
        step.Report("boxes", losses.Boxes.Item<double>());
        return losses.Total;
    });

    /// <summary>The background is class 0, so objects are numbered from 1.</summary>
    private FasterRcnnLosses Parts(DetectionBatch batch)
    {
        var items = Enumerable.Range(0, batch.Count).ToList();
        return FasterRcnnTraining.Losses(
            network,
            [.. items.Select(k => batch.PictureOf(k).To(device))],
            [.. items.Select(k => (batch.CornersOf(k).To(device), (batch.Targets[k].Labels + 1).To(device)))],
            StepRandom.Next());
    }
}
