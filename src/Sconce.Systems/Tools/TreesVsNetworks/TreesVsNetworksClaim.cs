using System.Globalization;
using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>When trees beat networks on tables: rough targets and useless features; 2207.08815 §5, in small.</summary>
public sealed class TreesVsNetworksClaim : Claim
{
    private const int Informative = 5, Rows = 2000;
    private const string Metric = "R² against the noise-free target";
    private static readonly int[] Extras = [0, 20, 60];

    /// <inheritdoc/>
    public override string Statement =>
        "Trees stay ahead of networks on tables whose targets are rough or whose features are partly useless; on smooth targets of " +
            "useful features they do not.";

    /// <inheritdoc/>
    public override string Rule =>
        "R² on 2,000 new rows. Holds if on the rough target trees are ahead by 0.2 with any number of useless features, 60 useless " +
            "features cost the network 0.2 there and the trees " +
        "no more than 0.1 on either target, and on the smooth target without useless features the network is not behind. Does not hold " +
            "if a mean misses by more than its standard error.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its tables are made, and their columns mean nothing: a person's own are asked of a run.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int rows = options.Quick ? 300 : Rows, rounds = options.Quick ? 20 : 200, epochs = options.Quick ? 2 : 60, done = 0;
        var figures = new List<ClaimRow>();
        foreach (bool rough in (bool[])[true, false])
        {
            foreach (int extra in Extras)
            {
                progress?.Report(new WorkProgress($"seed {seed}", done++, 2 * Extras.Length, Condition(rough, extra)));
                var (trees, network) = Compare(new TabularTask(rough, extra, rows, seed), rounds, epochs, seed, cancellation);
                figures.Add(new ClaimRow($"trees, {Condition(rough, extra)}", Metric, [trees]) { IsMethod = true });
                figures.Add(new ClaimRow($"network, {Condition(rough, extra)}", Metric, [network]));
            }
        }

        return new SeedResult(figures)
        {
            Configuration =
            [
                ("data",
                    $"{Informative} useful features and 0, 20 or 60 useless ones, uniform in [-1, 1]; noise of 0.3 on a target of unit " +
                        $"variance; {rows} training rows"),
                ("trees", $"{rounds} rounds at 0.08, 15 leaves"),
                ("network",
                    $"128-128 with ReLU, AdamW at 1e-3, decay 1e-2, batches of 64, {epochs} epochs of which the best on a fifth is kept"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Metric));
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> figures)
    {
        List<double> Trees(bool rough, int extra) => figures[$"trees, {Condition(rough, extra)}"];
        List<double> Network(bool rough, int extra) => figures[$"network, {Condition(rough, extra)}"];
        static IEnumerable<double> Margin(List<double> more, List<double> less, double bound) => more.Zip(less, (a, b) => a - b - bound);
        var verdict = ByMargins(
            [
                .. Extras.Select(extra => Margin(Trees(true, extra), Network(true, extra), 0.2)),
                Margin(Network(true, 0), Network(true, 60), 0.2),
                Margin(Network(false, 0), Trees(false, 0), 0),
                Margin(Trees(true, 60), Trees(true, 0), -0.1),
                Margin(Trees(false, 60), Trees(false, 0), -0.1),
            ]);
        string Means(bool rough) => string.Join(", ", Extras.Select(extra => string.Create(
            CultureInfo.InvariantCulture, $"{extra}: {Trees(rough, extra).Average():0.000} and {Network(rough, extra).Average():0.000}")));
        return (verdict, $"R² of trees and network by useless features: rough {Means(true)}; smooth {Means(false)}");
    }

    private static string Condition(bool rough, int extra) => $"{(rough ? "rough" : "smooth")}, {extra} useless";

    private static (double Trees, double Network) Compare(TabularTask task, int rounds, int epochs, int seed,
        CancellationToken cancellation)
    {
        var settings = new TreeSettings { Rounds = rounds, LearningRate = 0.08, Leaves = 15, Seed = seed };
        var ensemble = TreeTraining.Boost(new TreeRows(task.Training, task.Targets), TreeTarget.Number, settings,
            cancellation: cancellation);
        double trees = TabularMetrics.R2(task.Truths, ensemble.Raw(task.Test));
        using var scope = new TensorScope();
        using var network = TabularNetwork.Fit(Input(task.Training), Tensor.From(task.Targets.Select(value => (float)value).ToArray()),
            epochs, seed, cancellation);
        using var inference = Gradients.Inference();
        return (trees, TabularMetrics.R2(task.Truths, network.Call(Input(task.Test)).Squeeze(1).To(DType.Float64).ToArray<double>()));
    }

    private static Tensor Input(FeatureMatrix features) =>
        Tensor.Stack([.. features.Columns.Select(column => Tensor.From(column.Values.Select(value => (float)value).ToArray()))], 1);
}

/// <summary>Rows of one target, rough or smooth, with useless features beside the useful.</summary>
internal sealed class TabularTask
{
    private const int Steps = 8;

    internal TabularTask(bool rough, int extra, int rows, int seed)
    {
        var random = new Random((seed * 1009) + (rough ? 1 : 0));
        double[] tables = [.. Enumerable.Range(0, 3 * Steps).Select(_ => Normal(random))];
        double Target(ReadOnlySpan<double> x) => rough
            ? Step(tables, 0, x[0]) + Step(tables, 1, x[1]) + Step(tables, 2, x[2]) + (x[3] > 0.1 && x[4] < 0.3 ? 2 : 0)
            : Math.Sin(2 * x[0]) + (x[1] * x[2]) + (x[3] * x[3] / 2) + (x[4] / 2);
        int width = 5 + extra;
        double[] first = Draw(rows), second = Draw(rows), values = Values(first);
        double mean = values.Average(), deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        (Training, Test) = (FeatureMatrix.OfRows(first, width), FeatureMatrix.OfRows(second, width));
        Targets = [.. values.Select(value => ((value - mean) / deviation) + (0.3 * Normal(random)))];
        Truths = [.. Values(second).Select(value => (value - mean) / deviation)];

        double[] Draw(int count) => [.. Enumerable.Range(0, count * width).Select(_ => (2 * random.NextDouble()) - 1)];

        double[] Values(double[] x) => [.. Enumerable.Range(0, rows).Select(row => Target(x.AsSpan(row * width, width)))];
    }

    internal FeatureMatrix Training { get; }

    internal FeatureMatrix Test { get; }

    internal double[] Targets { get; }

    internal double[] Truths { get; }

    private static double Step(double[] tables, int table, double x) =>
        tables[(table * Steps) + Math.Min(Steps - 1, (int)((x + 1) / 2 * Steps))];

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
