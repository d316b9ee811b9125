using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>Where cars are and what they steer by: enough to see it again.</summary>
/// <param name="Pose">Place in metres and heading in radians.</param>
/// <param name="Road">Its <see cref="WindingRoad.Numbers"/> numbers.</param>
internal readonly record struct CarView((double X, double Y, double Heading) Pose, double[] Road)
{
    /// <summary>What cameras there see. <c>-> (N, 1, 24, 48)</c></summary>
    public static Tensor See(IReadOnlyList<CarView> views)
    {
        using var scope = new TensorScope();
        float[] poses = [.. views.SelectMany(view => (float[])[(float)view.Pose.X, (float)view.Pose.Y, (float)view.Pose.Heading])];
        float[] roads = [.. views.SelectMany(view => view.Road.Select(number => (float)number))];
        var seen = new RoadCamera().See(
            Tensor.From(poses, [views.Count, 3]), Tensor.From(roads, [views.Count, WindingRoad.Numbers]));
        return scope.Keep(seen.Unsqueeze(1));
    }
}

/// <summary>Cars side by side, each on a road of its own, at a constant speed: the sheet's lane keeping.</summary>
internal sealed class LaneCars
{
    /// <summary>In m/s.</summary>
    public const double Speed = 6;

    /// <summary>Seconds of a step.</summary>
    public const double Step = 0.1;

    /// <summary>Of the road; beyond it a car has left the lane.</summary>
    public const double HalfWidth = 2;

    private const double Wheelbase = 2.5, MostSteering = 0.5, Ahead = 6, OffsetOfStart = 1.6, HeadingOfStart = 0.3;
    private readonly (double X, double Y, double Heading)[] poses;
    private readonly double[][] roads;

    /// <summary>Places cars.</summary>
    /// <param name="count">How many.</param>
    /// <param name="curviness">How winding roads are: 0 straight, 1 most.</param>
    /// <param name="disturbed">Whether they begin beside the centre and turned, up to 1.6 m and 0.3 rad; else on it.</param>
    /// <param name="random">Draws.</param>
    public LaneCars(int count, double curviness, bool disturbed, Random random)
    {
        poses = new (double, double, double)[count];
        roads = new double[count][];
        for (int k = 0; k < count; k++)
        {
            roads[k] = [.. Enumerable.Range(0, WindingRoad.Numbers).Select(number => Between(1) * (number < 3 ? curviness : 1))];
            poses[k] = (
                0, Centre(k, 0) + (disturbed ? Between(OffsetOfStart) : 0), Slope(k, 0) + (disturbed ? Between(HeadingOfStart) : 0));
        }

        double Between(double most) => ((2 * random.NextDouble()) - 1) * most;
    }

    /// <summary>How many.</summary>
    public int Count => poses.Length;

    /// <summary>Where each is.</summary>
    public IReadOnlyList<CarView> Views => [.. poses.Select((pose, k) => new CarView(pose, roads[k]))];

    /// <summary>How far each is left of the centre line, in metres.</summary>
    public double[] Offsets => [.. poses.Select((pose, k) => pose.Y - Centre(k, pose.X))];

    /// <summary>What the expert would steer.</summary>
    public double[] Expert => [.. poses.Select((pose, k) => PursuitDriver.Steer(pose.Y, pose.Heading, Centre(k, pose.X + Ahead)))];

    /// <summary>A step of every car.</summary>
    /// <param name="steering">In [-1, 1].</param>
    public void Drive(ReadOnlySpan<double> steering)
    {
        for (int k = 0; k < poses.Length; k++)
        {
            var (x, y, heading) = poses[k];
            poses[k] = (
                x + (Speed * Math.Cos(heading) * Step), y + (Speed * Math.Sin(heading) * Step),
                heading + (Speed * Math.Tan(MostSteering * steering[k]) / Wheelbase * Step));
        }
    }

    /// <summary>Puts a car back on the centre line, along the road.</summary>
    public void PutBack(int car)
    {
        double x = poses[car].X;
        poses[car] = (x, Centre(car, x), Slope(car, x));
    }

    /// <summary>The centre line of a car's road.</summary>
    public double Centre(int car, double x)
    {
        double[] road = roads[car];
        return (8 * road[0] * Math.Sin((0.05 * x) + (Math.PI * road[3]))) + (4 * road[1] * Math.Sin((0.11 * x) + (Math.PI * road[4])))
            + (2 * road[2] * Math.Sin((0.23 * x) + (Math.PI * road[5])));
    }

    private double Slope(int car, double x) => Math.Atan((Centre(car, x + 0.01) - Centre(car, x - 0.01)) / 0.02);
}

/// <summary>What became of drives.</summary>
/// <param name="OffRoad">The share of steps more than 2 m off the centre line.</param>
/// <param name="MeanOffset">In metres, each at most 10.</param>
/// <param name="Departures">A kilometre: how often a car left the lane.</param>
/// <param name="SteeringError">The mean difference from the expert's steering at the same places.</param>
/// <param name="Jerk">The mean change of steering from step to step.</param>
internal readonly record struct DriveFigures(double OffRoad, double MeanOffset, double Departures, double SteeringError, double Jerk);

/// <summary>Drives cars.</summary>
internal static class LaneDrive
{
    private const double MostOffset = 10;

    /// <summary>Drives them all for some steps.</summary>
    /// <param name="cars">At their starts.</param>
    /// <param name="steps">Of each.</param>
    /// <param name="steer">What each steers, by what it sees and what the expert would do.</param>
    /// <param name="putsBack">Whether a car that left the lane is put back on it, as a safety driver would.</param>
    /// <param name="watch">Told of every step before it is made: the cars and what they steer; null for nobody.</param>
    public static DriveFigures Run(
        LaneCars cars, int steps, Func<LaneCars, double[]> steer, bool putsBack = false, Action<LaneCars, double[]>? watch = null)
    {
        double off = 0, offset = 0, error = 0, jerk = 0;
        int departures = 0;
        var outside = new bool[cars.Count];
        double[]? last = null;
        for (int step = 0; step < steps; step++)
        {
            double[] steering = steer(cars), expert = cars.Expert;
            watch?.Invoke(cars, steering);
            error += steering.Zip(expert, (own, right) => Math.Abs(own - right)).Sum();
            if (last is not null) jerk += steering.Zip(last, (now, before) => Math.Abs(now - before)).Sum();
            last = steering;
            cars.Drive(steering);
            double[] offsets = cars.Offsets;
            for (int k = 0; k < cars.Count; k++)
            {
                bool isOut = Math.Abs(offsets[k]) > LaneCars.HalfWidth;
                if (isOut && !outside[k]) departures++;
                outside[k] = isOut && !putsBack;
                if (isOut && putsBack) cars.PutBack(k);
                off += isOut ? 1 : 0;
                offset += Math.Min(MostOffset, Math.Abs(offsets[k]));
            }
        }

        double all = (double)cars.Count * steps, kilometres = all * LaneCars.Speed * LaneCars.Step / 1000;
        return new DriveFigures(off / all, offset / all, departures / kilometres, error / all, jerk / Math.Max(1, all - cars.Count));
    }

    /// <summary>What a network steers where cars are.</summary>
    public static double[] Steer(DrivingPolicy policy, LaneCars cars)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return policy.Call(CarView.See(cars.Views)).To(DType.Float64).Flatten().ToArray<double>();
    }
}
