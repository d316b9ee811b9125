using Sconce.Control;

namespace Sconce.Systems.Control.Loon;

/// <summary>Who decides.</summary>
public enum LoonPilot
{
    /// <summary>The network.</summary>
    Network,

    /// <summary>The controller that people made, which flew before the learnt one.</summary>
    StationSeeker,

    /// <summary>Chance.</summary>
    Random,
}

/// <summary>A moment of a flight.</summary>
/// <param name="Hours">Since the launch.</param>
/// <param name="East">Kilometres from the station.</param>
/// <param name="North">Kilometres from the station.</param>
/// <param name="Height">Kilometres above the sea; of the small world its level.</param>
/// <param name="Charge">Of the battery, in [0, 1]; NaN where the world has none.</param>
public readonly record struct FlightPoint(double Hours, double East, double North, double Height, double Charge)
{
    /// <summary>Kilometres to the station.</summary>
    public double Distance => Math.Sqrt((East * East) + (North * North));
}

/// <summary>One episode as it was flown.</summary>
/// <param name="Seed">Of the world.</param>
/// <param name="Points">The launch, and the end of each step.</param>
/// <param name="Within">The share of steps that ended within 50 km: TWR50.</param>
/// <param name="Reward">The mean of a step.</param>
/// <param name="Ended">What ended it early: <c>burst</c>, …; empty where it flew to its end.</param>
public sealed record LoonFlight(int Seed, IReadOnlyList<FlightPoint> Points, double Within, double Reward, string Ended)
{
    private const double Radius = 50;

    /// <summary>Flies an episode.</summary>
    /// <param name="world">A balloon's.</param>
    /// <param name="seed">Of the world.</param>
    /// <param name="act">The action for an observation.</param>
    /// <param name="cancellation">Ends it.</param>
    public static LoonFlight Fly(
        IEnvironment world, int seed, Func<IEnvironment, float[], int> act, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(act);
        world.Reset(seed);
        var seen = new float[world.Observations];
        var points = new List<FlightPoint> { Point(world, 0) };
        double reward = 0;
        int within = 0, steps = 0;
        StepResult result;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            world.Observe(seen);
            result = world.Step(act(world, seen));
            reward += result.Reward;
            steps++;
            points.Add(Point(world, steps));
            if (points[^1].Distance <= Radius) within++;
        }
        while (!result.Stops);
        string ended = world is LoonEnvironment { Balloon.Status: not BalloonStatus.Flying } real ? $"{real.Balloon.Status}" : "";
        return new LoonFlight(seed, points, (double)within / steps, reward / steps, ended);
    }

    private static FlightPoint Point(IEnvironment world, int steps) => world switch
    {
        LoonEnvironment { Balloon: var balloon } =>
            new FlightPoint(balloon.Seconds / 3600, balloon.X / 1000, balloon.Y / 1000, balloon.Height / 1000, balloon.ChargeShare),
        SmallWorld small => small.Now(steps),
        _ => throw new ArgumentException($"a {world.GetType().Name} has no balloon", nameof(world)),
    };
}
