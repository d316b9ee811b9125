namespace Sconce.Systems.Control.Loon;

/// <summary>
/// What keeps a flight from ending: battery, then envelope, then height, the last strongest;
/// env/balloon/{power,envelope,altitude}_safety.py.
/// </summary>
internal sealed class SafetyLayers
{
    private const double LeastCharge = 0.025, EnoughCharge = 0.05, AfterSunrise = 1800, Day = 86400;
    private const double Critical = 150, Buffer = 250, Restart = 50, Foot = 0.3048;

    /// <summary>No balloon flies lower, in metres.</summary>
    internal const double LeastHeight = 50_000 * Foot;

    private enum Margin
    {
        Nominal,
        Near,
        Beyond,
    }

    private double sunrise, sunset;     // seconds since the launch; the sunrise with half an hour more
    private bool saving;
    private Margin envelope, height;
    private bool wasLow;

    internal SafetyLayers(Balloon balloon, (DateTime Sunrise, DateTime Sunset) sun)
    {
        (sunrise, sunset) = ((sun.Sunrise - balloon.Time).TotalSeconds + AfterSunrise, (sun.Sunset - balloon.Time).TotalSeconds);
    }

    /// <summary>The least superpressure that is sought, Pa.</summary>
    internal static double LeastSuperpressure => Buffer;

    internal bool IsPaused => saving || envelope != Margin.Nominal || height != Margin.Nominal;

    /// <summary>What is done instead of a command.</summary>
    internal BalloonCommand Decide(BalloonCommand command, Balloon balloon)
    {
        if (Saves(balloon) && command == BalloonCommand.Down) command = BalloonCommand.Stay;
        envelope = EnvelopeMargin(balloon.Superpressure, balloon.Design.MaxSuperpressure);
        command = Kept(command, envelope);
        double above = balloon.Height - LeastHeight;
        height = above < 0 ? Margin.Beyond : above < 500 * Foot ? Margin.Near : above < 1000 * Foot && height != Margin.Nominal
            ? Margin.Near : Margin.Nominal;
        return Kept(command, height);
    }

    private static BalloonCommand Kept(BalloonCommand command, Margin margin) => margin switch
    {
        Margin.Beyond => BalloonCommand.Up,
        Margin.Near when command == BalloonCommand.Down => BalloonCommand.Stay,
        _ => command,
    };

    /// <summary>By night no power is spent that the battery needs until the sun is up.</summary>
    private bool Saves(Balloon balloon)
    {
        double now = balloon.Seconds;
        while (now > sunrise) sunrise += Day;
        while (now > sunset) sunset += Day;
        if (sunset < sunrise) return saving = saving && balloon.ChargeShare < EnoughCharge; // by day
        double needed = balloon.Design.NightLoad * (sunrise - now) / 3600;
        return saving = saving || (balloon.Charge - needed) / balloon.Design.Battery < LeastCharge;
    }

    private Margin EnvelopeMargin(double superpressure, double most)
    {
        // Two limits with the same margins; within the last of them what was before goes on, on its own side.
        double nearest = Math.Min(superpressure, most - superpressure);
        bool low = superpressure < most / 2, wasNear = envelope != Margin.Nominal && low == wasLow;
        if (nearest >= Buffer + Restart || (nearest >= Buffer && !wasNear)) return Margin.Nominal;
        wasLow = low;
        return nearest < Critical ? Margin.Beyond : Margin.Near;
    }
}
