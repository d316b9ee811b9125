using Sconce.Abilities;
using Sconce.Control;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Control.Loon;

/// <summary>A pilot of balloons learns by flying: QR-DQN with a replay.</summary>
public sealed class LoonMethod : TrainingMethod
{
    internal const string Within = "within", Reward = "reward";
    private const int EvaluationFlights = 20;

    /// <inheritdoc/>
    public override string Name => "qrdqn";

    /// <inheritdoc/>
    public override string Purpose => "an agent learns quantiles of its return by flying balloons in simulated winds; there are no data";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<LoonSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("loon_small --out run7 --epochs 4", "a pilot of the small world, in minutes"),
        ("loon --out run8 --replay 200000", "one of the stratosphere: days"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<BalloonPilot>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Play;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new LoonRun(setup, this);

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (data is not null)
            throw new SettingsException("data", called => $"{called}: a pilot is asked in worlds of its own, there are no data");
        var pilot = network.Variant.Get<BalloonPilot>();
        using var module = network.Variant.CreateTrained<QuantileNetwork>(network.Weights, ModelOptions.Official);
        var random = new Random(1);
        (string Name, Func<IEnvironment, float[], int> Act)[] pilots =
        [
            (network.Variant.Name, (_, seen) => LoonPlaySession.Best(module, seen)),
            ("StationSeeker", LoonPlaySession.Seek),
            ("chance", (_, _) => random.Next(3)),
        ];
        var rows = new List<(string, IReadOnlyList<double>)>();
        foreach (var (name, act) in pilots)
        {
            var (within, reward) = Fly(pilot, EvaluationFlights, act, progress, cancellation);
            rows.Add((name, [within, reward]));
        }

        var figures = new OrderedDictionary<string, double> { [Within] = rows[0].Item2[0], [Reward] = rows[0].Item2[1] };
        return new EvaluationReport("unseen worlds", EvaluationFlights, figures)
        {
            Items = "flights",
            Columns = [Within, Reward],
            Rows = rows,
        };
    }

    /// <summary>Means over flights of unseen worlds: the share of time within 50 km, and the reward of a step.</summary>
    internal static (double Within, double Reward) Fly(
        BalloonPilot pilot, int flights, Func<IEnvironment, float[], int> act, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var world = pilot.World();
        double within = 0, reward = 0;
        for (int k = 0; k < flights; k++)
        {
            var flight = LoonFlight.Fly(world, LoonReplay.Unseen + k, act, cancellation);
            (within, reward) = (within + (flight.Within / flights), reward + (flight.Reward / flights));
            progress?.Report(new WorkProgress("flying", k + 1, flights));
        }

        return (within, reward);
    }
}

/// <summary>A run of <see cref="LoonMethod"/>.</summary>
internal sealed class LoonRun : TrainingRun
{
    private const double PaperRate = 2e-6, SmallRate = 5e-4, PaperEpsilon = 2e-5, SmallEpsilon = 1e-8;
    private readonly BalloonPilot pilot;
    private readonly QuantileNetwork network, target;
    private readonly Player player;
    private readonly LoonSettings settings;

    public LoonRun(TrainingSetup setup, LoonMethod method)
    {
        var configuration = setup.Configuration;
        method.Settings.Verified(configuration.Settings);
        var variant = setup.Models.Get(configuration.Network);
        pilot = variant.Find<BalloonPilot>()
            ?? throw new UsageException($"{variant.Name} flies no balloon, and {method.Name} trains those that do");
        if (setup.Device is { Type: not DeviceType.Cpu })
            throw new UsageException($"{method.Name} flies and learns on the processor: its networks are small, its worlds are "
                + $"not a device's");
        if (configuration.Optimization.Optimizer != OptimizerKind.Adam)
            throw new SettingsException("optimizer", called => $"{called}: {method.Name} learns with adam alone");
        Configuration = Settled(configuration with { Network = variant.Name, Method = method.Name }, pilot.Small);
        settings = Configuration.Of<LoonSettings>();
        ConfiguredParts.UseThreads(Configuration);
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        network = (QuantileNetwork)variant.Create(ModelOptions.Official);
        if (Configuration.Run.Pretrained is { } weights) variant.Load(network, weights);
        ConfiguredParts.Freeze(network, Configuration);
        target = (QuantileNetwork)variant.Create(ModelOptions.Official);
        double rate = Configuration.Optimization.LearningRate!.Value;
        var learnt = network.Parameters().Where(parameter => parameter.RequiresGrad);
        var optimizer = new Adam(learnt, rate, eps: pilot.Small ? SmallEpsilon : PaperEpsilon);
        player = ConfiguredParts.Player(
            "pilot", network, optimizer, Configuration, ConfiguredParts.Schedule(Configuration, settings.Updates));
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network} by {Configuration.Method}, {settings.Worlds} worlds side by side, " +
        $"{settings.Updates:N0} updates an epoch from {settings.Replay:N0} remembered steps";

    /// <inheritdoc/>
    public override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        var program = new QuantileProgram(network, target, player, settings.TargetEvery);
        program.Follow();
        var source = new LoonReplay(network, pilot, settings);
        var trainer = new Trainer<ReplayBatch>(program, source, ConfiguredParts.Trainer(Configuration, Device.Cpu))
        {
            Folder = folder,
            Evaluate = Evaluate,
        };
        return trainer.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        var program = new QuantileProgram(network, target, player, settings.TargetEvery);
        program.Follow();
        var source = new LoonReplay(network, pilot, settings with { Updates = 60 });
        List<double> losses = [];
        var options = ConfiguredParts.Trainer(Configuration, Device.Cpu) with { Epochs = 1, Steps = null };
        var trainer = new Trainer<ReplayBatch>(program, source, options) { Stepped = report => losses.Add(report.Loss) };
        trainer.Run(null, cancellation);
        bool isFinite = losses.TrueForAll(double.IsFinite);
        return [new SanityFinding("updates", isFinite, $"{losses.Count} updates, loss {losses[0]:0.000} to {losses[^1]:0.000}")];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        player.Dispose();
        network.Dispose();
        target.Dispose();
    }

    private static RunConfiguration Settled(RunConfiguration configuration, bool small)
    {
        var own = configuration.Of<LoonSettings>();
        var (run, optimization) = (own.Run, own.Optimization);
        string watched = WatchedFigure.Settle(run.Watched, LoonMethod.Reward, [LoonMethod.Reward, LoonMethod.Within]);
        return configuration with
        {
            Settings = own with
            {
                Discount = own.Discount ?? (small ? 0.97 : 0.993),
                Returns = own.Returns ?? (small ? 1 : 5),
                Run = run with
                {
                    Watched = watched,
                    Pretrained = run.Pretrained is { } weights ? Path.GetFullPath(weights) : null,
                    Threads = run.Threads ?? TorchRuntime.Threads,
                    Workers = run.Workers ?? Environment.ProcessorCount,
                },
                Optimization = optimization with
                {
                    LearningRate = optimization.LearningRate ?? (small ? SmallRate : PaperRate),
                    WeightDecay = optimization.WeightDecay ?? 0,
                    WarmUpEpochs = optimization.WarmUpEpochs ?? 0,
                },
            },
        };
    }

    private FigureSet Evaluate(CancellationToken cancellation)
    {
        var (within, reward) = LoonMethod.Fly(
            pilot, settings.Flights, (_, seen) => LoonPlaySession.Best(network, seen), null, cancellation);
        var figures = new FigureSet();
        figures.Add(LoonMethod.Reward, reward);
        figures.Add(LoonMethod.Within, within);
        return figures;
    }
}
