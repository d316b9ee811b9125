using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>How fast attention alone makes all tokens one, and what stops it; 2103.03404 figure 4, on random networks in double
/// precision.</summary>
public sealed class RankCollapseClaim : Claim
{
    private const int Depth = 8, Tokens = 32, Width = 64;
    private const double RoundingFloor = 1e-14;
    private const string Share = "the residual's share", AllPaths = "sum of all paths", Difference = "difference from the output";
    private static readonly int[] Shown = [1, 2, 3, 4, Depth];

    private static readonly (string Name, bool Skip, int? Mlp)[] Nets = [("attention alone", false, null),
        ("with perceptrons", false, 4 * Width), ("with skips", true, null), ("with both", true, 4 * Width)];

    /// <inheritdoc/>
    public override string Statement =>
        "Attention alone makes all tokens alike doubly exponentially fast with depth; the skip connection stops it.";

    /// <inheritdoc/>
    public override string Rule =>
        "r is the residual's share of the hidden state, layer by layer. Holds if, in every seed, log r of attention alone more than "
        + "doubles with every layer from the first on until r reaches the rounding floor of 1e-14 " +
        "before the last layer; if with skips the mean r over seeds no longer doubles its logarithm from the third layer on, and r is "
        + "above 0.1 at the last in every seed; and if the sum of all paths is the network's output to 1e-5 of its rms.";

    /// <inheritdoc/>
    public override string? KeepsNone => "It measures networks of random weights and trains none.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override int DefaultSeeds => 5;

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<ClaimRow> rows = [], checks = [];
        var curves = new List<ClaimCurve>();
        foreach (var (name, skip, mlp) in Nets)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"{name}, seed {seed}", curves.Count, Nets.Length));
            double[] ratios = Ratios(new SelfAttentionConfig(Width, 4, Depth, 16, 16) { Skip = skip, MlpWidth = mlp }, (ulong)seed);
            for (int layer = 0; layer <= Depth; layer++)
                (Shown.Contains(layer) ? rows : checks).Add(new ClaimRow(At(name, layer), Share, [ratios[layer]]) { IsMethod = !skip });
            curves.Add(new ClaimCurve("log10 of the residual's share by layer", $"{name}, seed {seed}",
                [.. Enumerable.Range(0, ratios.Length).Select(layer => (double)layer)], [.. ratios.Select(Math.Log10)]));
        }

        rows.Add(new ClaimRow(AllPaths, Difference, [PathDifference((ulong)seed)]));
        return new SeedResult(rows)
        {
            Checks = checks,
            Curves = curves,
            Configuration = [("network", $"{Depth} layers of 4 heads, width {Width}, d_qk = d_v = 16, Glorot-uniform weights, no biases, "
                + $"double precision"), ("input", $"{Tokens} standard normal tokens"), ("training", "none")],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double[]> alone, IReadOnlyList<double[]> skips,
        IReadOnlyList<double> pathDifferences)
    {
        bool collapses = alone.All(ratios => Growths(ratios).All(growth => growth > 2) && ratios[..^1].Any(ratio => ratio < RoundingFloor));
        double[] mean = [.. Enumerable.Range(0, skips[0].Length).Select(layer => skips.Average(ratios => ratios[layer]))];
        bool stays = skips.All(ratios => ratios[^1] > 0.1) && Growths(mean).Skip(2).All(growth => growth < 2);
        bool sums = pathDifferences.All(difference => difference < 1e-5);
        string reason = string.Create(CultureInfo.InvariantCulture, $"attention alone keeps {alone.Average(ratios => ratios[1]):0.00}, "
            + $"{alone.Average(ratios => ratios[2]):0.0E+0}, {alone.Average(ratios => ratios[3]):0.0E+0} after 1, 2, 3 layers, ")
            + string.Create(CultureInfo.InvariantCulture, $"with skips {skips.Average(ratios => ratios[^1]):0.00} after "
                + $"{skips[0].Length - 1}; the paths' sum differs by {pathDifferences.Max():0.0E+0}");
        string[] missed = [.. new[] { (collapses, "the doubly exponential fall"), (stays, "the skips' hold"),
            (sums, "the paths' sum") }.Where(part => !part.Item1).Select(part => part.Item2)];
        return missed.Length == 0 ? (Verdict.Holds, reason) : (Verdict.DoesNotHold, $"{reason}; missed: {string.Join(", ", missed)}");
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        return Judge(Of(Nets[0].Name), Of(Nets[2].Name), table[AllPaths, Difference]);

        IReadOnlyList<double[]> Of(string net) =>
            [.. Enumerable.Range(0, table.Seeds)
                .Select(seed => Enumerable.Range(0, Depth + 1).Select(layer => table[At(net, layer), Share][seed]).ToArray())];
    }

    private static string At(string net, int layer) => $"{net}, layer {layer}";

    /// <summary>log r_{l+1} / log r_l for each layer from the first on, above the rounding floor.</summary>
    private static IEnumerable<double> Growths(double[] ratios)
    {
        for (int layer = 1; layer + 1 < ratios.Length && ratios[layer + 1] > RoundingFloor; layer++)
            yield return Math.Log(ratios[layer + 1]) / Math.Log(ratios[layer]);
    }

    private static double[] Ratios(SelfAttentionConfig config, ulong seed)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = Network(config, seed);
        return [.. network.Hidden(Tensor.Randn([1, Tokens, Width], DType.Float64))
            .Select(state => ResidualMeasures.Ratio(state).Item<double>())];
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
}
