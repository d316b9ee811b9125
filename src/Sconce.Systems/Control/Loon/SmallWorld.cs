using Sconce.Control;

namespace Sconce.Systems.Control.Loon;

/// <summary>Loon in small: 16 heights, an action moves by one, a day of steps of 15 minutes, and winds that are known.</summary>
internal sealed class SmallWorld : IEnvironment
{
    internal const int Levels = 16, Column = (2 * Levels) - 1, Steps = 96, Numbers = (3 * Column) + 8;
    private const double Seconds = 900, Radius = 50, DownFactor = 0.8, HalfSpeed = 10;
    private readonly LoonReward reward = new();
    private readonly WaveSum[] winds = new WaveSum[2];
    private double x, y; // km
    private int level, step;
    private BalloonCommand last;

    public int Observations => Numbers;

    public int Actions => 3;

    /// <summary>Steps within the radius.</summary>
    internal int Within { get; private set; }

    public void Reset(int seed)
    {
        var random = new Random(seed);
        for (int axis = 0; axis < 2; axis++)
        {
            var sum = winds[axis] = new WaveSum(random) { Base = (6 * random.NextDouble()) - 3 };
            for (int wave = 0; wave < 4; wave++)
            {
                // The column is 1 high; place in km and time in days drift slowly.
                sum.Add(6 * random.NextDouble(), 1 / (300 + (700 * random.NextDouble())), 1 / (300 + (700 * random.NextDouble())),
                    (0.5 + (7 * random.NextDouble())) / (2 * Math.PI), 0.5 * random.NextDouble());
            }
        }

        double angle = 2 * Math.PI * random.NextDouble(), distance = 60 * Math.Sqrt(random.NextDouble());
        (x, y, level, step, last, Within) =
            (distance * Math.Cos(angle), distance * Math.Sin(angle), random.Next(Levels), 0, BalloonCommand.Stay, 0);
    }

    /// <summary>Where the balloon is after so many steps; its height is its level, the highest at the top.</summary>
    internal FlightPoint Now(int steps) => new(steps * Seconds / 3600, x, y, Levels - 1 - level, double.NaN);

    public void Observe(Span<float> into)
    {
        double distance = Math.Sqrt((x * x) + (y * y));
        for (int place = 0; place < Column; place++)
        {
            int at = level + place - (Levels - 1);
            var own = into.Slice(3 * place, 3);
            if (at is < 0 or >= Levels)
            {
                (own[0], own[1], own[2]) = (1, 1, 0);
                continue;
            }

            var (bearing, speed) = WindAt(at);
            (own[0], own[1], own[2]) = ((float)bearing, (float)(speed / (speed + HalfSpeed)), 1);
        }

        var rest = into[(3 * Column)..];
        double day = 2 * Math.PI * step / Steps;
        ReadOnlySpan<float> values =
        [
            (float)(distance / (distance + 250)), (float)level / (Levels - 1), last == BalloonCommand.Down ? 1 : 0,
                last == BalloonCommand.Stay ? 1 : 0, last == BalloonCommand.Up ? 1 : 0,
            (float)Math.Sin(day), (float)Math.Cos(day), distance <= Radius ? 1 : 0,
        ];
        values.CopyTo(rest);
    }

    public StepResult Step(int action)
    {
        last = (BalloonCommand)action;
        level = Math.Clamp(level + (last == BalloonCommand.Up ? -1 : last == BalloonCommand.Down ? 1 : 0), 0, Levels - 1);
        double east = Wind(0, level), north = Wind(1, level);
        (x, y) = (x + (east * Seconds / 1000), y + (north * Seconds / 1000));
        double distance = Math.Sqrt((x * x) + (y * y));
        if (distance <= Radius) Within++;
        double value = reward.Of(distance, down: false, excess: true, 0) * (last == BalloonCommand.Down ? DownFactor : 1);
        return new StepResult(value, false, ++step >= Steps);
    }

    /// <summary>The seeker's command, with the same winds known.</summary>
    internal int Seek()
    {
        double distance = Math.Sqrt((x * x) + (y * y));
        var scores = new double[Column];
        for (int at = 0; at < Levels; at++)
        {
            var (bearing, speed) = WindAt(at);
            int place = at - level + Levels - 1;
            scores[place] = StationSeeker.Score(0, bearing, speed / (speed + 30), distance / (distance + 250), Math.Abs(at - level));
        }

        return (int)StationSeeker.Toward(scores, out _);
    }

    private double Wind(int axis, int at) => winds[axis].At(x, y, (double)at / (Levels - 1), (double)step / Steps);

    private (double Bearing, double Speed) WindAt(int at)
    {
        double east = Wind(0, at), north = Wind(1, at), speed = Math.Sqrt((east * east) + (north * north)),
            distance = Math.Sqrt((x * x) + (y * y));
        double along = speed * distance > 0 ? -((east * x) + (north * y)) / (speed * distance) : 0;
        return (Math.Acos(Math.Clamp(along, -1, 1)) / Math.PI, speed);
    }
}
