using Sconce.Abilities;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Control.Driving;

/// <summary>Steers a car by what its camera sees.</summary>
public sealed record CameraDriver : Capability;

/// <summary>What all ways of learning to drive have in common.</summary>
public abstract class DrivingMethod : TrainingMethod
{
    internal const string OffRoad = "off road", Offset = "offset", Departures = "departures a km", Error = "steering error", Jerk = "jerk";
    private const int UnseenFrom = 10_000_000, EvaluationDrives = 48;

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Play;

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (data is not null)
            throw new SettingsException("data", called => $"{called}: driving is judged on roads that are made, there are no data");
        var roads = (network.Configuration?.Settings as IDrivingSettings)?.Roads ?? new RoadSettings();
        using var policy = network.Variant.CreateTrained<DrivingPolicy>(network.Weights, ModelOptions.Official);
        roads = roads with { Drives = EvaluationDrives };
        DriveFigures own = Drive(roads, cars => LaneDrive.Steer(policy, cars)), expert = Drive(roads, cars => cars.Expert);
        return new EvaluationReport("unseen roads, from beside the lane", EvaluationDrives, Figures(own))
        {
            Items = "drives",
            Columns = [OffRoad, Offset, Departures, Error, Jerk],
            Rows = [(network.Variant.Name, Row(own)), ("the expert", Row(expert))],
        };
    }

    /// <summary>Drives of roads that no run learns on, from disturbed starts; all methods have the same.</summary>
    internal static DriveFigures Drive(RoadSettings roads, Func<LaneCars, double[]> steer) =>
        LaneDrive.Run(new LaneCars(roads.Drives, roads.Curviness, true, new Random(UnseenFrom)), roads.DriveSteps, steer);

    internal static FigureSet Figures(DriveFigures drives) => new()
    {
        Figure.Lower(OffRoad, drives.OffRoad),
        Figure.Lower(Offset, drives.MeanOffset),
        Figure.Lower(Departures, drives.Departures),
        Figure.Lower(Error, drives.SteeringError),
        Figure.Lower(Jerk, drives.Jerk),
    };

    internal RunConfiguration Settled(TrainingSetup setup)
    {
        if (setup.Configuration.Data.Length > 0)
            throw new SettingsException("data", called => $"{called}: driving is learnt in a simulator, there are no data");
        return ProcessorRuns.Settle(setup, this, [Offset, OffRoad, Departures, Error, Jerk]);
    }

    private static IReadOnlyList<double> Row(DriveFigures drives) =>
        [drives.OffRoad, drives.MeanOffset, drives.Departures, drives.SteeringError, drives.Jerk];
}

/// <summary>A policy imitates the expert: on the expert's own drives, or with DAgger on its own too.</summary>
/// <param name="asksOnTheWay">Whether with DAgger.</param>
public sealed class ImitationMethod(bool asksOnTheWay) : DrivingMethod
{
    /// <inheritdoc/>
    public override string Name => asksOnTheWay ? "dagger" : "cloning";

    /// <inheritdoc/>
    public override string Purpose => asksOnTheWay
        ? "a policy imitates an expert who, after each epoch, also says what to do where the policy drove to"
        : "a policy imitates an expert's drives from the lane's centre (behavioural cloning); it never sees how to come back";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<ImitationSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => asksOnTheWay
        ? [("driving_policy --method dagger --out run18", "the lane is kept from beside it too")]
        : [("driving_policy --out run19", "the same number of labels, and the lane is lost")];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => !asksOnTheWay && variant.Has<CameraDriver>();

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<DriveBatch>.Open(owned => ImitationRun.Plan(Settled(setup), setup, asksOnTheWay, owned));
}

/// <summary>What a run of <see cref="ImitationMethod"/> is made of.</summary>
internal static class ImitationRun
{
    internal static RunPlan<DriveBatch> Plan(RunConfiguration settled, TrainingSetup setup, bool asksOnTheWay, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(settled);
        var settings = configuration.Of<ImitationSettings>();
        var policy = owned.Own(DrivingPolicies.Create(configuration, setup));
        var player = owned.Own(ConfiguredParts.Player(
            "policy", policy, ConfiguredParts.Optimizer(policy, "", configuration), configuration, settings.Updates));
        var demonstrations = new Demonstrations(policy, settings, asksOnTheWay);
        return new RunPlan<DriveBatch>(configuration, new ImitationProgram(policy, player), demonstrations)
        {
            Summary = $"{configuration.Network} by {configuration.Method}, "
                + $"{settings.Demonstrations * settings.Length / (asksOnTheWay ? 2 : 1):N0} pictures "
                + $"of an expert{(asksOnTheWay ? ", more from the policy's own drives" : "")}, {settings.Updates:N0} updates an epoch",
            Evaluate = _ => DrivingMethod.Figures(DrivingMethod.Drive(settings.Roads, cars => LaneDrive.Steer(policy, cars))),
            ChecksFirstSteps = true,
        };
    }
}

/// <summary>The squared difference from the expert.</summary>
internal sealed class ImitationProgram(DrivingPolicy policy, Player player) : LossProgram<DriveBatch>(player)
{
    public override int Count(DriveBatch batch) => batch.Expert.Length;

    public override Torch.Tensor Loss(DriveBatch batch) => Imitation.Loss(policy, batch);
}

/// <summary>What runs of driving make alike.</summary>
internal static class DrivingPolicies
{
    /// <summary>The policy of a run, with pretrained weights where they are named.</summary>
    public static DrivingPolicy Create(RunConfiguration configuration, TrainingSetup setup)
    {
        var variant = setup.Models.Get(configuration.Network);
        if (!variant.Has<CameraDriver>())
            throw new UsageException($"{variant.Name} drives no car, and {configuration.Method} trains those that do");
        var policy = (DrivingPolicy)variant.Create(ModelOptions.Official);
        if (configuration.Run.Pretrained is { } weights) variant.Load(policy, weights);
        ConfiguredParts.Freeze(policy, configuration);
        return policy;
    }
}
