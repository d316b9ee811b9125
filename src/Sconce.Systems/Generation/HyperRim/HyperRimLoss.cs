using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>What the generator's training minimises. niopeng/HyperRIM@e17b7e2c9725 HyperRIM_model.py.</summary>
public static class HyperRimLoss
{
    /// <summary>The distance of each level's pictures from the real ones at its size, summed over pictures and levels, <c>()</c>.</summary>
    /// <param name="features">What is compared.</param>
    /// <param name="pictures">Of each level, <c>(N, 3, H, W)</c> in [0, 1].</param>
    /// <param name="targets">Of the same shapes.</param>
    /// <param name="everyLevel">Whether each level counts, or the last alone.</param>
    public static Tensor Of(
        FeatureComparison features, IReadOnlyList<Tensor> pictures, IReadOnlyList<Tensor> targets, bool everyLevel = true)
    {
        using var scope = new TensorScope();
        int first = everyLevel ? 0 : pictures.Count - 1;
        var terms = Enumerable.Range(first, pictures.Count - first).Select(k => features.Distance(pictures[k], targets[k]).Sum());
        return scope.Keep(terms.Aggregate((sum, term) => sum + term));
    }
}
