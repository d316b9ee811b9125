using Sconce.Control;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Training;

namespace Sconce.Systems.Control.Loon;

/// <summary>What a run of <see cref="LoonMethod"/> is made of.</summary>
internal static class LoonRun
{
    private const double PaperRate = 2e-6, SmallRate = 5e-4, PaperEpsilon = 2e-5, SmallEpsilon = 1e-8;

    internal static RunPlan<ReplayBatch> Plan(TrainingSetup setup, LoonMethod method, OwnedParts owned)
    {
        var variant = setup.Models.Get(setup.Configuration.Network);
        var pilot = variant.Find<BalloonPilot>()
            ?? throw new UsageException($"{variant.Name} flies no balloon, and {method.Name} trains those that do");
        var configuration = ProcessorRuns.Begun(Settled(setup, method, pilot.Small));
        var settings = configuration.Of<LoonSettings>();
        var network = owned.Own((QuantileNetwork)variant.Create(ModelOptions.Official));
        if (configuration.Run.Pretrained is { } weights) variant.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        var target = owned.Own((QuantileNetwork)variant.Create(ModelOptions.Official));
        var learnt = network.Parameters().Where(parameter => parameter.RequiresGrad);
        var optimizer = new Adam(
            learnt, configuration.Optimization.LearningRate!.Value, eps: pilot.Small ? SmallEpsilon : PaperEpsilon);
        var player = owned.Own(ConfiguredParts.Player(
            "pilot", network, optimizer, configuration, ConfiguredParts.Schedule(configuration, settings.Updates)));
        var program = new QuantileProgram(network, target, player, settings.TargetEvery);
        program.Follow();
        return new RunPlan<ReplayBatch>(configuration, program, new LoonReplay(network, pilot, settings))
        {
            Summary = $"{configuration.Network} by {configuration.Method}, {settings.Worlds} worlds side by side, "
                + $"{settings.Updates:N0} updates an epoch from {settings.Replay:N0} remembered steps",
            Evaluate = stop => Evaluate(network, pilot, settings, stop),
            ChecksFirstSteps = true,
        };
    }

    private static RunConfiguration Settled(TrainingSetup setup, LoonMethod method, bool small)
    {
        var asked = ConfiguredParts.WithRate(setup.Configuration, small ? SmallRate : PaperRate);
        if (asked.Optimization.Optimizer != OptimizerKind.Adam)
            throw new SettingsException("optimizer", called => $"{called}: {method.Name} learns with adam alone");
        var own = asked.Of<LoonSettings>();
        own = own with
        {
            Discount = own.Discount ?? (small ? 0.97 : 0.993),
            Returns = own.Returns ?? (small ? 1 : 5),
            Draw = own.Draw ?? (small ? ReplayDraw.Even : ReplayDraw.Prioritised),
        };
        return ProcessorRuns.Settle(
            setup with { Configuration = asked with { Settings = own } }, method, [LoonMethod.Reward, LoonMethod.Within]);
    }

    private static FigureSet Evaluate(
        QuantileNetwork network, BalloonPilot pilot, LoonSettings settings, CancellationToken cancellation)
    {
        var (within, reward) = LoonMethod.Fly(
            pilot, settings.Flights, (_, seen) => LoonPlaySession.Best(network, seen), null, cancellation);
        return new FigureSet { { LoonMethod.Reward, reward }, { LoonMethod.Within, within } };
    }
}
