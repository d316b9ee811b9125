using Sconce.Optim;
using Sconce.Training;

namespace Sconce.Systems.Control.Driving;

/// <summary>What a run of <see cref="DdpgMethod"/> is made of.</summary>
internal static class DdpgRun
{
    internal static RunPlan<IReadOnlyList<DriveStep>> Plan(RunConfiguration settled, TrainingSetup setup, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(settled);
        var settings = configuration.Of<DdpgSettings>();
        var policy = owned.Own(DrivingPolicies.Create(configuration, setup));
        var slowPolicy = owned.Own(new DrivingPolicy());
        var critic = owned.Own(new DrivingCritic());
        var slowCritic = owned.Own(new DrivingCritic());
        double rate = configuration.Optimization.LearningRate!.Value;
        var actor = owned.Own(ConfiguredParts.Player(
            "policy", policy, ConfiguredParts.Optimizer(policy, "", configuration), configuration, settings.Updates));
        var judge = owned.Own(new Player(
            "critic", critic, new Adam(critic.Parameters(), rate * settings.CriticFactor),
            LearningRateSchedule.Constant(rate * settings.CriticFactor)));
        var program = new DdpgProgram((policy, slowPolicy), (critic, slowCritic), actor, judge, settings);
        return new RunPlan<IReadOnlyList<DriveStep>>(configuration, program, new DriveReplay(policy, settings))
        {
            Summary = $"{configuration.Network} by ddpg, {settings.Cars} cars side by side, {settings.Updates:N0} updates an epoch from "
                + $"{settings.Replay:N0} remembered steps",
            Evaluate = _ => DrivingMethod.Figures(DrivingMethod.Drive(settings.Roads, cars => LaneDrive.Steer(policy, cars))),
            ChecksFirstSteps = true,
        };
    }
}
