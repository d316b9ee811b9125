namespace Sconce.Systems.Control.Loon;

/// <summary>What a balloon is told.</summary>
public enum BalloonCommand
{
    /// <summary>Pump air in.</summary>
    Down = 0,

    /// <summary>Neither.</summary>
    Stay = 1,

    /// <summary>Let air out.</summary>
    Up = 2,
}

/// <summary>How a flight stands.</summary>
public enum BalloonStatus
{
    /// <summary>It flies.</summary>
    Flying,

    /// <summary>The battery is empty.</summary>
    OutOfPower,

    /// <summary>The envelope burst.</summary>
    Burst,

    /// <summary>The gas does not fill the envelope any more.</summary>
    ZeroPressure,
}

/// <summary>
/// A superpressure balloon above a plane around its station at (0, 0); env/balloon/balloon.py. Steps of 10 seconds, each right-hand side
/// from the state before.
/// </summary>
public sealed class Balloon
{
    /// <summary>Seconds of an inner step.</summary>
    public const double InnerSeconds = 10;

    /// <summary>Seconds of an agent's step: 18 inner ones.</summary>
    public const double StepSeconds = 180;

    private const double EarthRadius = 6_371_010, Day = 86400;
    private readonly Atmosphere atmosphere;
    private readonly double earthHeat, latitude, longitude, cosine;
    private readonly DateTime start;
    private readonly SafetyLayers safety;

    /// <summary>Begins afloat and in balance at a pressure.</summary>
    /// <param name="design">What it is made of.</param>
    /// <param name="atmosphere">The air.</param>
    /// <param name="launch">Where and when.</param>
    public Balloon(BalloonDesign design, Atmosphere atmosphere, BalloonLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(atmosphere);
        ArgumentNullException.ThrowIfNull(launch);
        (Design, this.atmosphere, X, Y, Pressure) = (design, atmosphere, launch.X, launch.Y, launch.Pressure);
        (latitude, longitude, start, cosine) = (launch.Latitude, launch.Longitude, launch.Time, Math.Cos(launch.Latitude * Math.PI / 180));
        earthHeat = Envelope.EarthHeat(launch.Infrared);
        Charge = 0.95 * design.Battery;
        var (elevation, flux) = Sun.At(LatitudeNow, LongitudeNow, start);
        SunElevation = elevation;
        var balance = Balance(Pressure, flux * Sun.Attenuation(elevation, Pressure));
        (Ambient, Temperature, Air, Volume, Superpressure) =
            (balance.Ambient, balance.Temperature, balance.Air, balance.Volume, balance.Superpressure);
        safety = new SafetyLayers(this, Sun.NextSunriseAndSunset(LatitudeNow, LongitudeNow, start));
    }

    /// <summary>What it is made of.</summary>
    public BalloonDesign Design { get; }

    /// <summary>Metres east of the station.</summary>
    public double X { get; private set; }

    /// <summary>Metres north of the station.</summary>
    public double Y { get; private set; }

    /// <summary>Of the air around, Pa.</summary>
    public double Pressure { get; private set; }

    /// <summary>Temperature of the air around, K; it lags one step.</summary>
    public double Ambient { get; private set; }

    /// <summary>Temperature of the gas, K.</summary>
    public double Temperature { get; private set; }

    /// <summary>Air inside, mol.</summary>
    public double Air { get; private set; }

    /// <summary>m³.</summary>
    public double Volume { get; private set; }

    /// <summary>Pa.</summary>
    public double Superpressure { get; private set; }

    /// <summary>In the battery, Wh.</summary>
    public double Charge { get; private set; }

    /// <summary>Of the pump, W.</summary>
    public double PumpPower { get; private set; }

    /// <summary>Seconds since the launch.</summary>
    public double Seconds { get; private set; }

    /// <summary>The sun's, in degrees.</summary>
    public double SunElevation { get; private set; }

    /// <summary>The last command given, obeyed or not.</summary>
    public BalloonCommand LastCommand { get; private set; } = BalloonCommand.Stay;

    /// <summary>How the flight stands.</summary>
    public BalloonStatus Status { get; private set; }

    /// <summary>Whether a safety layer keeps commands from being obeyed.</summary>
    public bool IsPaused => safety.IsPaused;

    /// <summary>The share of the battery that is charged.</summary>
    public double ChargeShare => Charge / Design.Battery;

    /// <summary>Inner to outer pressure, 1 or more.</summary>
    public double PressureRatio => (Pressure + Math.Max(Superpressure, 0)) / Pressure;

    /// <summary>Whether power is there to spare: a full battery by day.</summary>
    public bool HasExcessEnergy => ChargeShare > 0.99 && Sun.Power(SunElevation, Pressure) > Design.DayLoad;

    /// <summary>Metres to the station.</summary>
    public double Distance => Math.Sqrt((X * X) + (Y * Y));

    /// <summary>UTC.</summary>
    public DateTime Time => start.AddSeconds(Seconds);

    /// <summary>The height in metres.</summary>
    public double Height => atmosphere.AtPressure(Pressure).Height;

    internal Atmosphere Atmosphere => atmosphere;

    internal double LatitudeNow => latitude + (Y / EarthRadius * (180 / Math.PI));

    internal double LongitudeNow => longitude + (X / (EarthRadius * cosine) * (180 / Math.PI));

    /// <summary>An agent's step in a wind that stays the same meanwhile.</summary>
    /// <param name="command">What is told; safety layers may have it otherwise.</param>
    /// <param name="wind">m/s.</param>
    /// <param name="seconds">A multiple of <see cref="InnerSeconds"/>.</param>
    /// <exception cref="InvalidOperationException">The flight is over.</exception>
    public void Step(BalloonCommand command, WindVector wind, double seconds = StepSeconds)
    {
        if (Status != BalloonStatus.Flying) throw new InvalidOperationException($"the flight is over: {Status}");
        int steps = (int)Math.Round(seconds / InnerSeconds);
        if (steps < 1 || Math.Abs((steps * InnerSeconds) - seconds) > 1e-6)
        {
            throw new ArgumentOutOfRangeException(nameof(seconds), seconds, $"a step is a multiple of {InnerSeconds} s");
        }
        LastCommand = command;
        var obeyed = safety.Decide(command, this);
        var season = Sun.SeasonAt(Time); // moves by a thousandth of a degree in three minutes
        double day = start.TimeOfDay.TotalSeconds;
        for (int k = 0; k < steps && Status == BalloonStatus.Flying; k++) Inner(obeyed, wind, season, day);
    }

    /// <summary>
    /// Pascals a second that the balloon sinks by, at rest in its vertical motion; the atmosphere's slope is taken over 1 Pa.
    /// </summary>
    /// <param name="design">The balloon.</param>
    /// <param name="atmosphere">The air.</param>
    /// <param name="pressure">Around, Pa.</param>
    /// <param name="ambient">Temperature around, K.</param>
    /// <param name="air">Air inside, mol.</param>
    /// <param name="volume">m³.</param>
    public static double PressureRate(BalloonDesign design, Atmosphere atmosphere, double pressure, double ambient, double air,
        double volume) =>
        Sink(design, atmosphere, pressure, atmosphere.AtPressure(pressure).Height, ambient, air, volume, Math.Cbrt(volume));

    /// <summary>The state in which a balloon floats at a pressure; env/balloon/stable_init.py.</summary>
    internal BalloonBalance Balance(double pressure, double sunlight)
    {
        double ambient = atmosphere.AtPressure(pressure).Temperature;
        double air = Math.Max(0, (Atmosphere.Density(pressure, ambient) * Design.Volume - Design.EmptyMass) / AirConstants.AirMolarMass);
        double temperature = 206, side = Math.Cbrt(Design.Volume);
        const double delta = 0.01;
        for (int round = 0; round < 10; round++)
        {
            double low = Rate(temperature - (delta / 2)), high = Rate(temperature + (delta / 2)), slope = (high - low) / delta,
                mean = (low + high) / 2;
            if (slope != 0) temperature -= mean / slope;
            if (Math.Abs(mean) < 1e-5) break;
        }

        var (volume, superpressure) = Envelope.Fill(Design, air, temperature, pressure);
        return new BalloonBalance(ambient, temperature, air, volume, superpressure);

        double Rate(double at) => Envelope.HeatingOf(side, Design.EnvelopeMass, at, ambient, pressure, sunlight, earthHeat);
    }

    internal double FluxNow => Sun.SeasonAt(Time).Flux;

    private static double Sink(BalloonDesign design, Atmosphere atmosphere, double pressure, double height, double ambient, double air,
        double volume, double side)
    {
        double density = pressure * AirConstants.AirMolarMass / (AirConstants.Gas * ambient),
            lift = (density * volume) - design.EmptyMass - (AirConstants.AirMolarMass * air);
        double direction = lift >= 0 ? 1 : -1;
        double climb = direction * Math.Sqrt(Math.Abs(2 * lift * AirConstants.Gravity / (density * design.Drag * side * side)));
        double other = atmosphere.AtPressure(pressure + direction).Height;
        return direction / (other - height) * climb;
    }

    private void Inner(BalloonCommand command, WindVector wind, in Sun.Season season, double day)
    {
        var (height, ambient) = atmosphere.AtPressure(Pressure);
        double elevation = Sun.Elevation(season, LatitudeNow, LongitudeNow, (day + Seconds) % Day / Day),
            attenuation = Sun.Attenuation(elevation, Pressure), side = Math.Cbrt(Volume);
        double sink = Sink(Design, atmosphere, Pressure, height, Ambient, Air, Volume, side);
        double heating = Envelope.HeatingOf(side, Design.EnvelopeMass, Temperature, Ambient, Pressure, season.Flux * attenuation,
            earthHeat);
        var (volume, superpressure) = Envelope.Fill(Design, Air, Temperature, Pressure);
        double pump = 0, flow = 0;
        if (command == BalloonCommand.Up) flow = AirPump.Vent(Design, Superpressure, Pressure, Temperature);
        else if (command == BalloonCommand.Down)
        {
            flow = AirPump.Flow(pump = AirPump.Power(PressureRatio), AirPump.Efficiency(PressureRatio, pump));
        }
        bool light = elevation > Sun.LeastElevation;
        double balance = (light ? Sun.PowerOf(elevation, attenuation) - Design.DayLoad : -Design.NightLoad) - pump;

        X += wind.East * InnerSeconds;
        Y += wind.North * InnerSeconds;
        Pressure += sink * InnerSeconds;
        Ambient = ambient;
        Temperature += heating * InnerSeconds;
        (Volume, Superpressure, PumpPower, SunElevation) = (volume, superpressure, pump, elevation);
        Air = Math.Max(0, Air + (flow / AirConstants.AirMolarMass * InnerSeconds));
        Charge = Math.Clamp(Charge + (balance * InnerSeconds / 3600), 0, Design.Battery);
        Seconds += InnerSeconds;
        if (superpressure > Design.MaxSuperpressure) Status = BalloonStatus.Burst;
        if (superpressure <= 0) Status = BalloonStatus.ZeroPressure;
        if (Charge <= 0) Status = BalloonStatus.OutOfPower;
    }
}

/// <summary>Where and when a balloon begins.</summary>
/// <param name="X">Metres east of the station.</param>
/// <param name="Y">Metres north of it.</param>
/// <param name="Pressure">Pa.</param>
/// <param name="Latitude">Of the station, degrees, within 60 of the equator.</param>
/// <param name="Longitude">Of the station, degrees.</param>
/// <param name="Time">UTC.</param>
/// <param name="Infrared">The earth's radiation, W/m².</param>
public sealed record BalloonLaunch(double X, double Y, double Pressure, double Latitude, double Longitude, DateTime Time,
    double Infrared = 250);

/// <summary>A state in which a balloon floats.</summary>
internal readonly record struct BalloonBalance(double Ambient, double Temperature, double Air, double Volume, double Superpressure);
