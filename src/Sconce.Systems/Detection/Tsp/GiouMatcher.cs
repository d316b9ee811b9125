using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// DETR's one-to-one matching without its distance of boxes: the cost is minus the class's chance and minus the generalised IoU. The
/// baseline
/// of 2011.10881 §4.4; Edward-Sun/TSP-Detection@1b8a503 fcos/matcher.py.
/// </summary>
internal sealed record GiouMatcher
{
    internal double ClassCost { get; init; } = 1;

    internal double GiouCost { get; init; } = 5;

    /// <summary>Whether chances are the softmax of the logits, rather than the logits as they are.</summary>
    internal bool Softmax { get; init; } = true;

    /// <summary>Pairs of one picture, ascending by prediction.</summary>
    /// <param name="logits"><c>(P, C)</c></param>
    /// <param name="boxes">Corners <c>(P, 4)</c>.</param>
    /// <param name="labels"><c>(G)</c></param>
    /// <param name="targets">Corners <c>(G, 4)</c>.</param>
    internal IReadOnlyList<(int Prediction, int Target)> Match(Tensor logits, Tensor boxes, Tensor labels, Tensor targets)
    {
        if (targets.Size(0) == 0) return [];
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var chances = Softmax ? logits.Detach().Softmax(-1) : logits.Detach();
        var unlikely = -chances.IndexSelect(1, labels.To(DType.Int64)); // (P, G)
        var apart = -Boxes.PairwiseGeneralizedIou(boxes.Detach(), targets);
        double[] costs = ((unlikely * ClassCost) + (apart * GiouCost)).Cpu().To(DType.Float64).ToArray<double>();
        if (!costs.All(double.IsFinite))
        {
            throw new TorchException("TSP's matching: a cost is no number: the network's answers or the boxes hold NaN or infinity");
        }

        return LinearAssignment.Solve(costs, (int)boxes.Size(0), (int)targets.Size(0));
    }
}
