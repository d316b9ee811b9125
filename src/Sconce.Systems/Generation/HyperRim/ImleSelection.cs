using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>The code of a level that came nearest to the target.</summary>
/// <param name="Index">Its place in the pool.</param>
/// <param name="Code"><c>(1, CodeLength)</c></param>
/// <param name="Distances">Of all codes of the pool, squared, <c>(m)</c>.</param>
public sealed record ImleWinner(int Index, Tensor Code, Tensor Distances) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Code, Distances];
}

/// <summary>
/// Conditional implicit maximum likelihood: of many random codes the one whose picture is nearest to the real one, level by level, with the
/// winners of the levels before kept. Distances are those of randomly projected features. 2011.01926 §3; niopeng/HyperRIM@e17b7e2c9725
/// sampler.py, with exact search.
/// </summary>
public static class ImleSelection
{
    /// <summary>The winners for one input.</summary>
    /// <param name="network">The generator, in evaluation.</param>
    /// <param name="features">What is compared.</param>
    /// <param name="input"><c>(1, Inputs, H, W)</c></param>
    /// <param name="targets">The real picture at each level's size, <c>(1, Outputs, H', W')</c>.</param>
    /// <param name="pools">Codes of each level, <c>(m, CodeLength)</c>.</param>
    /// <param name="projections">Of each level, and in it of each size of features: rows of length one, <c>(features, p)</c>.</param>
    /// <param name="together">How many codes are tried at once, which memory bounds.</param>
    public static ImleWinner[] Select(
        HyperRimNetwork network, FeatureComparison features, Tensor input, IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor> pools,
        IReadOnlyList<IReadOnlyList<Tensor>> projections, int together = int.MaxValue)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var winners = new ImleWinner[network.Config.Levels];
        RimLevelOutput? before = null;
        for (int k = 0; k < winners.Length; k++)
        {
            var found = scope.Keep(Nearest(
                network, features, k, before?.Symmetric ?? input, before?.Features, Projected(features, targets[k], projections[k]),
                pools[k], projections[k], together));
            (winners[k], before) = (found.Winner, found.Output);
        }

        return winners;
    }

    /// <summary>A projection: normal numbers, each row brought to length one, <c>(features, width)</c>.</summary>
    public static Tensor Projection(long features, long width, Generator? generator = null)
    {
        using var scope = new TensorScope();
        return scope.Keep(Unit(Tensor.Randn([features, width], generator)));
    }

    /// <summary>Rows at length one.</summary>
    public static Tensor Unit(Tensor rows) => Functional.Normalize(rows, 1);

    private static Found Nearest(
        HyperRimNetwork network, FeatureComparison features, int level, Tensor input, Tensor? before, Tensor target, Tensor pool,
        IReadOnlyList<Tensor> projections, int together)
    {
        using var scope = new TensorScope();
        var distances = new List<Tensor>();
        RimLevelOutput? output = null;
        double least = double.PositiveInfinity;
        int best = 0;
        for (int first = 0; first < pool.Size(0); first += together)
        {
            using var part = new TensorScope();
            long count = Math.Min(together, pool.Size(0) - first);
            var made = network.Level(
                level + 1, input.Expand([count, -1, -1, -1]), before?.Expand([count, -1, -1, -1]), pool.Narrow(0, first, count));
            var distance = Distances(Projected(features, made.Picture, projections), target);
            int nearest = (int)distance.Argmin().Item<long>();
            double here = distance[nearest].Item<double>();
            distances.Add(part.Keep(distance));
            if (output is not null && !(here < least)) continue;
            (least, best) = (here, first + nearest);
            output = part.Keep(new RimLevelOutput(made.Symmetric.Narrow(0, nearest, 1), made.Features.Narrow(0, nearest, 1)));
        }

        return scope.Keep(new Found(new ImleWinner(best, pool.Narrow(0, best, 1), Tensor.Cat([.. distances], 0)), output!));
    }

    /// <summary>Features of all sizes in few numbers: <c>(N, 3, H, W) -> (N, p·sizes)</c>.</summary>
    private static Tensor Projected(FeatureComparison features, Tensor pictures, IReadOnlyList<Tensor> projections)
    {
        using var scope = new TensorScope();
        var seen = features.Call(pictures);
        return scope.Keep(Tensor.Cat([.. seen.Rows.Select((rows, k) => rows.Matmul(projections[k]) / seen.Widths[k])], 1));
    }

    private static Tensor Distances(Tensor made, Tensor target) => (made - target).Square().Sum([1]);

    private sealed record Found(ImleWinner Winner, RimLevelOutput Output) : ITensorContainer
    {
        public IEnumerable<Tensor> Tensors => [.. Winner.Tensors, .. Output.Tensors];
    }
}
