using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>Sums of tensors times numbers, in one pass and with one node on the tape.</summary>
internal static class Sums
{
    private static readonly Operator WeightedSum = Operator.Find("sconce::weighted_sum");

    /// <summary>The sum of terms of one shape, each times its weight; terms of other shapes are broadcast.</summary>
    /// <param name="terms">One at least.</param>
    /// <param name="weights">One a term.</param>
    internal static Tensor Of(Tensor[] terms, double[] weights) => (Tensor)WeightedSum.Call(terms, weights)[0]!;
}
