namespace Sconce.Systems.Control.Loon;

/// <summary>
/// The 1,099 numbers that an agent sees: 16 of the balloon, and (uncertainty, bearing error, speed) of the wind at 181 pressures, placed in
/// a column of 361 so
/// that the balloon's own is in the middle; env/features.py. One a flight; not for several threads.
/// </summary>
public sealed class LoonFeatures
{
    /// <summary>Of the balloon itself.</summary>
    public const int Ambient = 16;

    /// <summary>Pressures asked for, from 5,000 to 14,000 Pa.</summary>
    public const int Levels = 181;

    /// <summary>Places of the column; lower is higher up.</summary>
    public const int Column = (2 * Levels) - 1;

    /// <summary>All of them.</summary>
    public const int Count = Ambient + (3 * Column);

    private const double LeastPressure = 5000, MostPressure = 14000, HalfDistance = 250, HalfSpeed = 30, Tolerance = 1e-5;
    private static readonly double[] Pressures =
        [.. Enumerable.Range(0, Levels).Select(k => LeastPressure + ((MostPressure - LeastPressure) * k / (Levels - 1)))];
    private readonly IWind forecast;
    private readonly WindProcess process = new();
    private readonly WindVector[] errors = new WindVector[Levels];
    private readonly double[] uncertainties = new double[Levels];
    private (DateTime Sunrise, DateTime Sunset)? sun;

    /// <summary>Begins without measurements.</summary>
    public LoonFeatures(IWind forecast) => this.forecast = forecast;

    /// <summary>Takes a measurement of the wind at the balloon.</summary>
    public void Observe(Balloon balloon, WindVector wind)
    {
        ArgumentNullException.ThrowIfNull(balloon);
        var said = forecast.At(balloon.X, balloon.Y, balloon.Pressure, balloon.Seconds);
        process.Observe(balloon.X, balloon.Y, balloon.Pressure, balloon.Seconds,
            new WindVector(wind.East - said.East, wind.North - said.North));
    }

    /// <summary>Writes all <see cref="Count"/> features.</summary>
    public void Write(Balloon balloon, Span<float> into)
    {
        ArgumentNullException.ThrowIfNull(balloon);
        if (into.Length != Count) throw new ArgumentException($"the features are {Count} numbers; there is room for {into.Length}");
        WriteAmbient(balloon, into);
        WriteWinds(balloon, into[Ambient..]);
    }

    private void WriteAmbient(Balloon balloon, Span<float> into)
    {
        double cycle = SolarCycle(balloon), heading = Math.Atan2(-balloon.X, -balloon.Y), kilometres = balloon.Distance / 1000;
        double power = Math.Clamp((AirPump.PowerToUse(balloon.PressureRatio, balloon.ChargeShare) - 100) / 200, 0, 1);
        ReadOnlySpan<double> values =
        [
            Math.Clamp((balloon.Pressure - LeastPressure) / (MostPressure - LeastPressure), 0, 1), balloon.ChargeShare,
                Math.Clamp((balloon.SunElevation + 90) / 180, 0, 1),
            Math.Sin(cycle), Math.Cos(cycle), Math.Sin(heading), Math.Cos(heading), kilometres / (kilometres + HalfDistance),
            balloon.LastCommand == BalloonCommand.Up ? 1 : 0, balloon.LastCommand == BalloonCommand.Stay ? 1 : 0,
                balloon.LastCommand == BalloonCommand.Down ? 1 : 0,
            balloon.IsPaused ? 1 : 0, balloon.IsPaused ? 0 : 1, balloon.HasExcessEnergy ? 1 : 0, power, balloon.PressureRatio,
        ];
        for (int k = 0; k < Ambient; k++) into[k] = (float)values[k];
    }

    /// <summary>0 at sunrise, π at sunset, 2π at the next sunrise.</summary>
    private double SolarCycle(Balloon balloon)
    {
        var now = balloon.Time;
        if (sun is not { } next || now > next.Sunrise || now > next.Sunset)
        {
            sun = next = Sun.NextSunriseAndSunset(balloon.LatitudeNow, balloon.LongitudeNow, now);
        }
        bool day = next.Sunset < next.Sunrise;
        var (end, other) = day ? (next.Sunset, next.Sunrise.AddDays(-1)) : (next.Sunrise, next.Sunset.AddDays(-1));
        return (day ? 0 : Math.PI) + (Math.PI * Math.Clamp((now - other) / (end - other), 0, 1));
    }

    private void WriteWinds(Balloon balloon, Span<float> into)
    {
        // unreachable
        for (int place = 0; place < Column; place++) (into[3 * place], into[(3 * place) + 1], into[(3 * place) + 2]) = (0, 1, 1);
        process.Predict(balloon.X, balloon.Y, Pressures, balloon.Seconds, errors, uncertainties);
        var (least, most) = PressureRange.Of(balloon);
        int own = (int)Math.Round((Math.Clamp(balloon.Pressure, LeastPressure, MostPressure)
            - LeastPressure) / ((MostPressure - LeastPressure) / (Levels - 1)));
        double distance = balloon.Distance, toX = -balloon.X / (distance + Tolerance), toY = -balloon.Y / (distance + Tolerance);
        for (int level = 0; level < Levels; level++)
        {
            if (Pressures[level] < least || Pressures[level] > most) continue;
            var said = forecast.At(balloon.X, balloon.Y, Pressures[level], balloon.Seconds);
            double east = said.East + errors[level].East, north = said.North + errors[level].North,
                speed = Math.Sqrt((east * east) + (north * north));
            double along = ((east * toX) + (north * toY)) / (speed + Tolerance);
            double bearing = distance < Tolerance ? 0 : speed < Tolerance ? 1 : Math.Acos(Math.Clamp(along, -1, 1)) / Math.PI;
            int place = 3 * (level + Levels - 1 - own);
            (into[place], into[place + 1], into[place + 2]) =
                ((float)uncertainties[level], (float)bearing, (float)(speed / (speed + HalfSpeed)));
        }
    }
}
