using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>
/// How a region proposal network learns: anchors are matched with objects, a balanced share of them is drawn, and these say whether they
/// see an object and how they are to move to it. 1506.01497 §3.1.2 and 3.1.3; torchvision 0.14.1 <c>detection/rpn.py</c>.
/// </summary>
/// <param name="Matcher">Of anchors and objects, by overlap.</param>
/// <param name="Sampling">Which anchors of a picture count.</param>
/// <param name="Beta">Where the loss of deltas turns from quadratic to linear; 0 for linear everywhere.</param>
public sealed record ProposalLoss(IouMatcher Matcher, BalancedSampling Sampling, double Beta)
{
    /// <summary>256 anchors a picture, half of them positive; matches from IoU 0.7, background below 0.3.</summary>
    /// <param name="beta">See <see cref="Beta"/>.</param>
    public static ProposalLoss Published(double beta) =>
        new(new IouMatcher(0.7, 0.3, AllowLowQuality: true), new BalancedSampling(256, 0.5), beta);

    /// <summary>The two losses of a batch, each without dimensions.</summary>
    /// <param name="levels">Of each level, <c>(N, A, h, w)</c> logits and <c>(N, 4·A, h, w)</c> deltas.</param>
    /// <param name="anchors">Of all levels, one below the other, <c>(R, 4)</c>.</param>
    /// <param name="boxes">Corners of each picture's objects, <c>(G, 4)</c>.</param>
    /// <param name="random">Draws.</param>
    public (Tensor Objectness, Tensor Boxes) Of(
        IReadOnlyList<(Tensor Objectness, Tensor Deltas)> levels, Tensor anchors, IReadOnlyList<Tensor> boxes, Random random)
    {
        using var scope = new TensorScope();
        List<Tensor> objectness = [], deltas = [], targets = [];
        List<long> positives = [], negatives = [];
        for (int picture = 0; picture < boxes.Count; picture++)
        {
            long first = picture * anchors.Size(0);
            var (labels, wanted) = Assign(anchors, boxes[picture], Matcher, BoxCoder.Proposals);
            var (some, others) = Sampling.Draw(labels, random);
            positives.AddRange(some.Select(row => first + row));
            negatives.AddRange(others.Select(row => first + row));
            objectness.AddRange(levels.Select(level => AnchorRows.Of(level.Objectness, 1, picture).Squeeze(1)));
            deltas.AddRange(levels.Select(level => AnchorRows.Of(level.Deltas, 4, picture)));
            targets.Add(wanted);
        }

        return scope.Keep(Compute(
            Tensor.Cat([.. objectness], 0),
            Tensor.Cat([.. deltas], 0),
            Tensor.Cat([.. targets], 0),
            [.. positives],
            [.. negatives],
            Beta));
    }

    /// <summary>
    /// Objectness of the chosen anchors, their mean; deltas of the positive ones, their sum by the number of chosen. 1506.01497 equation 1.
    /// </summary>
    /// <param name="objectness">Logits <c>(R)</c>.</param>
    /// <param name="deltas"><c>(R, 4)</c></param>
    /// <param name="targets"><c>(R, 4)</c></param>
    /// <param name="positives">Chosen positive anchors.</param>
    /// <param name="negatives">Chosen negative ones.</param>
    /// <param name="beta">Where the loss of deltas turns from quadratic to linear; 0 for linear everywhere.</param>
    public static (Tensor Objectness, Tensor Boxes) Compute(
        Tensor objectness, Tensor deltas, Tensor targets, long[] positives, long[] negatives, double beta)
    {
        using var scope = new TensorScope();
        Tensor wanted = Tensor.From(positives).To(deltas.Device), chosen = Tensor.From([.. positives, .. negatives]).To(deltas.Device);
        var truth = Tensor.Cat(
            [Tensor.Ones([positives.Length]), Tensor.Zeros([negatives.Length])], 0).To(objectness.Device, objectness.DType);
        var objects = Functional.BinaryCrossEntropyWithLogits(objectness.IndexSelect(0, chosen), truth);
        var boxes = deltas.IndexSelect(0, wanted).SmoothL1Loss(targets.IndexSelect(0, wanted), (long)Reduction.Sum, beta);
        return scope.Keep((objects, boxes / Math.Max(1, positives.Length + negatives.Length)));
    }

    /// <summary>Which anchors see an object, and how they are to move to it.</summary>
    /// <param name="anchors"><c>(R, 4)</c></param>
    /// <param name="boxes">The objects' corners <c>(G, 4)</c>.</param>
    /// <param name="matcher">By overlap.</param>
    /// <param name="coder">From anchors to boxes.</param>
    /// <returns>1 for an object, 0 for none, -1 for neither; deltas <c>(R, 4)</c>, of use where there is an object.</returns>
    public static (int[] Labels, Tensor Deltas) Assign(Tensor anchors, Tensor boxes, IouMatcher matcher, BoxCoder coder)
    {
        if (boxes.Size(0) == 0) return (new int[anchors.Size(0)], anchors.ZerosLike());
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        long[] matches = matcher.Match(Boxes.PairwiseIou(boxes, anchors));
        var objects = boxes[Tensor.From(matches.Select(match => Math.Max(0, match)).ToArray()).To(boxes.Device)];
        int[] labels = [.. matches.Select(match => match >= 0 ? 1 : match == IouMatcher.Background ? 0 : -1)];
        return (labels, scope.Keep(coder.Encode(objects, anchors)));
    }
}
