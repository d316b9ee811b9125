using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>A run of <see cref="AphynityMethod"/>.</summary>
internal sealed class AphynityRun : ProcessorRun<RowBatch>
{
    private const int Simulated = 50; // trajectories, where there are no data

    private readonly IReadOnlyList<float[]> heldOut;
    private readonly AphynitySettings settings;
    private readonly Forecaster network;
    private readonly Player player;
    private readonly Tensor windows;

    private AphynityRun(
        RunConfiguration configuration, ModelVariant variant, IReadOnlyList<float[]> training, IReadOnlyList<float[]> heldOut)
        : base(configuration)
    {
        this.heldOut = heldOut;
        settings = configuration.Of<AphynitySettings>();
        network = (Forecaster)variant.Create(ModelOptions.Official);
        if (configuration.Run.Pretrained is { } weights) variant.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        windows = StateTrajectories.Windows(training, settings.Window);
        player = ConfiguredParts.Player("forecaster", network, CreateOptimizer(), configuration, Batches.BatchesPerEpoch);
    }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network}, {windows.Size(0):N0} stretches of {settings.Window} states every {settings.Interval} s, " +
        $"{heldOut.Count:N0} trajectories to be forecast";

    /// <inheritdoc/>
    protected override IBatchSource<RowBatch> Batches =>
        new RowBatches((int)windows.Size(0), Configuration.Run.Batch, Configuration.Run.Seed);

    /// <inheritdoc/>
    protected override TrainingProgram<RowBatch> Program => new AphynityProgram(network, player, windows, settings);

    /// <inheritdoc/>
    protected override IEnumerable<IDisposable> Owned => [player, network, windows];

    /// <summary>Reads or simulates trajectories, and builds the run.</summary>
    public static AphynityRun Open(TrainingSetup setup, AphynityMethod method)
    {
        var variant = setup.Models.Get(setup.Configuration.Network);
        if (!method.IsDefaultFor(variant))
            throw new UsageException($"{variant.Name} forecasts no pendulum, and {method.Name} learns those");
        if (setup.Configuration.Optimization.Optimizer != OptimizerKind.Adam)
            throw new SettingsException("optimizer", called => $"{called}: {method.Name} learns with adam alone");
        var configuration = ProcessorRuns.Settle(setup, method, [AphynityMethod.Error]);
        var (training, heldOut, interval) = Divided(configuration, setup.Cancellation);
        configuration = configuration with { Settings = configuration.Of<AphynitySettings>() with { Interval = interval } };
        return new AphynityRun(configuration, variant, training, heldOut);
    }

    /// <summary>Trajectories to learn from and to be asked about, the latter chosen by the seed.</summary>
    /// <exception cref="TableException">There are too few, or all are shorter than a stretch.</exception>
    internal static (IReadOnlyList<float[]> Training, IReadOnlyList<float[]> HeldOut, double Interval) Divided(
        RunConfiguration configuration, CancellationToken cancellation)
    {
        var settings = configuration.Of<AphynitySettings>();
        var all = configuration.Data.Length == 0 ? Simulate(configuration) : StateTrajectories.Read(configuration.Data, cancellation);
        double interval = settings.Interval ?? all.Interval;
        if (Math.Abs(interval - all.Interval) > 1e-3 * all.Interval)
            throw new SettingsException("interval", called => $"{called} {interval}: the data have a state every {all.Interval} seconds");
        List<float[]> runs = [.. all.Runs.Where(run => run.Length >= 2 * settings.Window)];
        if (runs.Count < 2)
        {
            throw new TableException(
                configuration.Data,
                $"{runs.Count} of {all.Runs.Count} trajectories have {settings.Window} states or more: " +
                    "two are needed, to learn from and to be asked about");
        }

        int[] order = AugmentationRandom.Permutation(runs.Count, configuration.Run.Seed, 0);
        int held = Math.Clamp((int)Math.Round(configuration.Run.Validation * runs.Count), 1, runs.Count - 1);
        return ([.. order[held..].Order().Select(k => runs[k])], [.. order[..held].Order().Select(k => runs[k])], interval);
    }

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation) =>
        AphynityMethod.Figures(network, heldOut, settings.Interval!.Value);

    private static StateTrajectories Simulate(RunConfiguration configuration)
    {
        using var scope = new TensorScope();
        var drawn = PendulumTrajectories.Draw(Simulated, (int)(configuration.Run.Seed % int.MaxValue));
        float[][] runs = [.. drawn.Transpose(1, 2).Unbind(0).Select(run => run.Contiguous().ToArray<float>())];
        return new StateTrajectories(runs, PendulumTrajectories.Interval);
    }

    private Optimizer CreateOptimizer()
    {
        var groups = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Name.StartsWith("model_phy.", StringComparison.Ordinal), named => (Tensor)named.Parameter);
        if (groups.Count == 0) throw ConfiguredParts.NothingToTrain();
        return ConfiguredParts.Optimizer(
            [
                new ParameterGroup(groups[false], "correction"),
                new ParameterGroup(groups[true], "law") { RateFactor = settings.LawFactor },
            ],
            Configuration);
    }
}
