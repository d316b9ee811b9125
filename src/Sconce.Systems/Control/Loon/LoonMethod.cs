using Sconce.Abilities;
using Sconce.Control;
using Sconce.Networks;
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
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<ReplayBatch>.Open(owned => LoonRun.Plan(setup, this, owned));

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
