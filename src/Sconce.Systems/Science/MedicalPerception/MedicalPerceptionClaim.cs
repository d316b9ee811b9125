using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>A network that leans on a fine cue in one subgroup, a reader that cannot, and what a low-pass filter shows of both; 2011.14036
/// figure 4, in small.</summary>
public sealed class MedicalPerceptionClaim : Claim
{
    private const double Leans = 0.85, Restored = 0.95;
    private const int Batch = 48;
    private const double Rate = 3e-3;
    private const string Leaning = "network", Plain = "without the cue", Filtered = "trained on filtered";

    /// <summary>Filters from none to the strongest.</summary>
    private static readonly double[] Radii = [double.PositiveInfinity, 12, 8, 6, 4.5, 3];

    /// <inheritdoc/>
    public override string Statement =>
        "A network that uses a fine, spurious cue in one subgroup loses that subgroup under low-pass filtering while a reader without the "
        + "cue does not; pooled over subgroups the contrast all but vanishes.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, of 5 seeds, in at least 3 the network's separability of masses (Kolmogorov-Smirnov, least over radii 8 to 4.5) falls "
        + "under 0.85, in none that of the reader trained without the cue; if in those seeds " +
        "the two differ, pooled over subgroups, by less than half of that gap where it is widest; and if training on filtered pictures "
        + "keeps it above 0.95 in every seed. Fewer than 5 seeds: undecided.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its readers are three to be compared on made lesions; readers of a person's own are runs.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override int DefaultSeeds => 5;

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 4 : 300;
        using var scope = new TensorScope();
        int examples = options.Quick ? 96 : 1000;
        var cued = Lesions.Sample(examples, cue: true, (ulong)(2 * seed));
        var plain = Lesions.Sample(examples, cue: false, (ulong)(2 * seed));
        var test = Lesions.Sample(options.Quick ? 96 : 600, cue: true, (ulong)(2 * seed + 1));
        var run = new Reading(Of(Leaning, cued, false), Of(Plain, plain, false), Of(Filtered, cued, true));
        return new SeedResult([.. Rows(run)])
        {
            Checks = [.. Named(run).SelectMany(reader => Checks(reader.Name, reader.Curves))],
            Curves = [.. Lines(run, seed)],
            Pictures = [Samples()],
            Configuration =
            [
                ("data", "1,000 + 600 pictures of 32x32: smoothed noise, a third with 8 bright pixels, a third with a bump of deviation "
                    + "4.5, which carries a checkerboard of ±0.12"),
                ("reader", "convolutions 5x5 of 12, 5x5 of 16, 3x3 of 16 with max pooling between, global maximum, linear"),
                ("training", $"Adam {Rate}, {steps} steps of {Batch}; the third reader has every second batch filtered at a "
                    + $"random severity"),
                ("filters", "Gaussian low-pass of radius 12, 8, 6, 4.5, 3 frequency samples, no rescaling"),
            ],
        };

        Curves Of(string name, LabelledTensors train, bool filtered) =>
            Train($"{name}, seed {seed}", train, test, filtered, steps, seed, progress, cancellation);
    }

    /// <summary>Separability at each filter.</summary>
    internal sealed record Curves(double[] Dots, double[] Mass, double[] Pooled);

    /// <summary>The three readers of one seed.</summary>
    internal sealed record Reading(Curves Network, Curves Plain, Curves Filtered);

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<Reading> runs)
    {
        var leaning = runs.Where(run => Least(run.Network.Mass) < Leans).ToList();
        int reader = runs.Count(run => Least(run.Plain.Mass) < Leans);
        int hidden = leaning.Count(IsHidden);
        double restored = runs.Min(run => run.Filtered.Mass.Min());
        var least = runs.Select(run => Least(run.Network.Mass).ToString("0.00", CultureInfo.InvariantCulture));
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"the network's masses fall under {Leans} in {leaning.Count} of {runs.Count} seeds ({string.Join(", ", least)}), "
            + $"those of the reader without the cue in {reader}; pooled, the gap is less than half in {hidden} of {leaning.Count}; trained "
            + $"on filtered pictures the least is {restored:0.00}");
        if (runs.Count < 5) return (Verdict.Undecided, $"the rule asks for 5 seeds: {reason}");
        return (leaning.Count * 5 >= 3 * runs.Count && reader == 0 && hidden == leaning.Count && restored > Restored
            ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <summary>Over radii 8 to 4.5.</summary>
    private static double Least(double[] curve) => curve[2..5].Min();

    private static bool IsHidden(Reading run)
    {
        int worst = Enumerable.Range(2, 3).MaxBy(k => run.Plain.Mass[k] - run.Network.Mass[k]);
        return Math.Abs(run.Plain.Pooled[worst] - run.Network.Pooled[worst]) < (run.Plain.Mass[worst] - run.Network.Mass[worst]) / 2;
    }

    private static Curves Train(string name, LabelledTensors train, LabelledTensors test, bool filtered, int steps, int seed,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed((ulong)seed);
        using var network = Reader();
        using var optimizer = new Adam(network.Parameters(), Rate);
        var order = new Random(seed);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            var rows = Tensor.From(Enumerable.Range(0, Batch).Select(_ => (long)order.Next((int)train.Count)).ToArray());
            var pictures = train.Inputs[rows];
            if (filtered && step % 2 == 1) pictures = FourierFilter.Apply(pictures, Radii[order.Next(1, Radii.Length)]);
            optimizer.ZeroGrad();
            var loss = network.Call(pictures).Squeeze(1).BinaryCrossEntropyWithLogits(train.Labels[rows].Gt(0).To(DType.Float32));
            loss.Backward();
            optimizer.Step();
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {loss.Item<double>():0.000}")));
        }

        optimizer.ZeroGrad();
        return Separate(network, test);
    }

    private static Curves Separate(Module<Tensor, Tensor> network, LabelledTensors test)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var lesions = test.Labels.ToArray<long>();
        var curves = new Curves(new double[Radii.Length], new double[Radii.Length], new double[Radii.Length]);
        for (int k = 0; k < Radii.Length; k++)
        {
            var pictures = double.IsInfinity(Radii[k]) ? test.Inputs : FourierFilter.Apply(test.Inputs, Radii[k]);
            var scores = network.Call(pictures).Squeeze(1).To(DType.Float64).ToArray<double>();
            double[] Of(Lesion lesion) => [.. scores.Where((_, index) => lesions[index] == (long)lesion)];
            double[] dots = Of(Lesion.Dots), mass = Of(Lesion.Mass), none = Of(Lesion.None);
            curves.Dots[k] = PerceptionStatistics.Separability(dots, none);
            curves.Mass[k] = PerceptionStatistics.Separability(mass, none);
            curves.Pooled[k] = PerceptionStatistics.Separability([.. dots, .. mass], none);
        }

        return curves;
    }

    /// <summary><c>(N, 1, 32, 32) -> (N, 1)</c></summary>
    private static Sequential Reader() => new(
        new Conv2d(1, 12, 5, padding: 2),
        new Relu(inPlace: true),
        new MaxPool2d(2),
        new Conv2d(12, 16, 5, padding: 2),
        new Relu(inPlace: true),
        new MaxPool2d(2),
        new Conv2d(16, 16, 3, padding: 1),
        new Relu(inPlace: true),
        new AdaptiveMaxPool2d(1),
        new Flatten(),
        new Linear(16, 1));

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        return Judge([.. Enumerable.Range(0, table.Seeds)
            .Select(seed => new Reading(Of(Leaning, seed), Of(Plain, seed), Of(Filtered, seed)))]);

        Curves Of(string reader, int seed) => new(At(reader, "dots", seed), At(reader, "masses", seed), At(reader, "pooled", seed));
        double[] At(string reader, string group, int seed) =>
            [.. Radii.Select(radius => table[$"{reader}, {group}", Separability(radius)][seed])];
    }

    private static string Separability(double radius) => string.Create(CultureInfo.InvariantCulture, $"separability, radius {radius}");

    private static IEnumerable<(string Name, Curves Curves)> Named(Reading run) =>
        [(Leaning, run.Network), (Plain, run.Plain), (Filtered, run.Filtered)];

    private static IEnumerable<ClaimRow> Checks(string reader, Curves curves) =>
        from part in new[] { ("dots", curves.Dots), ("masses", curves.Mass), ("pooled", curves.Pooled) }
        from k in Enumerable.Range(0, Radii.Length)
        select new ClaimRow($"{reader}, {part.Item1}", Separability(Radii[k]), [part.Item2[k]]);

    private static IEnumerable<ClaimRow> Rows(Reading run)
    {
        yield return Row(Leaning, "masses", run.Network.Mass, method: true);
        yield return Row(Plain, "masses", run.Plain.Mass);
        yield return Row(Filtered, "masses", run.Filtered.Mass, method: true);
        yield return Row(Leaning, "pooled", run.Network.Pooled, method: true);
        yield return Row(Plain, "pooled", run.Plain.Pooled);
        yield return Row(Leaning, "dots", run.Network.Dots, method: true);
        yield return Row(Plain, "dots", run.Plain.Dots);

        static ClaimRow Row(string reader, string group, double[] curve, bool method = false) =>
            new($"{reader}, {group}", "separability, least over radii 8 to 4.5", [Least(curve)]) { IsMethod = method };
    }

    private static IEnumerable<ClaimCurve> Lines(Reading run, int seed)
    {
        double[] severities = [.. Enumerable.Range(0, Radii.Length).Select(k => (double)k)];
        foreach (var (chart, pick) in new (string, Func<Curves, double[]>)[] { ("separability of masses "
            + "by severity", curves => curves.Mass), ("separability, pooled, by severity", curves => curves.Pooled) })
        {
            foreach (var (name, curves) in Named(run)) yield return new ClaimCurve(chart, $"{name}, seed {seed}", severities, pick(curves));
        }
    }

    private static ClaimPicture Samples()
    {
        using var scope = new TensorScope();
        var pictures = Lesions.Sample(8, cue: true, 3).Inputs;
        var rows = Tensor.Cat([pictures, FourierFilter.Apply(pictures, 8), FourierFilter.Apply(pictures, 4.5)], 0);
        var values = (rows * 0.4 + 0.3).Clamp(0, 1).ToArray<float>();
        var cells = values.Chunk(Lesions.Side * Lesions.Side)
            .Select(cell => Image.FromFloats(Lesions.Side, Lesions.Side, 1, cell)
                .Resize(2 * Lesions.Side, 2 * Lesions.Side, ResizeFilter.Nearest));
        return new ClaimPicture("Unfiltered; radius 8; radius 4.5", ImageGrid.Create(cells, 8).Encode(ImageFormat.Png));
    }
}
