using Sconce.Data;
using Sconce.Maths;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>How much each loss counts; main.py's defaults.</summary>
/// <param name="Class">Cross-entropy of the classes.</param>
/// <param name="Box">Absolute differences of the boxes.</param>
/// <param name="Giou">Lost generalised IoU.</param>
/// <param name="Mask">Focal loss of the masks.</param>
/// <param name="Dice">Dice loss of the masks.</param>
public sealed record DetrLossWeights(double Class = 1, double Box = 5, double Giou = 2, double Mask = 1, double Dice = 1);

/// <summary>What <see cref="SetCriterion"/> gives.</summary>
/// <param name="Total">The weighted sum, without dimensions, on the tape.</param>
/// <param name="Parts">Every loss and log under the official names: <c>loss_ce</c>, <c>loss_bbox</c>, <c>loss_giou</c>, <c>class_error</c>
/// (percent), <c>cardinality_error</c>, those of earlier layers with <c>_0</c>, <c>_1</c>, … behind.</param>
public sealed record DetrLosses(Tensor Total, IReadOnlyDictionary<string, Tensor> Parts) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Total, .. Parts.Values];
}

/// <summary>
/// DETR's loss: queries are matched with objects, matched ones learn class and box (and mask), all others "no object"; the same for every
/// earlier decoder layer with a matching of its own. 2005.12872 §3.1, facebookresearch/detr@29901c51 models/detr.py <c>SetCriterion</c>.
/// </summary>
/// <param name="classes">Without "no object", which is the class of this number.</param>
/// <param name="matcher">One to one, in DETR.</param>
public sealed class SetCriterion(int classes, QueryMatcher matcher)
{
    /// <summary>The weight of "no object" in the cross-entropy: most queries are matched with none.</summary>
    public double NoObjectWeight { get; init; } = 0.1;

    /// <summary>How much each loss counts.</summary>
    public DetrLossWeights Weights { get; init; } = new();

    /// <summary>The losses of a batch.</summary>
    /// <param name="output">Of the network.</param>
    /// <param name="targets">Of each picture.</param>
    /// <exception cref="TorchException">Shapes that do not fit, or answers that are no numbers.</exception>
    public DetrLosses Compute(DetrOutput output, IReadOnlyList<DetectionTarget> targets)
    {
        using var scope = new TensorScope();
        if (output.Logits.Size(-1) != classes + 1)
            throw new TorchException($"DETR's loss: logits of {output.Logits.Size(-1)} columns, but {classes} classes and \"no object\" "
                + $"make {classes + 1}");
        double boxes = Math.Max(1, targets.Sum(target => target.Count));
        var parts = new Dictionary<string, Tensor>();
        var pairs = Pairs.Of(matcher.Match(output, targets), targets, output.Logits.Device);
        var total = Layer(output, targets, pairs, boxes, "", parts);
        parts["class_error"] = ClassError(output.Logits, pairs);
        if (output.Masks is { } masks && targets.All(target => target.Masks is not null))
            total = total + Masks(masks, targets, pairs, boxes, parts);
        for (int k = 0; k < output.Earlier.Count; k++)
        {
            total = total + Layer(output.Earlier[k], targets,
                Pairs.Of(matcher.Match(output.Earlier[k], targets), targets, output.Logits.Device), boxes, $"_{k}", parts);
        }

        return scope.Keep(new DetrLosses(total, parts));
    }

    /// <summary>Classes and boxes of one decoder layer.</summary>
    private Tensor Layer(DetrPrediction answer, IReadOnlyList<DetectionTarget> targets, Pairs pairs, double boxes, string suffix,
        Dictionary<string, Tensor> parts)
    {
        var wanted = Tensor.Full([answer.Logits.Size(0), answer.Logits.Size(1)], classes, DType.Int64, device: answer.Logits.Device);
        if (pairs.Count > 0) wanted[pairs.Pictures, pairs.Queries] = pairs.Labels;
        var weight = Tensor.Ones([classes + 1], answer.Logits.DType, device: answer.Logits.Device);
        weight.FillInPlace(NoObjectWeight, classes);
        var cross = parts["loss_ce" + suffix] = Functional.CrossEntropy(answer.Logits.Transpose(1, 2), wanted, weight);
        using (Gradients.Off()) parts["cardinality_error" + suffix] = Cardinality(answer.Logits, targets);
        var (found, truth) = (pairs.Of(answer.Boxes), pairs.Boxes);
        var box = parts["loss_bbox" + suffix] = (found - truth).Abs().Sum() / boxes;
        var giou = parts["loss_giou" + suffix] = (1 - Boxes.GeneralizedIou(Boxes.ToCorners(found), Boxes.ToCorners(truth))).Sum() / boxes;
        return cross * Weights.Class + box * Weights.Box + giou * Weights.Giou;
    }

    private Tensor Masks(Tensor logits, IReadOnlyList<DetectionTarget> targets, Pairs pairs, double boxes, Dictionary<string, Tensor> parts)
    {
        // Pictures of several sizes: their objects' outlines in the upper left corner of one frame.
        long height = targets.Max(target => target.Masks!.Size(-2)), width = targets.Max(target => target.Masks!.Size(-1));
        var outlines = Tensor.Zeros([pairs.Count, height, width], logits.DType, device: logits.Device);
        int row = 0;
        foreach (var (picture, target) in pairs.Places)
        {
            var outline = targets[picture].Masks![target];
            outlines[row++, TensorIndex.Slice(0, outline.Size(0)), TensorIndex.Slice(0, outline.Size(1))] =
                outline.To(logits.Device, logits.DType);
        }

        var found = pairs.Of(logits);
        if (pairs.Count > 0) found = Functional.Interpolate(found.Unsqueeze(1), [height, width], Interpolation.Bilinear);
        var focal = parts["loss_mask"] = MaskLosses.Focal(found.Reshape([pairs.Count, -1]), outlines.Flatten(1), boxes);
        var dice = parts["loss_dice"] = MaskLosses.Dice(found.Reshape([pairs.Count, -1]), outlines.Flatten(1), boxes);
        return focal * Weights.Mask + dice * Weights.Dice;
    }

    /// <summary>How far the number of queries that see something is from the number of objects, mean over pictures.</summary>
    private static Tensor Cardinality(Tensor logits, IReadOnlyList<DetectionTarget> targets)
    {
        var seen = logits.Argmax(-1).Ne(logits.Size(-1) - 1).Sum([1]).To(DType.Float32);
        return (seen - Tensor.From(targets.Select(target => (float)target.Count).ToArray(), [targets.Count], logits.Device)).Abs().Mean();
    }

    /// <summary>The share of matched queries whose likeliest class, "no object" included, is wrong, in percent; 100 where nothing is
    /// matched.</summary>
    private static Tensor ClassError(Tensor logits, Pairs pairs)
    {
        using var off = Gradients.Off();
        if (pairs.Count == 0) return Tensor.Full([], 100, DType.Float32);
        return 100 - pairs.Of(logits).Argmax(-1).Eq(pairs.Labels).To(DType.Float32).Mean() * 100;
    }

    /// <summary>All matched pairs of a batch, side by side.</summary>
    private sealed record Pairs(Tensor Pictures, Tensor Queries, Tensor Labels, Tensor Boxes,
        IReadOnlyList<(int Picture, long Target)> Places)
    {
        internal int Count => Places.Count;

        internal static Pairs Of(IReadOnlyList<Matching> matchings, IReadOnlyList<DetectionTarget> targets, Device device)
        {
            (int Picture, long Target)[] places =
                [.. matchings.SelectMany((matching, picture) => matching.Targets.Select(target => (picture, target)))];
            long[] queries = [.. matchings.SelectMany(matching => matching.Queries)];
            if (places.Length == 0)
                return new Pairs(Tensor.Zeros([0], DType.Int64, device: device), Tensor.Zeros([0], DType.Int64, device: device),
                    Tensor.Zeros([0], DType.Int64, device: device), Tensor.Zeros([0, 4], device: device), places);
            var chosen = matchings.Select((matching, picture) => (targets[picture], Rows: matching.Targets))
                .Where(entry => entry.Rows.Count > 0).ToList();
            Tensor Gather(Func<DetectionTarget, Tensor> part) =>
                Tensor.Cat([.. chosen.Select(entry => part(entry.Item1)[Tensor.From(entry.Rows.ToArray())])], 0).To(device);
            return new Pairs(
                Tensor.From(places.Select(place => (long)place.Picture).ToArray(), [places.Length], device),
                Tensor.From(queries, [queries.Length], device),
                Gather(target => target.Labels),
                Gather(target => target.Boxes),
                places);
        }

        /// <summary>The matched queries' rows; <c>(N, Q, …) -> (pairs, …)</c>.</summary>
        internal Tensor Of(Tensor answers) => answers[Pictures, Queries];
    }
}
