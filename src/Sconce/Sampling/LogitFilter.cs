using Sconce.Torch;

namespace Sconce.Sampling;

/// <summary>Leaves out unlikely tokens before one is drawn: their logits become −∞. <c>(…, tokens) -> (…, tokens)</c>.</summary>
public static class LogitFilter
{
    /// <summary>Keeps the <paramref name="count"/> largest, and whatever is as large as the last of them.</summary>
    /// <param name="logits"><c>(…, tokens)</c></param>
    /// <param name="count">At least 1; all are kept where it is as many as there are, or more.</param>
    public static Tensor TopK(Tensor logits, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var scope = new TensorScope();
        long kept = Math.Min(count, logits.Size(-1));
        var (values, _) = logits.Topk(kept); // largest first
        return scope.Keep(logits.MaskedFill(logits < values.Narrow(-1, kept - 1, 1), double.NegativeInfinity));
    }

    /// <summary>
    /// Keeps the likeliest tokens up to the first with which their probabilities sum to more than <paramref name="mass"/>; 1904.09751.
    /// </summary>
    /// <param name="logits"><c>(…, tokens)</c></param>
    /// <param name="mass">In (0, 1]; with 1 all are kept.</param>
    public static Tensor Nucleus(Tensor logits, double mass)
    {
        if (mass is not (> 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(mass), mass, "a probability above 0, at most 1");
        using var scope = new TensorScope();
        var (sorted, order) = logits.Sort(-1, descending: true);
        var probabilities = sorted.Softmax(-1);
        var before = probabilities.Cumsum(-1) - probabilities; // the mass of all that are likelier
        var left = logits.ZerosLike(dtype: DType.Bool).Scatter(-1, order, before > mass);
        return scope.Keep(mass == 1 ? logits * 1 : logits.MaskedFill(left, double.NegativeInfinity));
    }
}
