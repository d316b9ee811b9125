using Sconce.Maths;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// From features of interest to a picture's detections: every class of every feature is a candidate, doubles of a class are suppressed.
/// Edward-Sun/TSP-Detection@1b8a503 fcos/my_fcos_outputs.py <c>predict_proposals</c>.
/// </summary>
internal sealed record TspFcosDetections
{
    /// <summary>Chances up to it are no candidates.</summary>
    internal double Threshold { get; init; }

    /// <summary>Candidates of each level.</summary>
    internal int Before { get; init; } = 1000;

    /// <summary>The largest overlap of two detections of a class.</summary>
    internal double Overlap { get; init; } = 0.6;

    /// <summary>Detections a picture; more where the last ones' scores are equal.</summary>
    internal int After { get; init; } = 100;

    /// <summary>
    /// One picture's detections, surest first: the score is the root of the class's chance (times the centreness, where it is given).
    /// </summary>
    /// <param name="logits"><c>(K, C)</c></param>
    /// <param name="boxes">Corners in pixels <c>(K, 4)</c>.</param>
    /// <param name="levels">Of each feature, <c>(K)</c>.</param>
    /// <param name="centreness">Logits <c>(K)</c>; null where it does not count.</param>
    internal ClasswiseDetections Select(Tensor logits, Tensor boxes, Tensor levels, Tensor? centreness = null)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var chances = logits.Detach().Sigmoid();
        var scores = centreness is null ? chances : chances * centreness.Detach().Sigmoid().Unsqueeze(1);
        List<Tensor> features = [], classes = [], sure = [];
        long count = levels.Elements == 0 ? 0 : levels.Max().Item<long>() + 1;
        for (long level = 0; level < count; level++)
        {
            var candidates = chances.Gt(Threshold).LogicalAnd(levels.Eq(level).Unsqueeze(1)).Nonzero(); // (D, 2)
            Tensor rows = candidates[.., 0], columns = candidates[.., 1], of = scores[rows, columns];
            var (surest, places) = of.Topk(Math.Min(Before, of.Size(0)), 0);
            features.Add(rows[places]);
            classes.Add(columns[places]);
            sure.Add(surest.Sqrt());
        }

        if (features.Count == 0)
        {
            return scope.Keep(new ClasswiseDetections(Tensor.Zeros([0, 4]), Tensor.Zeros([0]), Tensor.Zeros([0], DType.Int64)));
        }

        Tensor found = boxes.Detach()[Tensor.Cat([.. features], 0)], score = Tensor.Cat([.. sure], 0), label = Tensor.Cat([.. classes], 0);
        long[] kept = BoxSuppression.Keep(found, score, label, Overlap);
        var order = Tensor.From(kept).To(score.Device);
        float[] descending = score[order].Float().Cpu().ToArray<float>();
        int most = kept.Length;
        if (After > 0 && kept.Length > After) most = descending.TakeWhile(value => value >= descending[After - 1]).Count();
        order = order[TensorIndex.Slice(0, most)];
        return scope.Keep(new ClasswiseDetections(found[order], score[order], label[order]));
    }
}
