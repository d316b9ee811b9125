namespace Sconce.Systems.Control.Loon;

/// <summary>Air constants of google/balloon-learning-environment@72082fe utils/constants.py.</summary>
internal static class AirConstants
{
    internal const double Gravity = 9.80665;          // m/s²
    internal const double Gas = 8.3144621;            // J/(mol K)
    internal const double AirMolarMass = 0.028964922481160;    // kg/mol
    internal const double HeliumMolarMass = 0.004002602;
    internal const double AirGas = Gas / AirMolarMass;  // J/(kg K)
}

/// <summary>
/// A standard atmosphere between two climates; env/balloon/standard_atmosphere.py. Layers of linear temperature: pressure and height
/// determine each other.
/// </summary>
public sealed class Atmosphere
{
    private const double BaseTemperature = 300, BasePressure = 108870.8213;
    private static readonly double[] Heights = [-610, 17000, 21000, 32000, 47000, 51000, 71000, 85000];
    private static readonly double[] Low = [-0.007, 0.006, 0.001, 0.0028, 0, -0.0028, -0.002];
    private static readonly double[] High = [-0.0058, 0.005, 0.001, 0.0028, 0, -0.0028, -0.002];
    private readonly double[] lapse = new double[Low.Length], temperatures = new double[Heights.Length],
        pressures = new double[Heights.Length], exponents = new double[Low.Length];

    /// <summary>Mixes the two climates.</summary>
    /// <param name="alpha">0: the first lapse rates; 1: the second.</param>
    public Atmosphere(double alpha)
    {
        if (!double.IsFinite(alpha)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "a share of two climates is a number");
        (temperatures[0], pressures[0]) = (BaseTemperature, BasePressure);
        for (int layer = 0; layer < lapse.Length; layer++)
        {
            lapse[layer] = ((1 - alpha) * Low[layer]) + (alpha * High[layer]);
            exponents[layer] = -AirConstants.AirGas * lapse[layer] / AirConstants.Gravity;
            temperatures[layer + 1] = temperatures[layer] + (lapse[layer] * (Heights[layer + 1] - Heights[layer]));
            pressures[layer + 1] = PressureIn(layer, Heights[layer + 1]);
        }
    }

    /// <summary>Height in metres and temperature in kelvin where the pressure is <paramref name="pressure"/> pascals.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Beyond -610 to 85,000 m.</exception>
    public (double Height, double Temperature) AtPressure(double pressure)
    {
        for (int layer = 0; layer < lapse.Length; layer++)
        {
            if (!(pressure > pressures[layer + 1])) continue;
            if (!(pressure <= pressures[0])) break;
            double height = Heights[layer] + (lapse[layer] == 0
                ? -AirConstants.AirGas * temperatures[layer] / AirConstants.Gravity * Math.Log(pressure / pressures[layer])
                : (Math.Pow(pressure / pressures[layer], exponents[layer]) - 1) * temperatures[layer] / lapse[layer]);
            return (height, temperatures[layer] + (lapse[layer] * (height - Heights[layer])));
        }

        throw new ArgumentOutOfRangeException(nameof(pressure), pressure,
            $"the atmosphere reaches from {pressures[0]:0} to {pressures[^1]:0.0} Pa");
    }

    /// <summary>The pressure in pascals at a height in metres.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Beyond -610 to 85,000 m.</exception>
    public double PressureAt(double height)
    {
        for (int layer = 0; layer < lapse.Length; layer++)
        {
            if (height >= Heights[0] && height < Heights[layer + 1]) return PressureIn(layer, height);
        }

        throw new ArgumentOutOfRangeException(nameof(height), height, "the atmosphere reaches from -610 to 85,000 m");
    }

    /// <summary>Kilograms of air in a cubic metre.</summary>
    public static double Density(double pressure, double temperature) => pressure / (AirConstants.AirGas * temperature);

    private double PressureIn(int layer, double height)
    {
        double rise = height - Heights[layer], temperature = temperatures[layer] + (lapse[layer] * rise);
        return lapse[layer] == 0
            ? pressures[layer] * Math.Exp(-(AirConstants.Gravity * rise) / (AirConstants.AirGas * temperature))
            : pressures[layer] * Math.Pow(temperature / temperatures[layer], -AirConstants.Gravity / (AirConstants.AirGas * lapse[layer]));
    }
}
