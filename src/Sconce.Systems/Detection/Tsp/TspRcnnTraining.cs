using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>The losses of a training step of TSP-RCNN, each without dimensions.</summary>
/// <param name="Objectness">Of the proposal network.</param>
/// <param name="ProposalBoxes">Of the proposal network.</param>
/// <param name="Regions">Of the second stage.</param>
internal sealed record TspRcnnStepLosses(Tensor Objectness, Tensor ProposalBoxes, TspRcnnLosses Regions) : ITensorContainer
{
    /// <summary>Of the proposals' boxes in the sum.</summary>
    internal const double ProposalBoxWeight = 2;

    public IEnumerable<Tensor> Tensors => [Objectness, ProposalBoxes, .. Regions.Tensors];

    internal Tensor Total => Objectness + (ProposalBoxes * ProposalBoxWeight) + Regions.Classes + Regions.Boxes;
}

/// <summary>
/// One step of TSP-RCNN: anchors and proposals are matched with objects by overlap, the objects themselves are among the proposals, a
/// random share of them is left out. Edward-Sun/TSP-Detection@1b8a503 rcnn/rcnn_heads.py, rcnn/myrpn.py.
/// </summary>
internal static class TspRcnnTraining
{
    private const double PositiveShare = 0.25, LeastOverlap = 0.5;
    private static readonly ProposalLoss Anchors = ProposalLoss.Published(beta: 0);

    /// <param name="network">In training mode.</param>
    /// <param name="pictures">Each <c>(3, H, W)</c>, blue, green, red in [0, 255].</param>
    /// <param name="objects">Corners in the picture's pixels <c>(G, 4)</c> and labels from 0, <c>(G)</c> int64, of each.</param>
    /// <param name="random">Draws.</param>
    internal static TspRcnnStepLosses Losses(
        TspRcnn network, IReadOnlyList<Tensor> pictures, IReadOnlyList<(Tensor Boxes, Tensor Labels)> objects, Random random)
    {
        using var scope = new TensorScope();
        var padded = network.Prepared(pictures);
        var levels = network.Backbone.Call(padded.Images).Levels; // P2 to P7
        var answers = network.ProposalGenerator.Call([.. levels.Skip(1)]);
        var anchors = Tensor.Cat(
            [.. answers.Select((level, k) => network.ProposalGenerator.AnchorsOf(k, level.Objectness).To(level.Objectness.Device))], 0);
        var (objectness, deltas) = Anchors.Of(
            [.. answers.Select(level => (level.Objectness, level.Deltas))], anchors, [.. objects.Select(entry => entry.Boxes)], random);
        var proposals = network.ProposalGenerator.Select(answers, padded.Sizes);
        var sampling = new RegionSampling(LeastOverlap, new BalancedSampling(network.Config.Proposals, PositiveShare));
        var drawn = new List<AssignedProposals>();
        int first = 0;
        for (int k = 0; k < proposals.Length; k++)
        {
            drawn.Add(Draw(proposals[k], objects[k], first, sampling, network.Config, random));
            first += (int)objects[k].Labels.Size(0);
        }

        var regions = network.RoiHeads.Call(new TspRegionInput(
            [.. levels.Take(4)], [.. drawn.Select(some => some.Boxes)], padded.Sizes));
        var all = new AssignedProposals(
            Tensor.Cat([.. drawn.Select(some => some.Boxes)], 0),
            Tensor.Cat([.. drawn.Select(some => some.Labels)], 0),
            [.. drawn.SelectMany(some => some.Owners)],
            Tensor.Cat([.. drawn.Select(some => some.Targets)], 0));
        var losses = new TspRcnnLoss { Coder = network.RoiHeads.Coder }.Compute(regions.Logits, regions.Deltas, all);
        return scope.Keep(new TspRcnnStepLosses(objectness, deltas, losses));
    }

    private static AssignedProposals Draw(
        Tensor proposals, (Tensor Boxes, Tensor Labels) objects, int first, RegionSampling sampling, TspRcnnConfig config, Random random)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var device = proposals.Device;
        var candidates = Tensor.Cat([proposals, objects.Boxes.To(proposals.DType)], 0);
        var (rows, matches) = sampling.Draw(candidates, objects.Boxes, random);
        int[] kept = [.. Enumerable.Range(0, rows.Length)];
        random.Shuffle(kept);
        double share = 1 - (random.NextDouble() * (1 - config.LeastKept));
        kept = [.. kept.Take(Math.Max(1, (int)(rows.Length * share))).Order()];
        long[] owners = [.. kept.Select(place => matches[place])];
        var boxes = candidates.IndexSelect(0, Tensor.From([.. kept.Select(place => rows[place])]).To(device));
        long background = config.Head.Classes;
        long[] known = objects.Labels.Cpu().ToArray<long>();
        var labels = Tensor.From(owners.Select(owner => owner < 0 ? background : known[owner]).ToArray()).To(device);
        var targets = known.Length == 0
            ? boxes.ZerosLike()
            : objects.Boxes.IndexSelect(0, Tensor.From(owners.Select(owner => Math.Max(0, owner)).ToArray()).To(device));
        scope.Keep(new Kept(boxes, labels, targets));
        return new AssignedProposals(boxes, labels, [.. owners.Select(owner => owner < 0 ? -1 : first + owner)], targets);
    }

    private sealed record Kept(params IReadOnlyList<Tensor> Parts) : ITensorContainer
    {
        public IEnumerable<Tensor> Tensors => Parts;
    }
}
