using System.Globalization;
using Sconce.Claims;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>Jumps of ten steps on 12 x 12, with λ in the corners and without.</summary>
public sealed class DiffusionNetClaim : Claim
{
    private const int Size = 12, Steps = 10, Starts = 200, Training = 4000, Asked = 300, Batch = 32, Updates = 1200;
    private const double Peak = 3e-3;
    private const string Knows = "surrogate", Blind = "the same, blind to λ", Still = "standing still", Error = "mean error, K";

    private static RunConfiguration Learnt =>
        new("diffusionnet_small", "heat", new HeatSettings { Grid = Size, Jump = Steps, Scheme = HeatScheme.Textbook, LastStart = Starts });

    /// <inheritdoc/>
    public override string Statement =>
        "A network that is told λ in a field's corners jumps ten steps of heat conduction far better than one that " +
        "is not, and than standing " +
            "still.";

    /// <inheritdoc/>
    public override string Rule =>
        "On 300 unseen problems of 12 x 12 by the textbook's solver. Holds if in each seed the mean error within the walls is less than " +
            "0.6 of standing still's and less than 0.8 of the network's without λ.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(4);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        var problems = new HeatProblems(Size, Steps, HeatScheme.Textbook, Starts);
        int updates = options.Quick ? 10 : Updates;
        using var training = problems.Pairs(options.Quick ? 200 : Training, new Random(2 * seed));
        using var asked = problems.Pairs(Asked, new Random((2 * seed) + 1));
        var rows = new List<ClaimRow>();
        var curves = new List<ClaimCurve>();
        ClaimNetwork? kept = null;
        foreach (bool isBlind in (bool[])[false, true])
        {
            string name = isBlind ? Blind : Knows;
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new HeatNetwork(HeatNetworkConfig.Small);
            var losses = Train(network, training, isBlind, seed, updates, $"{name}, seed {seed}", progress, cancellation);
            network.Eval();
            if (!isBlind) kept = ClaimNetwork.OfRun(Learnt, new HeatMethod(), network);
            using var noGrad = Gradients.Off();
            var output = network.Call(isBlind ? Blinded(asked.Before) : asked.Before);
            rows.Add(new ClaimRow(name, Error, [ErrorOf(output, asked.After)]) { IsMethod = !isBlind });
            curves.Add(new ClaimCurve("loss", $"{name}, seed {seed}", [.. losses.Select((_, step) => (double)step)], losses));
        }

        rows.Add(new ClaimRow(Still, Error, [ErrorOf(asked.Before, asked.After)]));
        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("problems", $"{Training} to learn from, {Asked} to be asked about; {Size} x {Size}, jumps of {Steps} steps"),
                ("network", "stem 16, growth 8, blocks of 1, 2, 2 layers, ConvLSTMs of 24, 12, 24"),
                ("training", $"Adam, one cycle to {Peak}, {Updates} steps of {Batch}, mean absolute error within the walls"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> errors)
    {
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"{errors[Knows].Average():0.0} K, {errors[Blind].Average():0.0} K without λ, " +
                $"{errors[Still].Average():0.0} K by standing still");
        return (ByMargins(
            errors[Knows].Zip(errors[Still], (own, other) => (0.6 * other) - own),
            errors[Knows].Zip(errors[Blind], (own, other) => (0.8 * other) - own)), reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Error));
    }

    private static double ErrorOf(Tensor output, Tensor after)
    {
        using var scope = new TensorScope();
        return HeatFields.Kelvin(HeatFields.Inside(output - after).Abs().Mean().Item<double>());
    }

    /// <summary>The corners, which say λ, become 0.</summary>
    private static Tensor Blinded(Tensor fields)
    {
        using var scope = new TensorScope();
        var mask = new float[Size * Size];
        Array.Fill(mask, 1);
        foreach (int corner in (int[])[0, Size - 1, Size * (Size - 1), (Size * Size) - 1]) mask[corner] = 0;
        return scope.Keep(fields * Tensor.From(mask, [Size, Size]));
    }

    private static double[] Train(
        HeatNetwork network, HeatPairs training, bool isBlind, int seed, int updates, string name, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var optimizer = new Adam(network.Parameters(), Peak);
        var schedule = LearningRateSchedule.OneCycle(Peak, updates);
        var random = new Random(seed);
        var losses = new double[updates];
        for (int step = 0; step < updates; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            long[] rows = [.. Enumerable.Range(0, Batch).Select(_ => random.NextInt64(training.Before.Size(0)))];
            var chosen = Tensor.From(rows, [Batch]);
            var before = training.Before.IndexSelect(0, chosen);
            optimizer.LearningRate = schedule.At(step);
            optimizer.ZeroGrad();
            var output = network.Call(isBlind ? Blinded(before) : before);
            var loss = HeatFields.Inside(output - training.After.IndexSelect(0, chosen)).Abs().Mean();
            loss.Backward();
            optimizer.Step();
            losses[step] = loss.Item<double>();
            progress?.Report(new WorkProgress(name, step + 1, updates));
        }

        return losses;
    }
}
