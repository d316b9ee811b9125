using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>A batch as TSP's networks read it.</summary>
internal static class TspBatch
{
    private const int White = 255;

    /// <summary>Each picture without padding, <c>(3, h, w)</c>: blue, green, red in [0, 255].</summary>
    internal static IReadOnlyList<Tensor> Pictures(DetectionBatch batch, Device device) =>
        [.. Enumerable.Range(0, batch.Count).Select(k => (batch.PictureOf(k).Flip([0]) * White).To(device))];

    /// <summary>Corners in pixels and labels of each picture's objects.</summary>
    internal static IReadOnlyList<(Tensor Boxes, Tensor Labels)> Objects(DetectionBatch batch, Device device) =>
        [.. Enumerable.Range(0, batch.Count).Select(k => (batch.CornersOf(k).To(device), batch.Targets[k].Labels.To(device)))];
}

/// <summary>What the two programs share: how a batch is called and counted, and the parts of the loss in the log.</summary>
internal abstract class TspProgram(Player player) : LossProgram<DetectionBatch>(player)
{
    public sealed override Tensor Loss(DetectionBatch batch) => Parts(batch).Total;

    public sealed override int Count(DetectionBatch batch) => batch.Count;

    public sealed override string Describe(DetectionBatch batch) => BatchFaults.First(batch.Names);

    /// <summary>The loss of a batch, and its parts by name.</summary>
    protected abstract (Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Named) Parts(DetectionBatch batch);

    protected sealed override void Step(DetectionBatch batch, TrainingStep step) => step.Update(Player, () =>
    {
        var (total, named) = Parts(batch);
        foreach (var (name, value) in named) step.Report(name, value.Item<double>());
        return total;
    });
}

/// <summary>TSP-FCOS's losses on batches of a person's pictures.</summary>
internal sealed class TspFcosProgram(TspFcos network, Player player, TspFcosLoss loss, Device device) : TspProgram(player)
{
    private readonly FcosAssignment assignment = new() { Sizes = network.Config.Sizes };

    public override Module Product => network;

    protected override (Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Named) Parts(DetectionBatch batch)
    {
        FcosObjects[] objects = [.. TspBatch.Objects(batch, Device.Cpu).Select(entry => FcosObjects.Of(entry.Boxes, entry.Labels))];
        var losses = TspFcosStep.Losses(network, TspBatch.Pictures(batch, device), objects, assignment, loss, StepRandom.Next());
        return (losses.Total,
            [("dense", losses.Dense), ("classes", losses.Classes), ("boxes", losses.Boxes), ("centreness", losses.Centreness)]);
    }
}

/// <summary>One step's losses of TSP-FCOS, from pictures and objects.</summary>
internal static class TspFcosStep
{
    /// <param name="network">In training mode.</param>
    /// <param name="pictures">Each <c>(3, H, W)</c>, blue, green, red in [0, 255].</param>
    /// <param name="objects">Of each picture, in its pixels.</param>
    /// <param name="assignment">Which cell is to find which.</param>
    /// <param name="loss">Of the answers.</param>
    /// <param name="random">Draws which features are left out.</param>
    internal static TspFcosLosses Losses(
        TspFcos network, IReadOnlyList<Tensor> pictures, IReadOnlyList<FcosObjects> objects, FcosAssignment assignment, TspFcosLoss loss,
        Random random)
    {
        using var scope = new TensorScope();
        var (output, targets) = network.Run(
            pictures, grids => assignment.Assign(grids, objects, network.Config.Classes), random);
        var dense = Tensor.Cat([.. output.Dense.Select(map => map.Flatten(2).Transpose(1, 2))], 1); // (N, T, C)
        var answers = FcosAnswers.Of(output.Places, output.Logits, output.Sides, output.Centreness, dense.Size(1));
        return scope.Keep(loss.Compute(dense.Flatten(0, 1), answers, targets));
    }
}

/// <summary>TSP-RCNN's losses on batches of a person's pictures.</summary>
internal sealed class TspRcnnProgram(TspRcnn network, Player player, Device device) : TspProgram(player)
{
    public override Module Product => network;

    protected override (Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Named) Parts(DetectionBatch batch)
    {
        var losses = TspRcnnTraining.Losses(
            network, TspBatch.Pictures(batch, device), TspBatch.Objects(batch, device), StepRandom.Next());
        return (losses.Total,
        [
            ("objectness", losses.Objectness), ("proposal_boxes", losses.ProposalBoxes),
            ("classes", losses.Regions.Classes), ("boxes", losses.Regions.Boxes),
        ]);
    }
}
