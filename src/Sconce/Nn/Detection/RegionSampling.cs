using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>Which of a picture's proposals a second stage learns from. 1504.08083 §2.3.</summary>
/// <param name="Least">The least IoU of a proposal with its object.</param>
/// <param name="Sampling">How many, and which share sees an object.</param>
public sealed record RegionSampling(double Least, BalancedSampling Sampling)
{
    /// <summary>Draws, off the tape.</summary>
    /// <param name="proposals">Corners <c>(P, 4)</c>.</param>
    /// <param name="boxes">The objects' corners <c>(G, 4)</c>.</param>
    /// <param name="random">Draws.</param>
    /// <returns>The chosen proposals, those with an object first, and each one's object; <see cref="IouMatcher.Background"/> for
    /// none.</returns>
    public (long[] Rows, long[] Owners) Draw(Tensor proposals, Tensor boxes, Random random)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var matcher = new IouMatcher(Least, Least, AllowLowQuality: false);
        long[] matches = boxes.Size(0) > 0
            ? matcher.Match(Boxes.PairwiseIou(boxes, proposals))
            : [.. Enumerable.Repeat(IouMatcher.Background, (int)proposals.Size(0))];
        var (positives, negatives) = Sampling.Draw([.. matches.Select(match => match >= 0 ? 1 : 0)], random);
        long[] rows = [.. positives, .. negatives];
        return (rows, [.. rows.Select(row => matches[row])]);
    }
}
