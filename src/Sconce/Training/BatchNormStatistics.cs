using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Running statistics of batch norms, computed anew: averaged weights need them (1803.05407 §3.2).</summary>
public static class BatchNormStatistics
{
    /// <summary>Sets every batch norm's running mean and variance to the plain mean over some batches.</summary>
    /// <param name="network">Its batch norms that keep statistics.</param>
    /// <param name="passes">One call each batch, which runs the network on it.</param>
    /// <returns>How many batch norms there are; where none, nothing is run.</returns>
    public static int Recompute(Module network, IEnumerable<Action> passes)
    {
        BatchNorm[] norms = [.. network.NamedModules().Select(named => named.Module).OfType<BatchNorm>()
            .Where(norm => norm.NumBatchesTracked is not null).Distinct()];
        if (norms.Length == 0) return 0;
        double?[] momenta = [.. norms.Select(norm => norm.Momentum)];
        bool training = network.Training;
        try
        {
            network.Train();
            foreach (var norm in norms)
            {
                norm.NumBatchesTracked!.ZeroInPlace();
                norm.Momentum = null;
            }

            foreach (var pass in passes)
            {
                using var scope = new TensorScope();
                using var noGrad = Gradients.Off();
                pass();
            }
        }
        finally
        {
            for (int k = 0; k < norms.Length; k++) norms[k].Momentum = momenta[k];
            network.Train(training);
        }

        return norms.Length;
    }
}
