using Sconce.Maths;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>A batch's proposals and what each should say.</summary>
/// <param name="Boxes">Corners in pixels <c>(R, 4)</c>.</param>
/// <param name="Labels">Of each proposal's object, the number of classes for the background, <c>(R)</c> int64.</param>
/// <param name="Owners">The object's number over the whole batch; ignored on background.</param>
/// <param name="Targets">Corners of the object <c>(R, 4)</c>; ignored on background.</param>
internal sealed record AssignedProposals(Tensor Boxes, Tensor Labels, long[] Owners, Tensor Targets);

/// <summary>TSP-RCNN's second-stage losses, each without dimensions.</summary>
/// <param name="Classes"><c>loss_obj</c>.</param>
/// <param name="Boxes"><c>loss_box_reg</c>.</param>
/// <param name="Matched">The matched proposals' rows, int64.</param>
internal sealed record TspRcnnLosses(Tensor Classes, Tensor Boxes, Tensor Matched) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Classes, Boxes, Matched];
}

/// <summary>
/// TSP-RCNN's losses with restricted matching: of an object's positive proposals the cheapest is to name it, all others are background
/// with a
/// focal weight; boxes learn from all positives. 2011.10881 §4.4; Edward-Sun/TSP-Detection@1b8a503 rcnn/my_fast_rcnn_output.py.
/// </summary>
internal sealed record TspRcnnLoss
{
    private const double WeightFloor = 1e-6, Gamma = 2;

    internal BoxCoder Coder { get; init; } = BoxCoder.Regions;

    internal double GiouWeight { get; init; } = 2;

    internal double L1Weight { get; init; } = 1;

    /// <summary>What unmatched proposals count.</summary>
    internal double NoObjectWeight { get; init; } = 0.1;

    /// <summary>Up to it the loss of deltas is quadratic.</summary>
    internal double SmoothBeta { get; init; }

    /// <summary>The losses of a batch.</summary>
    /// <param name="logits"><c>(R, C + 1)</c></param>
    /// <param name="deltas"><c>(R, 4·C)</c></param>
    /// <param name="proposals">With their objects.</param>
    internal TspRcnnLosses Compute(Tensor logits, Tensor deltas, AssignedProposals proposals)
    {
        using var scope = new TensorScope();
        long background = logits.Size(1) - 1;
        var labels = proposals.Labels.To(logits.Device);
        var positive = labels.Ne(background).Nonzero().Squeeze(1);
        if (positive.Size(0) == 0) return scope.Keep(new TspRcnnLosses(logits.Sum() * 0, deltas.Sum() * 0, positive));
        var own = labels[positive];
        var chosen = deltas.Unflatten(1, [-1, 4])[positive, own]; // (n, 4)
        Tensor from = proposals.Boxes[positive], to = proposals.Targets[positive];
        var lost = 1 - Boxes.GeneralizedIou(Coder.Decode(chosen, from), to);
        var matched = Cheapest(logits, positive, own, proposals.Owners, lost);
        var l1 = chosen.SmoothL1Loss(Coder.Encode(to, from), (long)Reduction.Sum, SmoothBeta);
        var boxes = ((l1 * L1Weight) + (lost.Sum() * GiouWeight)) / labels.Size(0);
        return scope.Keep(new TspRcnnLosses(Classes(logits, labels, matched, background), boxes, matched));
    }

    private Tensor Cheapest(Tensor logits, Tensor positive, Tensor own, long[] owners, Tensor lost)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var cost = (lost.Detach() * GiouWeight) - logits.Detach().Softmax(-1)[positive, own];
        long[] rows = positive.Cpu().ToArray<long>();
        long[] taken = RestrictedMatching.Match(rows.Select(row => owners[row]).ToArray(), cost.Float().Cpu().ToArray<float>());
        return scope.Keep(positive[Tensor.From(taken).To(positive.Device)]);
    }

    private Tensor Classes(Tensor logits, Tensor labels, Tensor matched, long background)
    {
        using var scope = new TensorScope();
        var wanted = labels.FullLike(background).IndexCopy(0, matched, labels[matched]);
        var entropy = Functional.CrossEntropy(logits, wanted, reduction: Reduction.None);
        var doubt = (1 - logits.Detach().Softmax(-1)[.., background]).Pow(Gamma) * Gamma; // 2 (1 - p)²
        var focal = doubt.IndexFill(0, matched, 1);
        var weights = focal.FullLike(NoObjectWeight).IndexFill(0, matched, 1);
        return scope.Keep((entropy * focal * weights).Sum() / (weights.Sum() + WeightFloor));
    }
}
