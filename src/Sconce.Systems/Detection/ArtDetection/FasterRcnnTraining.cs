using Sconce.Maths;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The four losses of a training step, each without dimensions; the total is their sum.</summary>
internal sealed record FasterRcnnLosses(Tensor Objectness, Tensor ProposalBoxes, Tensor Classes, Tensor Boxes) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Objectness, ProposalBoxes, Classes, Boxes];

    internal Tensor Total => Objectness + ProposalBoxes + Classes + Boxes;
}

/// <summary>
/// One step's losses: anchors and proposals are matched with objects, a balanced share of them is drawn. torchvision 0.14.1's numbers: 256
/// anchors half of them positive (IoU 0.7, 0.3), 512 proposals a quarter positive (IoU 0.5), the objects themselves among them.
/// </summary>
internal static class FasterRcnnTraining
{
    private static readonly ProposalLoss Anchors = ProposalLoss.Published(FasterRcnnLoss.Beta);
    private static readonly RegionSampling Regions = new(0.5, new BalancedSampling(512, 0.25));

    /// <param name="network">In training mode.</param>
    /// <param name="pictures">Each <c>(3, H, W)</c> in [0, 1].</param>
    /// <param name="objects">Corners in the picture's pixels <c>(G, 4)</c> and labels from 1, <c>(G)</c> int64, of each.</param>
    /// <param name="random">Draws.</param>
    internal static FasterRcnnLosses Losses(
        FasterRcnn network, IReadOnlyList<Tensor> pictures, IReadOnlyList<(Tensor Boxes, Tensor Labels)> objects, Random random)
    {
        using var scope = new TensorScope();
        var scaled = PictureScaling.Prepare(pictures, network.Config);
        var levels = network.Backbone.Call(scaled.Images);
        var maps = network.Rpn.Call(levels);
        var anchors = network.Rpn.Anchors(maps, scaled.Padded);
        Tensor[] boxes = [.. objects.Select((entry, k) => scaled.ToScaled(entry.Boxes, k))];
        var (objectness, proposalBoxes) = Anchors.Of([.. maps.Select(map => (map.Objectness, map.Deltas))], anchors, boxes, random);
        var proposals = network.Rpn.Select(maps, anchors, scaled.Sizes);
        var drawn = proposals.Select(
            (some, k) => Draw(Tensor.Cat([some, boxes[k]], 0), boxes[k], objects[k].Labels, network.Config.Coder, random)).ToArray();
        var answers = network.RoiHeads.Call(new RegionInput([.. levels.Take(4)], [.. drawn.Select(some => some.Boxes)], scaled.Sizes));
        var (classes, regionBoxes) = FasterRcnnLoss.Regions(
            answers.Logits,
            answers.Deltas,
            Tensor.Cat([.. drawn.Select(some => some.Labels)], 0),
            Tensor.Cat([.. drawn.Select(some => some.Deltas)], 0));
        return scope.Keep(new FasterRcnnLosses(objectness, proposalBoxes, classes, regionBoxes));
    }

    private static (Tensor Boxes, Tensor Labels, Tensor Deltas) Draw(
        Tensor proposals, Tensor boxes, Tensor labels, BoxCoder coder, Random random)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var device = proposals.Device;
        var (rows, matches) = Regions.Draw(proposals, boxes, random);
        var chosen = proposals.IndexSelect(0, Tensor.From(rows).To(device));
        if (boxes.Size(0) == 0)
        {
            return scope.Keep((chosen, Tensor.Zeros([rows.Length], DType.Int64, device: device), chosen.ZerosLike()));
        }

        var owners = Tensor.From(matches.Select(match => Math.Max(0, match)).ToArray()).To(device);
        var isObject = Tensor.From(matches.Select(match => match >= 0 ? 1L : 0).ToArray()).To(device);
        return scope.Keep((chosen, labels.To(device)[owners] * isObject, coder.Encode(boxes[owners], chosen)));
    }
}
