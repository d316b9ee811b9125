using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>What the sum of the refined classes' losses is divided by; n positives, m of them matched.</summary>
internal enum ClassDenominator
{
    /// <summary>n.</summary>
    All,

    /// <summary>m + NoObjectWeight · n.</summary>
    Mixed,

    /// <summary>2 (m + NoObjectWeight · n).</summary>
    MixedTwice,

    /// <summary>m.</summary>
    Set,
}

/// <summary>TSP-FCOS's four losses, each without dimensions; the total is their sum.</summary>
/// <param name="Dense">Of the dense head's classes.</param>
/// <param name="Classes">Of the features' classes.</param>
/// <param name="Boxes">Of their boxes.</param>
/// <param name="Centreness">Of their centreness.</param>
internal sealed record TspFcosLosses(Tensor Dense, Tensor Classes, Tensor Boxes, Tensor Centreness) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Dense, Classes, Boxes, Centreness];

    internal Tensor Total => Dense + Classes + Boxes + Centreness;
}

/// <summary>The features of a batch and what they say, one below the other.</summary>
/// <param name="Places">Their cells, numbered over the whole batch, <c>(P)</c> int64.</param>
/// <param name="Logits"><c>(P, C)</c></param>
/// <param name="Sides">In strides, <c>(P, 4)</c>.</param>
/// <param name="Centreness">Logits <c>(P)</c>.</param>
internal sealed record FcosAnswers(Tensor Places, Tensor Logits, Tensor Sides, Tensor Centreness)
{
    /// <summary>Of a network's output, or anything of its shapes: <c>(N, K) …</c> among T cells a picture.</summary>
    internal static FcosAnswers Of(Tensor places, Tensor logits, Tensor sides, Tensor centreness, long cells)
    {
        var first = (Tensor.Arange(places.Size(0), DType.Int64) * cells).Unsqueeze(1).To(places.Device);
        return new FcosAnswers((places + first).Reshape([-1]), logits.Flatten(0, 1), sides.Flatten(0, 1), centreness.Reshape([-1]));
    }
}

/// <summary>
/// TSP-FCOS's losses with restricted matching: of an object's positive features the cheapest is to name it, the others count little as
/// background;
/// boxes and centreness learn from all positives. 2011.10881 §4.4; Edward-Sun/TSP-Detection@1b8a503 fcos/my_fcos_outputs.py.
/// </summary>
internal sealed record TspFcosLoss
{
    private const double CentreFloor = 1e-6;

    internal double FocalAlpha { get; init; } = 0.25;

    internal double FocalGamma { get; init; } = 2;

    /// <summary>Of the lost generalised IoU in the matching's cost.</summary>
    internal double GiouWeight { get; init; } = 2;

    /// <summary>What positives without a match count as background.</summary>
    internal double NoObjectWeight { get; init; } = 0.1;

    /// <summary>Whether that weight holds in the column of their object's class alone, rather than in all columns.</summary>
    internal bool OwnClassOnly { get; init; } = true;

    internal ClassDenominator Denominator { get; init; } = ClassDenominator.MixedTwice;

    /// <summary>Without it every positive is to name its object, as in FCOS.</summary>
    internal bool Matching { get; init; } = true;

    /// <summary>The losses of a batch.</summary>
    /// <param name="dense">The dense head's logits, picture by picture, cell by cell, <c>(N·T, C)</c>.</param>
    /// <param name="answers">Of the features.</param>
    /// <param name="targets">Of all cells.</param>
    internal TspFcosLosses Compute(Tensor dense, FcosAnswers answers, FcosTargets targets)
    {
        using var scope = new TensorScope();
        var device = dense.Device;
        Tensor allLabels = targets.Labels.Reshape([-1]).To(device), labels = allLabels[answers.Places];
        Tensor all = Positives(allLabels, targets.Classes), positive = Positives(labels, targets.Classes);
        double count = Math.Max(1, positive.Size(0));
        var local = Focal(dense, Ones(dense, all, allLabels)).Sum() / Math.Max(1, all.Size(0));
        var truth = targets.Sides.Flatten(0, 1).To(device)[answers.Places][positive]; // (n, 4)
        Tensor sides = answers.Sides[positive], centre = SideDistances.Centreness(truth);
        long[] owners = targets.Owners.Reshape([-1]).To(device)[answers.Places][positive].Cpu().ToArray<long>();
        var classes = Matching
            ? MatchedClasses(answers.Logits, labels, positive, Cheapest(answers.Logits, labels, positive, owners, sides, truth, centre))
            : Focal(answers.Logits, Ones(answers.Logits, positive, labels)).Sum() / count;
        if (positive.Size(0) == 0)
        {
            return scope.Keep(new TspFcosLosses(local, classes, answers.Sides.Sum() * 0, answers.Centreness.Sum() * 0));
        }

        double weight = Math.Max(centre.Sum().Item<float>(), CentreFloor);
        var boxes = ((1 - SideDistances.GeneralizedIou(sides, truth)) * centre).Sum() / weight;
        var centreness = Functional.BinaryCrossEntropyWithLogits(answers.Centreness[positive], centre, reduction: Reduction.Sum) / count;
        return scope.Keep(new TspFcosLosses(local, classes, boxes, centreness));
    }

    /// <summary>The matched features' rows.</summary>
    private Tensor Cheapest(Tensor logits, Tensor labels, Tensor positive, long[] owners, Tensor sides, Tensor truth, Tensor centre)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var chance = logits.Detach().Sigmoid()[positive, labels[positive]];
        var cost = ((1 - SideDistances.GeneralizedIou(sides.Detach(), truth)) * GiouWeight) - (chance * (centre + CentreFloor));
        long[] taken = RestrictedMatching.Match(owners, cost.Float().Cpu().ToArray<float>());
        return scope.Keep(positive[Tensor.From(taken).To(positive.Device)]);
    }

    private Tensor MatchedClasses(Tensor logits, Tensor labels, Tensor positive, Tensor matched)
    {
        using var scope = new TensorScope();
        var wanted = Ones(logits, matched, labels);
        var weights = logits.Detach().OnesLike();
        bool[] isMatched = new bool[logits.Size(0)];
        foreach (long row in matched.Cpu().ToArray<long>()) isMatched[row] = true;
        long[] others = [.. positive.Cpu().ToArray<long>().Where(row => !isMatched[row])];
        var rest = Tensor.From(others).To(logits.Device);
        if (!OwnClassOnly) weights = weights.IndexFill(0, positive, NoObjectWeight);
        else if (others.Length > 0) weights.FillInPlace(NoObjectWeight, rest, labels[rest]);
        double n = Math.Max(1, positive.Size(0)), m = Math.Max(1, matched.Size(0)), mixed = m + (NoObjectWeight * n);
        double denominator = Denominator switch
        {
            ClassDenominator.All => n,
            ClassDenominator.Mixed => mixed,
            ClassDenominator.MixedTwice => 2 * mixed,
            _ => m,
        };
        return scope.Keep((Focal(logits, wanted) * weights).Sum() / denominator);
    }

    private Tensor Focal(Tensor logits, Tensor wanted) => FocalLoss.Sigmoid(logits, wanted, FocalAlpha, FocalGamma);

    private static Tensor Positives(Tensor labels, int classes) => labels.Ne(classes).Nonzero().Squeeze(1);

    /// <summary>1 at the given rows' labels, 0 elsewhere.</summary>
    private static Tensor Ones(Tensor like, Tensor rows, Tensor labels)
    {
        var ones = like.Detach().ZerosLike();
        if (rows.Size(0) > 0) ones.FillInPlace(1, rows, labels[rows]);
        return ones;
    }
}
