using System.Runtime.CompilerServices;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>Jumps many steps of heat conduction at once.</summary>
/// <param name="Size">The grid's side that it is trained on where none is asked for.</param>
/// <param name="Rate">The peak rate of its training.</param>
public sealed record HeatSurrogate(int Size, double Rate) : Capability;

/// <summary>How a surrogate learns.</summary>
[Settings]
public sealed partial record HeatSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 10, Batch = 32 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        WeightDecay = 0,
        Schedule = ScheduleKind.OneCycle,
        WarmUpEpochs = 0,
    };

    /// <summary>The side of the grid, a multiple of 4, walls included; else the network's own.</summary>
    [Within(8, 1024)]
    [LeftOpen]
    public int? Grid { get; init; }

    /// <summary>S: solver steps that one jump stands for.</summary>
    [Within(1, 10_000)]
    public int Jump { get; init; } = 10;

    /// <summary>Which solver is learnt: the textbook's, which follows the true transient, or the official code's.</summary>
    public HeatScheme Scheme { get; init; }

    /// <summary>Steps before a jump at most.</summary>
    [Within(1, 1_000_000)]
    public int LastStart { get; init; } = 200;

    /// <summary>Batches of new problems in an epoch.</summary>
    [Within(1, 1_000_000)]
    public int Updates { get; init; } = 200;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>A surrogate learns the solver's own problems, which are made as they are needed.</summary>
public sealed class HeatMethod : TrainingMethod
{
    internal const string Error = "error, K", Standing = "of standing still", Loss = "loss";
    private const int HeldOut = 200, UnseenFrom = 900_000_000, Jumps = 10;

    /// <inheritdoc/>
    public override string Name => "heat";

    /// <inheritdoc/>
    public override string Purpose =>
        "a network learns to jump many steps of a heat solver at once, from problems that are made as they are needed; there are no data";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<HeatSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("diffusionnet_small --out run21", "jumps of 10 steps on 12 x 12, in minutes"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<HeatSurrogate>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Solve;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        if (setup.Configuration.Data.Length > 0)
            throw new SettingsException("data", called => $"{called}: problems are made as they are needed, there are no data");
        var variant = setup.Models.Get(setup.Configuration.Network);
        var known = variant.Find<HeatSurrogate>()
            ?? throw new UsageException($"{variant.Name} jumps no heat, and {Name} learns that");
        var own = setup.Configuration.Of<HeatSettings>();
        if ((own.Grid ?? known.Size) % 4 != 0)
            throw new SettingsException("grid", called => $"{called} {own.Grid}: a multiple of 4 is wanted");
        var configuration = ConfiguredParts.WithRate(setup.Configuration, known.Rate);
        configuration = configuration with { Settings = ((HeatSettings)configuration.Settings) with { Grid = own.Grid ?? known.Size } };
        configuration = ProcessorRuns.Settle(setup with { Configuration = configuration }, this, [Error, Loss]);
        return ProgramRun<HeatPairs>.Open(owned => HeatRun.Plan(configuration, variant, owned));
    }

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (data is not null)
            throw new SettingsException("data", called => $"{called}: a surrogate is judged on problems that are made, there are no data");
        var settings = network.Configuration?.Settings as HeatSettings
            ?? throw new UsageException(
                $"{network.Variant.Name} has no grid or jump of its own before it has learnt: name the folder of a run");
        using var module = network.Variant.CreateTrained<HeatNetwork>(network.Weights, ModelOptions.Official);
        using var pairs = HeldOutPairs(settings);
        var figures = Figures(module, pairs);
        return new EvaluationReport("unseen problems", HeldOut, figures)
        {
            Items = "jumps",
            Columns = [Error, Standing],
            Rows =
            [
                ("1 jump", [figures[Error], figures[Standing]]),
                .. Drift(module, settings, cancellation)
                    .Select(row => ($"step {row.Step} from the start", (IReadOnlyList<double>)[row.Error, row.Standing])),
            ],
        };
    }

    /// <summary>Jumps that no run learns from; the same for all of one grid, jump and solver.</summary>
    internal static HeatPairs HeldOutPairs(HeatSettings settings) => ProblemsOf(settings).Pairs(HeldOut, new Random(UnseenFrom));

    internal static HeatProblems ProblemsOf(HeatSettings settings) =>
        new(settings.Grid!.Value, settings.Jump, settings.Scheme, settings.LastStart);

    internal static FigureSet Figures(HeatNetwork network, HeatPairs pairs)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var output = network.Call(pairs.Before);
        double Apart(Tensor field) => HeatFields.Inside(field - pairs.After).Abs().Mean().Item<double>();
        return new FigureSet
        {
            Figure.Lower(Error, HeatFields.Kelvin(Apart(output))),
            Figure.Lower(Standing, HeatFields.Kelvin(Apart(pairs.Before))),
            Figure.Lower(Loss, (output - pairs.After).Abs().Mean().Item<double>()),
        };
    }

    /// <summary>How jumps after jumps leave the solver, in the mean over some problems.</summary>
    private static List<(int Step, double Error, double Standing)> Drift(
        HeatNetwork network, HeatSettings settings, CancellationToken cancellation)
    {
        const int problems = 8;
        var random = new Random(UnseenFrom + 1);
        double[] errors = new double[Jumps], standing = new double[Jumps];
        for (int k = 0; k < problems; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            var problem = HeatProblems.Draw(random);
            var solver = HeatSolver.Of(problem, settings.Grid!.Value, settings.Scheme);
            double[] start = solver.Field.ToArray(), field = start;
            for (int jump = 0; jump < Jumps; jump++)
            {
                field = HeatMarch.Jump(network, field, problem.Diffusion);
                solver.Step(settings.Jump);
                errors[jump] += HeatFields.Difference(field, solver.Field.ToArray()) / problems;
                standing[jump] += HeatFields.Difference(start, solver.Field.ToArray()) / problems;
            }
        }

        return [.. new[] { 1, 2, 5, 10 }.Select(jumps => (jumps * settings.Jump, errors[jumps - 1], standing[jumps - 1]))];
    }
}

/// <summary>Marches in jumps.</summary>
internal static class HeatMarch
{
    /// <summary>The field a jump later; walls stay as they are.</summary>
    public static double[] Jump(HeatNetwork network, double[] field, double diffusion)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int size = (int)Math.Sqrt(field.Length);
        return HeatFields.Kelvin(network.Call(HeatFields.Of([field], [diffusion], size)), field);
    }
}

/// <summary>Batches of problems, each by seed, epoch and place alone.</summary>
internal sealed class HeatSource(HeatSettings settings) : IBatchSource<HeatPairs>
{
    /// <inheritdoc/>
    public int BatchesPerEpoch => settings.Updates;

    /// <inheritdoc/>
    public async IAsyncEnumerable<HeatPairs> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var problems = HeatMethod.ProblemsOf(settings);
        for (int k = first; k < settings.Updates; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int seed = (int)new AugmentationRandom(settings.Run.Seed, epoch, k, 3).NextUInt32();
            yield return problems.Pairs(settings.Run.Batch, new Random(seed));
        }
    }
}

/// <summary>What a run of <see cref="HeatMethod"/> is made of.</summary>
internal static class HeatRun
{
    internal static RunPlan<HeatPairs> Plan(RunConfiguration settled, ModelVariant variant, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(settled);
        var settings = configuration.Of<HeatSettings>();
        var network = owned.Own((HeatNetwork)variant.Create(ModelOptions.Official));
        if (configuration.Run.Pretrained is { } weights) variant.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        var heldOut = owned.Own(HeatMethod.HeldOutPairs(settings));
        var optimizer = ConfiguredParts.Optimizer(network, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("surrogate", network, optimizer, configuration, settings.Updates));
        return new RunPlan<HeatPairs>(configuration, new HeatProgram(network, player), new HeatSource(settings))
        {
            Summary = $"{configuration.Network}, jumps of {settings.Jump} steps on {settings.Grid} x {settings.Grid}, "
                + $"{settings.Updates:N0} batches of new problems an epoch",
            Evaluate = _ => HeatMethod.Figures(network, heldOut),
            ChecksFirstSteps = true,
        };
    }
}

/// <summary>The mean absolute difference over all of the field, as officially.</summary>
internal sealed class HeatProgram(HeatNetwork network, Player player) : LossProgram<HeatPairs>(player)
{
    public override string Items => "problems";

    public override int Count(HeatPairs batch) => (int)batch.Before.Size(0);

    public override Tensor Loss(HeatPairs batch) => (network.Call(batch.Before) - batch.After).Abs().Mean();
}
