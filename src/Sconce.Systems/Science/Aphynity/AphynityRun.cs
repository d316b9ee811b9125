using Sconce.Data;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>What a run of <see cref="AphynityMethod"/> is made of: trajectories that are read or simulated, and a network.</summary>
internal static class AphynityRun
{
    private const int Simulated = 50; // trajectories, where there are no data

    internal static RunPlan<RowBatch> Plan(TrainingSetup setup, AphynityMethod method, OwnedParts owned)
    {
        var variant = setup.Models.Get(setup.Configuration.Network);
        if (!method.IsDefaultFor(variant))
            throw new UsageException($"{variant.Name} forecasts no pendulum, and {method.Name} learns those");
        if (setup.Configuration.Optimization.Optimizer != OptimizerKind.Adam)
            throw new SettingsException("optimizer", called => $"{called}: {method.Name} learns with adam alone");
        var configuration = ProcessorRuns.Settle(setup, method, [AphynityMethod.Error]);
        var (training, heldOut, interval) = Divided(configuration, setup.Cancellation);
        var settings = configuration.Of<AphynitySettings>() with { Interval = interval };
        configuration = ProcessorRuns.Begun(configuration with { Settings = settings });
        var network = owned.Own((Forecaster)variant.Create(ModelOptions.Official));
        if (configuration.Run.Pretrained is { } weights) variant.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        var windows = owned.Own(StateTrajectories.Windows(training, settings.Window));
        var batches = new RowBatches((int)windows.Size(0), configuration.Run.Batch, configuration.Run.Seed);
        var player = owned.Own(ConfiguredParts.Player(
            "forecaster", network, Optimizer(network, configuration), configuration, batches.BatchesPerEpoch));
        return new RunPlan<RowBatch>(configuration, new AphynityProgram(network, player, windows, settings), batches)
        {
            Summary = $"{configuration.Network}, {windows.Size(0):N0} stretches of {settings.Window} states every {settings.Interval} s, "
                + $"{heldOut.Count:N0} trajectories to be forecast",
            Evaluate = _ => AphynityMethod.Figures(network, heldOut, interval),
            ChecksFirstSteps = true,
        };
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

    private static StateTrajectories Simulate(RunConfiguration configuration)
    {
        using var scope = new TensorScope();
        var drawn = PendulumTrajectories.Draw(Simulated, (int)(configuration.Run.Seed % int.MaxValue));
        float[][] runs = [.. drawn.Transpose(1, 2).Unbind(0).Select(run => run.Contiguous().ToArray<float>())];
        return new StateTrajectories(runs, PendulumTrajectories.Interval);
    }

    private static Optimizer Optimizer(Forecaster network, RunConfiguration configuration)
    {
        var groups = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Name.StartsWith("model_phy.", StringComparison.Ordinal), named => (Tensor)named.Parameter);
        if (groups.Count == 0) throw ConfiguredParts.NothingToTrain();
        return ConfiguredParts.Optimizer(
            [
                new ParameterGroup(groups[false], "correction"),
                new ParameterGroup(groups[true], "law") { RateFactor = configuration.Of<AphynitySettings>().LawFactor },
            ],
            configuration);
    }
}
