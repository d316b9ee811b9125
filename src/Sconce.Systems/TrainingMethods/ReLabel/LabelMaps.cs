using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>Dense maps of logits, as the machine annotator leaves them: its classifier at every cell, before the global mean; 2101.05022
/// §3.1.</summary>
public static class LabelMaps
{
    /// <summary>Classes kept a cell in the published maps.</summary>
    public const int PublishedTop = 5;

    /// <summary>Cells a side of the published maps.</summary>
    public const int PublishedSize = 15;

    /// <summary>The annotator's linear classifier as a 1x1 convolution; its map's mean is the ordinary logit.
    /// <c>(N, D, h, w), (C, D), (C) -> (N, C, h, w)</c></summary>
    /// <param name="features">The last map, unpooled.</param>
    /// <param name="weight">Of the classifier.</param>
    /// <param name="bias">Of the classifier; null without.</param>
    public static Tensor Annotate(Tensor features, Tensor weight, Tensor? bias = null)
    {
        if (features.Dimensions != 4 || weight.Dimensions != 2 || weight.Size(1) != features.Size(1))
        {
            throw new ArgumentException($"ReLabel: features [{string.Join(", ", features.Shape.ToArray())}] do not fit a classifier "
                + $"[{string.Join(", ", weight.Shape.ToArray())}]: (N, D, h, w) and (C, D) are wanted");
        }

        using var scope = new TensorScope();
        return scope.Keep(Functional.Conv2d(features, weight.Reshape([weight.Size(0), weight.Size(1), 1, 1]), bias));
    }

    /// <summary>The greatest logits of every cell, best first, with their classes. <c>(N, C, h, w) -> 2 x (N, top, h, w)</c></summary>
    public static (Tensor Scores, Tensor Classes) Top(Tensor map, int top = PublishedTop)
    {
        if (map.Dimensions != 4 || top < 1 || top > map.Size(1))
            throw new ArgumentException($"ReLabel: a map [{string.Join(", ", map.Shape.ToArray())}] has no {top} best classes a cell");
        using var scope = new TensorScope();
        var (scores, classes) = map.Topk(top, 1);
        return scope.Keep((scores, classes));
    }

    /// <summary>Kept logits as a whole map; all other classes have logit 0, before pooling and softmax (utils/relabel_functions.py
    /// <c>get_labelmaps</c>). <c>2 x (N, top, h, w) -> (N, classes, h, w)</c></summary>
    /// <param name="scores">Logits.</param>
    /// <param name="indices">Their classes, whole numbers of any type.</param>
    /// <param name="classes">How many there are.</param>
    /// <exception cref="ArgumentException">Shapes differ, or a class is outside.</exception>
    public static Tensor Dense(Tensor scores, Tensor indices, int classes)
    {
        if (scores.Dimensions != 4 || !scores.Shape.SequenceEqual(indices.Shape))
        {
            throw new ArgumentException($"ReLabel: scores [{string.Join(", ", scores.Shape.ToArray())}] and classes "
                + $"[{string.Join(", ", indices.Shape.ToArray())}] must both be (N, top, h, w)");
        }

        using var scope = new TensorScope();
        var numbers = indices.To(DType.Int64);
        if (((numbers < 0) | (numbers >= classes)).Any().Item<bool>())
        {
            throw new ArgumentException($"ReLabel: the map's classes lie between {numbers.Min().Item<long>()} and "
                + $"{numbers.Max().Item<long>()}, outside 0 to {classes - 1}: was it made for another set of classes?", nameof(indices));
        }

        return scope.Keep(Tensor.Zeros([scores.Size(0), classes, scores.Size(2), scores.Size(3)], scores.DType, device: scores.Device)
            .Scatter(1, numbers, scores));
    }
}
