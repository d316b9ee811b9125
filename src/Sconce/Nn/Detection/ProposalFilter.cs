using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>What one level of a region proposal network says of one picture.</summary>
/// <param name="Objectness">Logits <c>(h·w·A)</c>.</param>
/// <param name="Deltas"><c>(h·w·A, 4)</c></param>
/// <param name="Anchors"><c>(h·w·A, 4)</c>, corners in pixels.</param>
public sealed record ProposalLevel(Tensor Objectness, Tensor Deltas, Tensor Anchors);

/// <summary>
/// From a region proposal network's answers to proposals: the surest anchors of each level, moved, cut to the picture, without those that a
/// surer one of their level overlaps. 1506.01497 §3.3, 1612.03144 §4.1.
/// </summary>
public sealed record ProposalFilter
{
    /// <summary>The surest anchors of each level that are looked at.</summary>
    public int Before { get; init; } = 1000;

    /// <summary>Proposals a picture at most.</summary>
    public int After { get; init; } = 1000;

    /// <summary>The largest overlap of two proposals of a level.</summary>
    public double Overlap { get; init; } = 0.7;

    /// <summary>The least side of a proposal in pixels, itself included unless it is 0.</summary>
    public double LeastSide { get; init; } = 1e-3;

    /// <summary>One picture's proposals, surest first: corners in pixels <c>(P, 4)</c>, off the tape.</summary>
    /// <param name="levels">Of the network.</param>
    /// <param name="coder">How deltas move anchors.</param>
    /// <param name="image">Height and width of the picture without padding.</param>
    public Tensor Select(IReadOnlyList<ProposalLevel> levels, BoxCoder coder, (long Height, long Width) image)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        List<Tensor> boxes = [], scores = [], numbers = [];
        for (int k = 0; k < levels.Count; k++)
        {
            long most = Math.Min(Before, levels[k].Objectness.Size(0));
            var (surest, places) = levels[k].Objectness.Detach().Topk(most, 0);
            boxes.Add(coder.Decode(levels[k].Deltas.Detach().IndexSelect(0, places), levels[k].Anchors.IndexSelect(0, places)));
            scores.Add(surest);
            numbers.Add(Tensor.Full([most], k, DType.Int64, device: surest.Device));
        }

        var cut = BoxClipping.To(Tensor.Cat([.. boxes], 0), image);
        var sides = cut[.., 2..] - cut[.., ..2];
        var least = sides.Min(1).Item1;
        var large = (LeastSide > 0 ? least.Ge(LeastSide) : least.Gt(0)).Nonzero().Squeeze(1);
        Tensor left = cut.IndexSelect(0, large), sure = Tensor.Cat([.. scores], 0).IndexSelect(0, large);
        long[] kept = BoxSuppression.Keep(left, sure, Tensor.Cat([.. numbers], 0).IndexSelect(0, large), Overlap);
        return scope.Keep(left.IndexSelect(0, Tensor.From(kept.AsSpan(0, Math.Min(After, kept.Length)).ToArray()).To(left.Device)));
    }
}
