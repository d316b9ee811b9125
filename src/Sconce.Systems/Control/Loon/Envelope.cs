namespace Sconce.Systems.Control.Loon;

/// <summary>What a balloon is made of; the defaults are env/balloon/balloon.py's.</summary>
public sealed record BalloonDesign
{
    /// <summary>Helium, mol.</summary>
    public double LiftGas { get; init; } = 6830;

    /// <summary>The envelope's volume before it stretches, m³.</summary>
    public double Volume { get; init; } = 1804;

    /// <summary>How it stretches, m³/Pa.</summary>
    public double Stretch { get; init; } = 0.0199;

    /// <summary>kg.</summary>
    public double EnvelopeMass { get; init; } = 68.5;

    /// <summary>All but the envelope, kg.</summary>
    public double PayloadMass { get; init; } = 92.5;

    /// <summary>Coefficient of drag.</summary>
    public double Drag { get; init; } = 0.25;

    /// <summary>Of the valve, m.</summary>
    public double ValveDiameter { get; init; } = 0.04;

    /// <summary>The envelope bursts above it, Pa.</summary>
    public double MaxSuperpressure { get; init; } = 2380;

    /// <summary>Wh.</summary>
    public double Battery { get; init; } = 3058.56;

    /// <summary>W.</summary>
    public double NightLoad { get; init; } = 183.7;

    /// <summary>W.</summary>
    public double DayLoad { get; init; } = 120.4;

    /// <summary>Everything but the air inside, kg.</summary>
    internal double EmptyMass => (AirConstants.HeliumMolarMass * LiftGas) + EnvelopeMass + PayloadMass;
}

/// <summary>Volume, pressure and heat of the envelope; env/balloon/{balloon,thermal}.py.</summary>
public static class Envelope
{
    private const double SolarView = 0.25, EarthView = 0.4605, Reflectivity = 0.0291, SolarAbsorptivity = 0.01435, SpecificHeat = 1500,
        StefanBoltzmann = 0.000000056704;
    private static readonly double TotalSolar = Total(SolarAbsorptivity);

    /// <summary>The volume in m³ and the excess of the inner pressure in Pa, 0 where the gas does not fill the envelope.</summary>
    /// <param name="design">The balloon.</param>
    /// <param name="air">Air inside, mol.</param>
    /// <param name="temperature">Of the gas, K.</param>
    /// <param name="pressure">Around, Pa.</param>
    public static (double Volume, double Superpressure) Fill(BalloonDesign design, double air, double temperature, double pressure)
    {
        double free = (design.LiftGas + air) * AirConstants.Gas * temperature / pressure;
        if (free <= design.Volume) return (free, 0);
        double b = (design.Stretch * pressure) - design.Volume, c = -(design.Stretch * free * pressure);
        double volume = 0.5 * (-b + Math.Sqrt((b * b) - (4 * c)));
        return (volume, (pressure * free / volume) - pressure);
    }

    /// <summary>Kelvin a second that the gas warms by.</summary>
    /// <param name="volume">m³.</param>
    /// <param name="mass">Of the envelope, kg.</param>
    /// <param name="temperature">Of the gas, K.</param>
    /// <param name="ambient">Of the air around, K.</param>
    /// <param name="pressure">Around, Pa.</param>
    /// <param name="sunlight">What of the sun's flux arrives, W/m².</param>
    /// <param name="infrared">The earth's radiation, W/m².</param>
    public static double Heating(double volume, double mass, double temperature, double ambient, double pressure, double sunlight,
        double infrared) =>
        HeatingOf(Math.Cbrt(volume), mass, temperature, ambient, pressure, sunlight, EarthHeat(infrared));

    /// <summary>What a square metre takes of the earth's radiation; constant over a flight.</summary>
    internal static double EarthHeat(double infrared) =>
        infrared * EarthView * Total(InfraredAbsorptivity(Math.Sqrt(Math.Sqrt(infrared / StefanBoltzmann))));

    internal static double HeatingOf(double side, double mass, double temperature, double ambient, double pressure, double sunlight,
        double earth)
    {
        double radius = side * 0.6203504908994000, area = 4 * Math.PI * radius * radius; // (3 / 4π)^(1/3)
        double square = temperature * temperature, emitted = StefanBoltzmann * square * square * Total(InfraredAbsorptivity(temperature));
        double gained = (sunlight * SolarView * TotalSolar) + earth + Convection(radius, temperature, ambient, pressure) - emitted;
        return area * gained / (SpecificHeat * mass);
    }

    private static double Convection(double radius, double temperature, double ambient, double pressure)
    {
        double viscosity = 1.458e-6 * ambient * Math.Sqrt(ambient) / (ambient + 110.4),
            conductivity = 0.0241 * Math.Pow(ambient / 273.15, 0.9);
        double prandtl = 0.804 - (3.25e-4 * ambient), density = Atmosphere.Density(pressure, ambient), diameter = 2 * radius;
        double grashof = AirConstants.Gravity * density * density * diameter * diameter * diameter / (
            ambient * viscosity * viscosity) * Math.Abs(ambient - temperature);
        double rayleigh = prandtl * grashof,
            nusselt = 2 + (0.457 * Math.Sqrt(Math.Sqrt(rayleigh))) + Math.Cbrt(Math.Sqrt(Math.Sqrt(1 + (2.69e-8 * rayleigh))));
        return nusselt * conductivity / diameter * (ambient - temperature);
    }

    private static double InfraredAbsorptivity(double temperature) => 0.04587 + (0.000232 * (temperature - 210));

    private static double Total(double absorptivity) => absorptivity * (1 + ((1 - absorptivity - Reflectivity) / (1 - Reflectivity)));
}
