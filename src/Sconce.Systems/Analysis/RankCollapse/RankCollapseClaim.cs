using System.Globalization;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>How fast attention alone makes all tokens one, and what stops it; 2103.03404 figure 4, on random networks in double precision.</summary>
public sealed class RankCollapseClaim : Claim
{
    private const int Depth = 8, Tokens = 32, Width = 64;
    private const double RoundingFloor = 1e-14;

    private static readonly (string Name, bool Skip, int? Mlp)[] Nets = [("attention alone", false, null), ("with perceptrons", false, 4 * Width), ("with skips", true, null), ("with both", true, 4 * Width)];

    /// <inheritdoc/>
    public override string Statement => "Attention alone makes all tokens alike doubly exponentially fast with depth; the skip connection stops it.";

    /// <inheritdoc/>
    public override string Rule =>
        "r is the residual's share of the hidden state, layer by layer. Holds if, in every seed, log r of attention alone more than doubles with every layer from the first on until r reaches the rounding floor of 1e-14 " +
        "before the last layer; if with skips the mean r over seeds no longer doubles its logarithm from the third layer on, and r is above 0.1 at the last in every seed; and if the sum of all paths is the network's output to 1e-5 of its rms.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override int DefaultSeeds => 5;

    /// <inheritdoc/>
    public override ClaimResult Run(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int count = SeedCount(options);
        var ratios = Nets.ToDictionary(net => net.Name, _ => new List<double[]>());
        var differences = new List<double>();
        for (int seed = options.FirstSeed; seed < options.FirstSeed + count; seed++)
        {
            foreach (var (name, skip, mlp) in Nets)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress(name, seed - options.FirstSeed, count));
                ratios[name].Add(Ratios(new SelfAttentionConfig(Width, 4, Depth, 16, 16) { Skip = skip, MlpWidth = mlp }, (ulong)seed));
            }

            differences.Add(PathDifference((ulong)seed));
        }

        var (verdict, reason) = Judge(ratios[Nets[0].Name], ratios[Nets[2].Name], differences);
        if (options.Quick) (verdict, reason) = (Verdict.Undecided, $"a quick run has one seed: {reason}");
        return new ClaimResult(verdict, reason, [.. Nets.SelectMany(net => Rows(net.Name, net.Skip, ratios[net.Name])), new ClaimRow("sum of all paths", "difference from the output", differences)])
        {
            Curves =
            [
                .. Nets.SelectMany(net => ratios[net.Name].Select((values, k) => new ClaimCurve(
                    "log10 of the residual's share by layer", $"{net.Name}, seed {options.FirstSeed + k}", [.. Enumerable.Range(0, values.Length).Select(layer => (double)layer)], [.. values.Select(Math.Log10)]))),
            ],
            Configuration = [("network", $"{Depth} layers of 4 heads, width {Width}, d_qk = d_v = 16, Glorot-uniform weights, no biases, double precision"), ("input", $"{Tokens} standard normal tokens"), ("training", "none")],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double[]> alone, IReadOnlyList<double[]> skips, IReadOnlyList<double> pathDifferences)
    {
        bool collapses = alone.All(ratios => Growths(ratios).All(growth => growth > 2) && ratios[..^1].Any(ratio => ratio < RoundingFloor));
        double[] mean = [.. Enumerable.Range(0, skips[0].Length).Select(layer => skips.Average(ratios => ratios[layer]))];
        bool stays = skips.All(ratios => ratios[^1] > 0.1) && Growths(mean).Skip(2).All(growth => growth < 2);
        bool sums = pathDifferences.All(difference => difference < 1e-5);
        string reason = string.Create(CultureInfo.InvariantCulture, $"attention alone keeps {alone.Average(ratios => ratios[1]):0.00}, {alone.Average(ratios => ratios[2]):0.0E+0}, {alone.Average(ratios => ratios[3]):0.0E+0} after 1, 2, 3 layers, ")
            + string.Create(CultureInfo.InvariantCulture, $"with skips {skips.Average(ratios => ratios[^1]):0.00} after {skips[0].Length - 1}; the paths' sum differs by {pathDifferences.Max():0.0E+0}");
        string[] missed = [.. new[] { (collapses, "the doubly exponential fall"), (stays, "the skips' hold"), (sums, "the paths' sum") }.Where(part => !part.Item1).Select(part => part.Item2)];
        return missed.Length == 0 ? (Verdict.Holds, reason) : (Verdict.DoesNotHold, $"{reason}; missed: {string.Join(", ", missed)}");
    }

    /// <summary>log r_{l+1} / log r_l for each layer from the first on, above the rounding floor.</summary>
    private static IEnumerable<double> Growths(double[] ratios)
    {
        for (int layer = 1; layer + 1 < ratios.Length && ratios[layer + 1] > RoundingFloor; layer++) yield return Math.Log(ratios[layer + 1]) / Math.Log(ratios[layer]);
    }

    private static double[] Ratios(SelfAttentionConfig config, ulong seed)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = Network(config, seed);
        return [.. network.Hidden(Tensor.Randn([1, Tokens, Width], DType.Float64)).Select(state => ResidualMeasures.Ratio(state).Item<double>())];
    }

    private static double PathDifference(ulong seed)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = Network(new SelfAttentionConfig(16, 2, 4, 8, 8), seed);
        foreach (var layer in network.Layers) Init.Normal(layer.O.Bias!, 0.1);
        var x = Tensor.Randn([2, 6, 16], DType.Float64);
        var paths = new PathDecomposition(network, x);
        var sum = paths.BiasRow().ExpandAs(x);
        foreach (int[] path in paths.Paths) sum = sum + paths.Output(path);
        var output = network.Call(x);
        return (sum - output).Abs().Max().Item<double>() / output.Square().Mean().Sqrt().Item<double>();
    }

    private static SelfAttentionNetwork Network(SelfAttentionConfig config, ulong seed)
    {
        TorchRuntime.ManualSeed(seed);
        var network = new SelfAttentionNetwork(config);
        network.InitializeXavier();
        network.To(DType.Float64);
        return network;
    }

    private static IEnumerable<ClaimRow> Rows(string name, bool skip, List<double[]> ratios)
    {
        foreach (int layer in (int[])[1, 2, 3, 4, Depth]) yield return new ClaimRow($"{name}, layer {layer}", "the residual's share", [.. ratios.Select(values => values[layer])]) { IsMethod = !skip };
    }
}
