using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// Skip-gram with negative samples, what DeepWalk trains on walks: -log σ(w·c) - Σ log σ(-w·n), in the mean over pairs. Mikolov et al.
/// 2013.
/// </summary>
public static class SkipGram
{
    /// <summary><c>-> ()</c></summary>
    /// <param name="words">The table of words, <c>(nodes, width)</c>.</param>
    /// <param name="contexts">The table of contexts, <c>(nodes, width)</c>.</param>
    /// <param name="centres">Words of the pairs, <c>(pairs)</c>.</param>
    /// <param name="seen">Their contexts, <c>(pairs)</c>.</param>
    /// <param name="negatives">Contexts drawn at random, <c>(pairs, negatives)</c>.</param>
    public static Tensor Loss(Tensor words, Tensor contexts, Tensor centres, Tensor seen, Tensor negatives)
    {
        using var scope = new TensorScope();
        var word = words.IndexSelect(0, centres);
        var together = (word * contexts.IndexSelect(0, seen)).Sum([-1]).LogSigmoid();
        var drawn = contexts.IndexSelect(0, negatives.Flatten()).Unflatten(0, negatives.Shape);
        var apart = (-(word.Unsqueeze(1) * drawn).Sum([-1])).LogSigmoid().Sum([-1]);
        return scope.Keep(-(together + apart).Mean());
    }
}
