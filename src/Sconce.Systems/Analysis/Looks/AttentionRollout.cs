using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Looks;

/// <summary>
/// Which patches the class token reads through all blocks of a transformer: the product of the mean attention of each with the skip
/// beside it; 2005.00928 §3.
/// </summary>
internal static class AttentionRollout
{
    /// <summary>The patches' shares, the largest 1; null where attention is of another form, or no square of patches is left.</summary>
    /// <param name="network">The network.</param>
    /// <param name="trace">One pass, with the answers of all modules.</param>
    public static HeatMap? Of(Module network, LookTrace trace)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var normed = new Dictionary<Module, Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var answer in trace.Answers) normed[answer.Module] = answer.Output;
        Tensor? joined = null;
        foreach (var block in network.NamedModules().Select(named => named.Module).OfType<Block>())
        {
            if (!normed.TryGetValue(block.Norm1, out var input) || input.Dimensions != 3) continue;
            var mean = block.Attention.Weights(input.Detach()).Mean([1])[0];           // (tokens, tokens)
            var mixed = (mean + Tensor.Eye(mean.Size(0), mean.DType).To(mean.Device)) / 2;
            if (joined is not null && joined.Size(0) != mixed.Size(0)) return null;
            joined = joined is null ? mixed : mixed.Matmul(joined);
        }

        if (joined is null) return null;
        long tokens = joined.Size(0), side = (long)Math.Sqrt(tokens), before = tokens - (side * side);
        // Without a class token the patches' own mean is what the classifier reads.
        var reading = before > 0 ? joined[0] : joined.Mean([0]);
        var shares = reading.Narrow(0, before, side * side).To(DType.Float64).Cpu();
        return new HeatMap((shares / shares.Max()).ToArray<double>(), (int)side, (int)side);
    }
}
