using System.Globalization;
using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.DataParallelism;

/// <summary>Steps to a goal error by batch size, the learning rate tuned anew for each; 1811.03600 figures 1 and 3, in small.</summary>
public sealed class DataParallelismClaim : Claim
{
    private const double Goal = 0.14, Momentum = 0.9, MomentumRates = 0.2;
    private const string Metric = "steps to the goal";
    private const double Perfect = 0.75, Flat = 0.25, Fewer = 0.8, Alike = 0.3;

    private static readonly double[] Batches = [8, 64, 512, 4096];
    private static readonly double[] Rates = [.. Enumerable.Range(-6, 10).Select(power => Math.Pow(2, power))];

    /// <inheritdoc/>
    public override string Statement =>
        "The steps to a goal error fall almost as 1/batch at first and flatten later; SGD and momentum agree at small batches, and "
        + "momentum needs clearly fewer steps at the largest.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, the slope of -log steps against log batch is 0.75 or more between 8 and 64 and 0.25 or less "
        + "between 512 and 4,096 for both optimisers, momentum takes at most 0.8 of " +
        "SGD's steps at 4,096, and at 8 the two differ by 30 % at most. Undecided where a mean misses its bound by less than its "
        + "standard error.";

    /// <inheritdoc/>
    public override string? KeepsNone =>
        "Its networks are only trained to a goal, to count steps; they read points, which no ability takes.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        var data = new ScaledClusters(20_000, 2_000, (ulong)seed);
        var plain = Measure($"SGD, seed {seed}", data, 0, seed, options.Quick, progress, cancellation);
        var heavy = Measure($"momentum, seed {seed}", data, Momentum, seed, options.Quick, progress, cancellation);
        return new SeedResult(
        [
            .. plain.Batches.SelectMany((batch, k) => (ClaimRow[])
            [
                new ClaimRow(Plain(batch), Metric, [plain.Steps[k]]),
                new ClaimRow(Heavy(batch), Metric, [heavy.Steps[k]]) { IsMethod = true },
            ]),
        ])
        {
            Curves = [Line($"SGD, seed {seed}", plain, plain.Steps), Line($"momentum 0.9, seed {seed}", heavy, heavy.Steps),
                Line($"perfect scaling, seed {seed}", plain, plain.PerfectScaling)],
            Configuration =
            [
                ("data", "10 Gaussian classes in 32 dimensions, coordinates scaled from 1 to 0.1; 20,000 + 2,000 examples, drawn with "
                    + "replacement"),
                ("network", "32-32-32-10 with ReLU"),
                ("goal", $"a validation error under {Goal}, looked for every max(1, step / 40) steps"),
                ("learning rates", "2^-6 to 2^3 for SGD, a fifth of that for momentum 0.9; the best of each batch size counts"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<ScalingCurve> plain, IReadOnlyList<ScalingCurve> heavy)
    {
        (string Name, IReadOnlyList<double> Margins)[] parts =
        [
            ("SGD's first slope", [.. plain.Select(curve => curve.Slope(8, 64) - Perfect)]),
            ("momentum's first slope", [.. heavy.Select(curve => curve.Slope(8, 64) - Perfect)]),
            ("SGD's last slope", [.. plain.Select(curve => Flat - curve.Slope(512, 4096))]),
            ("momentum's last slope", [.. heavy.Select(curve => Flat - curve.Slope(512, 4096))]),
            ("momentum's saving at 4,096", [.. plain.Zip(heavy, (sgd, momentum) => Fewer - momentum.Steps[^1] / sgd.Steps[^1])]),
            ("the likeness at 8", [.. plain.Zip(heavy, (sgd, momentum) => Alike - Math.Abs(momentum.Steps[0] / sgd.Steps[0] - 1))]),
        ];
        var rows = parts.Select(part => (part.Name, Row: new ClaimRow("", "", part.Margins))).ToList();
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"slopes {plain.Average(curve => curve.Slope(8, 64)):0.00} and {heavy.Average(curve => curve.Slope(8, 64)):0.00} at first, ")
            + string.Create(CultureInfo.InvariantCulture, $"{plain.Average(curve => curve.Slope(512, 4096)):0.00} and "
                + $"{heavy.Average(curve => curve.Slope(512, 4096)):0.00} at last (SGD, momentum); ")
            + string.Create(CultureInfo.InvariantCulture, $"momentum's steps are "
                + $"{plain.Zip(heavy, (sgd, momentum) => momentum.Steps[^1] / sgd.Steps[^1]).Average():0.00} of SGD's at 4,096 and "
                + $"{plain.Zip(heavy, (sgd, momentum) => momentum.Steps[0] / sgd.Steps[0]).Average():0.00} at 8");
        var missed = rows.Where(part => part.Row.Mean < 0).ToList();
        if (missed.Count == 0) return (Verdict.Holds, reason);
        bool clear = missed.Any(part => part.Row.Mean < -part.Row.Spread / Math.Sqrt(part.Row.Values.Count));
        return (clear ? Verdict.DoesNotHold
            : Verdict.Undecided, $"{reason}; missed: {string.Join(", ", missed.Select(part => part.Name))}");
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        if (options.Quick) return (Verdict.Undecided, "two batch sizes and two rates only");
        return Judge(Curves(Plain), Curves(Heavy));

        List<ScalingCurve> Curves(Func<double, string> arm) =>
            [.. Enumerable.Range(0, table.Seeds)
                .Select(seed => new ScalingCurve(Batches, [.. Batches.Select(batch => table[arm(batch), Metric][seed])]))];
    }

    private static string Plain(double batch) => $"SGD, batch {batch}";

    private static string Heavy(double batch) => $"momentum 0.9, batch {batch}";

    private static ClaimCurve Line(string name, ScalingCurve curve, IReadOnlyList<double> steps) =>
        new("log2 of steps by log2 of batch", name, [.. curve.Batches.Select(Math.Log2)], [.. steps.Select(Math.Log2)]);

    private static ScalingCurve Measure(string name, ScaledClusters data, double momentum, int seed, bool quick,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var steps = new List<double>();
        int budget = 4000;
        int done = 0;
        double[] rates = quick ? [0.25, 1] : Rates;
        double[] batches = quick ? [64, 512] : Batches;
        foreach (double batch in batches)
        {
            var trials = new List<Trial>();
            foreach (double rate in rates)
            {
                int limit = trials.Min(trial => trial.Steps) ?? budget;
                trials.Add(new Trial(rate, Train(data, (int)batch, momentum > 0 ? rate * MomentumRates : rate, momentum, seed, limit,
                    cancellation)));
                progress?.Report(new WorkProgress(name, ++done, batches.Length * rates.Length, $"batch {batch}"));
            }

            steps.Add(StepsToResult.Best(trials).Steps!.Value);
            budget = 2 * (int)steps[^1];
        }

        return new ScalingCurve(batches, steps);
    }

    /// <summary>Steps to the goal, or null where it takes more than the limit.</summary>
    private static int? Train(ScaledClusters data, int batch, double rate, double momentum, int seed, int limit,
        CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed((ulong)seed);
        using var generator = new Generator((ulong)seed + 1);
        using var network = new Sequential(new Linear(ScaledClusters.Dimensions, 32), new Relu(), new Linear(32, 32), new Relu(),
            new Linear(32, ScaledClusters.Classes));
        using var optimizer = new Sgd(network.Parameters(), rate, momentum);
        for (int step = 1; step <= limit; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            var rows = Tensor.Randint(data.Training.Count, [batch], generator, DType.Int64);
            optimizer.ZeroGrad();
            var loss = Functional.CrossEntropy(network.Call(data.Training.Inputs[rows]), data.Training.Labels[rows]);
            loss.Backward();
            optimizer.Step();
            if (step % Math.Max(1, step / 40) != 0) continue;
            double accuracy = ClassifierTrial.Accuracy(network, data.Validation, cancellation);
            network.Train();
            if (double.IsNaN(accuracy)) return null;
            if (1 - accuracy < Goal) return step;
        }

        return null;
    }

}
