using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>Smoothing, corrections and distillation when four labels in ten are drawn anew; 2003.02819 figures 1 and 5, in small.</summary>
public sealed class LabelSmoothingClaim : Claim
{
    private const int Classes = 10, Dimensions = 20, Batch = 50;
    private const double Noise = 0.4, Strong = 0.7, Mild = 0.4;
    private const string Noisy = ", noise 0.4";

    /// <inheritdoc/>
    public override string Statement =>
        "Under 40 % symmetric noise strong smoothing beats the plain loss, forward correction beats it by more, and a student of a "
        + "smoothed teacher beats a student of a plain one by a wide margin.";

    /// <inheritdoc/>
    public override string Rule =>
        "Test accuracy on clean labels at a noise rate of 0.4. Holds if, in every seed, smoothing of 0.7 is at least 0.04 above the plain "
        + "loss, forward correction at least 0.10, and the student of the teacher smoothed " +
        "by 0.4 at least 0.12 above the student of the plain one. Does not hold if a mean misses its bound; undecided if only single seeds "
        + "do. Without noise the same is shown, not judged.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its networks read points in 20 dimensions, which no ability takes.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int epochs = options.Quick ? 1 : 60;
        var rows = new List<ClaimRow>();
        var curves = new List<ClaimCurve>();
        foreach (var (rate, condition) in new[] { (Noise, Noisy), (0.0, ", no noise") })
        {
            foreach (var (name, accuracy, losses) in Arms(rate, seed, epochs, progress, cancellation))
            {
                rows.Add(new ClaimRow(name + condition, "clean test accuracy", [accuracy])
                { IsMethod = name.Contains("smoothing", StringComparison.Ordinal) });
                if (rate > 0)
                    curves.Add(new ClaimCurve("training loss, noise 0.4", $"{name}, seed {seed}",
                        [.. Enumerable.Range(1, losses.Count).Select(epoch => (double)epoch)], losses));
            }
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Configuration =
            [
                ("data", "10 Gaussian classes in 20 dimensions, centres of norm 3.5; 1,000 training and 4,000 clean test examples"),
                ("networks", "20-128-128-10 with ReLU; students 20-32-32-10, temperature 2, the teacher's answers alone"),
                ("training", $"SGD, momentum 0.9, rate 0.05, decay 1e-4, gradient norm at most 5, {epochs} epochs of batches of {Batch}"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> accuracies)
    {
        (string Name, string Method, string Baseline, double Bound)[] gaps =
        [
            ("smoothing 0.7 over plain", "smoothing 0.7", "plain", 0.04),
            ("forward correction over plain", "forward correction", "plain", 0.10),
            ("student of smoothed over student of plain", "student of smoothing 0.4", "student of plain", 0.12),
        ];
        var found = gaps.Select(gap =>
            (gap.Name, gap.Bound, Values: accuracies[gap.Method].Zip(accuracies[gap.Baseline], (method, baseline) => method - baseline)
                .ToList())).ToList();
        static string Figures(IEnumerable<double> values) =>
            string.Join(", ", values.Select(value => value.ToString("+0.000;-0.000", CultureInfo.InvariantCulture)));
        string reason = string.Join("; ", found.Select(gap =>
            string.Create(CultureInfo.InvariantCulture, $"{gap.Name}: {Figures(gap.Values)} (at least {gap.Bound:0.00})")));
        if (found.All(gap => gap.Values.All(value => value >= gap.Bound))) return (Verdict.Holds, reason);
        return (found.All(gap => gap.Values.Average() >= gap.Bound) ? Verdict.Undecided : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table.ByArm("clean test accuracy").Where(arm => arm.Key.EndsWith(Noisy, StringComparison.Ordinal))
            .ToDictionary(arm => arm.Key[..^Noisy.Length], arm => arm.Value));

    private static IEnumerable<(string Name, double Accuracy, IReadOnlyList<double> Losses)> Arms(double rate, int seed, int epochs,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var results = new List<(string, double, IReadOnlyList<double>)>();
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        var centres = Tensor.Randn([Classes, Dimensions], generator);
        centres = centres / centres.Norm(2, [1], keepdim: true) * 3.5;
        var (train, truth) = Draw(centres, 1000, generator);
        var (test, answers) = Draw(centres, 4000, generator);
        var labels = LabelNoise.Corrupt(truth, Classes, rate, generator);
        var transition = LabelNoise.SymmetricTransition(Classes, rate);
        (string Name, Func<Tensor, Tensor, Tensor> Loss)[] losses =
        [
            ("plain", (logits, y) => Functional.CrossEntropy(logits, y)),
            ("smoothing 0.1", Smoothed(0.1)),
            ("smoothing 0.4", Smoothed(Mild)),
            ("smoothing 0.7", Smoothed(Strong)),
            ("backward correction", (logits, y) => SmearedLosses.Compute(logits, y, SmearedLosses.SymmetricBackwardMatrix(Classes, rate))),
            ("forward correction", (logits, y) => SmearedLosses.ForwardCorrected(logits, y, transition)),
        ];
        int done = 0;
        var distillation = new Distillation();
        foreach (var (name, loss) in losses)
        {
            progress?.Report(new WorkProgress($"noise {rate.ToString("0.0", CultureInfo.InvariantCulture)}, "
                + $"seed {seed}", done++, losses.Length, name));
            using var teacher = Network(128, seed);
            var curve = Train(teacher, train, rows => (logits => loss(logits, labels[rows])), seed, epochs, cancellation);
            results.Add((name, Accuracy(teacher, test, answers), curve));
            if (name is not ("plain" or "smoothing 0.4")) continue;
            Tensor soft;
            using (Gradients.Off()) soft = teacher.Call(train);
            using var student = Network(32, seed);
            curve = Train(student, train, rows => (logits => distillation.Divergence(logits, soft[rows])), seed, epochs, cancellation);
            results.Add(($"student of {name}", Accuracy(student, test, answers), curve));
        }

        return results;

        static Func<Tensor, Tensor, Tensor> Smoothed(double rate) =>
            (logits, y) => SmearedLosses.Compute(logits, y, SmearedLosses.SmoothingMatrix(Classes, rate));
    }

    private static (Tensor Inputs, Tensor Labels) Draw(Tensor centres, int count, Generator generator)
    {
        var labels = Tensor.Randint(Classes, [count], generator, DType.Int64);
        return (centres[labels] + Tensor.Randn([count, Dimensions], generator), labels);
    }

    private static Sequential Network(int width, int seed)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        return new Sequential(new Linear(Dimensions, width), new Relu(), new Linear(width, width), new Relu(), new Linear(width, Classes));
    }

    private static List<double> Train(Module<Tensor, Tensor> network, Tensor inputs, Func<Tensor, Func<Tensor, Tensor>> lossOf, int seed,
        int epochs, CancellationToken cancellation)
    {
        using var optimizer = new Sgd(network.Parameters(), 0.05, momentum: 0.9, weightDecay: 1e-4);
        using var order = new Generator((ulong)seed + 1000);
        var losses = new List<double>();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            double sum = 0;
            var places = Tensor.Randperm(inputs.Size(0), order, DType.Int64).Split(Batch);
            foreach (var rows in places)
            {
                using var step = new TensorScope();
                optimizer.ZeroGrad();
                var loss = lossOf(rows)(network.Call(inputs[rows]));
                loss.Backward();
                GradientClipping.ByNorm(network.Parameters(), 5);
                optimizer.Step();
                sum += loss.Item<double>();
            }

            losses.Add(sum / places.Length);
        }

        optimizer.ZeroGrad();
        return losses;
    }

    private static double Accuracy(Module<Tensor, Tensor> network, Tensor inputs, Tensor labels) =>
        ClassifierTrial.Accuracy(network, new LabelledTensors(inputs, labels));
}
