using Sconce.Abilities;
using Sconce.Control;
using Sconce.Torch;

namespace Sconce.Systems.Control.Loon;

/// <summary>A network that flies a balloon.</summary>
/// <param name="Small">Whether in the small world, else in the simulated stratosphere.</param>
public sealed record BalloonPilot(bool Small) : Capability
{
    /// <summary>A world of the kind that it knows.</summary>
    public IEnvironment World() => Small ? new SmallWorld() : new LoonEnvironment();
}

/// <summary>How many flights are flown, and by whom.</summary>
[Settings]
public sealed partial record LoonPlaySettings
{
    /// <summary>Flights, each in a world of its own; the page shows the first.</summary>
    [Within(1, 100_000)]
    public int Episodes { get; init; } = 1;

    /// <summary>Of the first world; the next have the numbers that follow.</summary>
    [Within(0, 1_000_000_000)]
    public int Seed { get; init; } = 20_000_000;

    /// <summary>Who decides.</summary>
    public LoonPilot Pilot { get; init; }
}

/// <summary>Flights as they were flown.</summary>
/// <param name="Flight">The first: path, altitude, distance, time within range.</param>
/// <param name="Figures">Means over all flights, with their standard deviations.</param>
/// <param name="Episodes">A row a flight.</param>
public sealed record LoonPlayAnswer(Page Flight, Rows Figures, Rows Episodes) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("flight", Flight), ("figures", Figures), ("episodes", Episodes)];
}

/// <summary>Flies balloons, and shows how they did.</summary>
public sealed class LoonPlay : Ability<Nothing, LoonPlayAnswer, LoonPlaySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Play;

    /// <inheritdoc/>
    public override string Purpose =>
        "nothing in; out, a page of a flight (path, altitude, distance, time within range) and the figures of all flights";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool RunsNetwork => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("--pilot station-seeker --out flight.html", "a flight of two days by the controller that people made"),
        ("--pilot station-seeker --episodes 100 --csv flights.csv", "its figures over a hundred worlds"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<BalloonPilot>();

    /// <inheritdoc/>
    public override Session<Nothing, LoonPlayAnswer, LoonPlaySettings> Open(OpenRequest request) => new LoonPlaySession(request);
}

/// <summary>Flies. The network is loaded when it is first asked to.</summary>
public sealed class LoonPlaySession : Session<Nothing, LoonPlayAnswer, LoonPlaySettings>
{
    private readonly OpenRequest request;
    private readonly BalloonPilot pilot;
    private QuantileNetwork? network;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="request">The network, its weights and device.</param>
    public LoonPlaySession(OpenRequest request)
    {
        this.request = request;
        pilot = request.Get<BalloonPilot>();
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<LoonPlayAnswer> Answer(
        IReadOnlyList<Nothing> inputs, LoonPlaySettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var act = Pilot(settings);
        var world = pilot.World();
        var flights = new List<LoonFlight>();
        while (flights.Count < settings.Episodes)
        {
            flights.Add(LoonFlight.Fly(world, settings.Seed + flights.Count, act, cancellation));
            if (flights.Count > 1) flights[^1] = flights[^1] with { Points = [] };   // only the first is shown
            progress?.Report(new WorkProgress("flying", flights.Count, settings.Episodes));
        }

        string who = settings.Pilot switch
        {
            LoonPilot.StationSeeker => "StationSeeker",
            LoonPilot.Random => "chance",
            _ => request.Name,
        };
        return [new LoonPlayAnswer(new Page(LoonFlightPage.Render(flights[0], who, pilot.Small)), Figures(flights), Episodes(flights))];
    }

    /// <inheritdoc/>
    protected override void Free() => network?.Dispose();

    /// <summary>The means and deviations of flights.</summary>
    internal static Rows Figures(IReadOnlyList<LoonFlight> flights)
    {
        object?[] Row(string name, Func<LoonFlight, double> of)
        {
            double mean = flights.Average(of);
            double spread = flights.Count < 2 ? 0 : Math.Sqrt(flights.Sum(flight => Math.Pow(of(flight) - mean, 2)) / (flights.Count - 1));
            return [name, mean, spread];
        }

        return new Rows(
            ["figure", "mean", "deviation"],
            [
                Row("time within 50 km", flight => flight.Within), Row("mean reward", flight => flight.Reward),
                Row("ended early", flight => flight.Ended.Length > 0 ? 1 : 0),
            ]);
    }

    private static Rows Episodes(IReadOnlyList<LoonFlight> flights) => new(
        ["seed", "time within 50 km", "mean reward", "ended early by"],
        [
            .. flights.Select(flight => (object?[])
                [(long)flight.Seed, flight.Within, flight.Reward, flight.Ended.Length > 0 ? flight.Ended : null]),
        ]);

    private Func<IEnvironment, float[], int> Pilot(LoonPlaySettings settings)
    {
        switch (settings.Pilot)
        {
            case LoonPilot.StationSeeker:
                return Seek;
            case LoonPilot.Random:
                var random = new Random(settings.Seed);
                return (_, _) => random.Next(3);
            default:
                if (!request.HasWeights)
                {
                    throw new UsageException(
                        $"{request.Name} needs weights to fly: those of a run, or a checkpoint; StationSeeker flies without");
                }

                network ??= request.Network<QuantileNetwork>();
                return (_, seen) => Best(network, seen, request.Device);
        }
    }

    /// <summary>StationSeeker's action: in the stratosphere by what it sees, in the small world by winds that are known.</summary>
    internal static int Seek(IEnvironment world, float[] seen) => world is SmallWorld small ? small.Seek() : (int)StationSeeker.Act(seen);

    /// <summary>The action whose mean quantile is greatest.</summary>
    internal static int Best(QuantileNetwork network, float[] seen, Device? device = null)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var row = Tensor.From(seen, [1, seen.Length]);
        return (int)network.Values(device is { } place ? row.To(place) : row).Argmax(-1).ToArray<long>()[0];
    }
}
