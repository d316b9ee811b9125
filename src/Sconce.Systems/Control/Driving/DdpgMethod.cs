using Sconce.Training;

namespace Sconce.Systems.Control.Driving;

/// <summary>A policy learns from the metres that it drives before it leaves the lane: DDPG, as 1807.00412 has it.</summary>
public sealed class DdpgMethod : DrivingMethod
{
    /// <inheritdoc/>
    public override string Name => "ddpg";

    /// <inheritdoc/>
    public override string Purpose =>
        "a policy learns from the metres driven before it leaves the lane (DDPG), best from the weights of one that imitates";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DdpgSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("driving_policy --method ddpg --pretrained run18/best.ckpt --out run20",
            "a policy that imitates, made better by reward")];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<IReadOnlyList<DriveStep>>.Open(owned => DdpgRun.Plan(Settled(setup), setup, owned));
}
