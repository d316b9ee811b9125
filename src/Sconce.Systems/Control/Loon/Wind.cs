namespace Sconce.Systems.Control.Loon;

/// <summary>A wind in m/s.</summary>
/// <param name="East">Toward the east.</param>
/// <param name="North">Toward the north.</param>
public readonly record struct WindVector(double East, double North)
{
    /// <summary>m/s.</summary>
    public double Speed => Math.Sqrt((East * East) + (North * North));
}

/// <summary>A wind field: position and time in, wind out. Safe to ask from several threads.</summary>
public interface IWind
{
    /// <summary>The wind at a place.</summary>
    /// <param name="x">Metres east of the station.</param>
    /// <param name="y">Metres north of it.</param>
    /// <param name="pressure">Pa.</param>
    /// <param name="seconds">Since the launch.</param>
    WindVector At(double x, double y, double pressure, double seconds);
}

/// <summary>
/// A forecast made of waves: a base wind and shear over height that turns slowly in place and time. It stands where the official
/// environment decodes a
/// forecast of ERA5 with a network.
/// </summary>
public sealed class WaveForecast : IWind
{
    private readonly WaveSum east, north;

    /// <summary>Draws one.</summary>
    public WaveForecast(int seed)
    {
        var random = new Random(seed);
        (east, north) = (new WaveSum(random), new WaveSum(random));
        // Half-waves over the column of 9 kPa turn the wind with height, as trade winds do below and above.
        foreach (var sum in (WaveSum[])[east, north])
        {
            sum.Base = (8 * random.NextDouble()) - 4;
            for (int wave = 0; wave < 4; wave++)
            {
                sum.Add(9 * random.NextDouble(), 1 / (400e3 + (3e6 * random.NextDouble())), 1 / (400e3 + (3e6 * random.NextDouble())),
                    1 / (2000 + (9000 * random.NextDouble())), 1 / (20 * 3600 + (3e5 * random.NextDouble())));
            }
        }
    }

    /// <inheritdoc/>
    public WindVector At(double x, double y, double pressure, double seconds) =>
        new(east.At(x, y, pressure, seconds), north.At(x, y, pressure, seconds));
}

/// <summary>
/// What the forecast does not know: five harmonics a component with the weights and spacings of env/simplex_wind_noise.py, of variance
/// about 1.02 each; waves
/// of random direction in place of simplex noise.
/// </summary>
public sealed class WindNoise : IWind
{
    private const int Waves = 3;
    private const double Variance = 1.02;

    // weight, spacing of x and y (km), of pressure (Pa), of time (h)
    private static readonly (double Weight, double X, double Y, double Pressure, double Time)[] East =
    [
        (0.1445, 702.269, 2116.987, 2587.802, 245), (0.2766, 1483.570, 752.124, 646.208, 16.39), (0.2627, 276.810, 147.040, 587.702, 3.836),
        (0.2137, 10214.525, 1512.216, 965.629, 41.780), (0.1025, 181.286, 420.942, 8500, 245),
    ];

    private static readonly (double Weight, double X, double Y, double Pressure, double Time)[] North =
    [
        (0.2716, 1974.228, 2028.814, 713.697, 26.435), (0.2684, 699.738, 541.845, 632.116, 9.530),
            (0.2348, 217.750, 196.522, 686.825, 3.546),
        (0.1186, 47.500, 43.048, 66.553, 8.424), (0.1066, 3663.291, 232.023, 7499.741, 225),
    ];

    private readonly WaveSum east, north;

    /// <summary>Draws one.</summary>
    public WindNoise(int seed)
    {
        var random = new Random(seed);
        (east, north) = (Sum(East, random), Sum(North, random));
    }

    /// <inheritdoc/>
    public WindVector At(double x, double y, double pressure, double seconds) =>
        new(east.At(x, y, pressure, seconds), north.At(x, y, pressure, seconds));

    private static WaveSum Sum((double Weight, double X, double Y, double Pressure, double Time)[] harmonics, Random random)
    {
        // The official sum, Σ w n / Σ w times √(Σ w / Σ w²): its variance is that of one harmonic where the weights add up to 1, as they
        // do.
        double weights = harmonics.Sum(harmonic => harmonic.Weight), squares = harmonics.Sum(harmonic => harmonic.Weight * harmonic.Weight);
        double scale = Math.Sqrt(Variance * 2 / Waves) * Math.Sqrt(weights / squares) / weights;
        var sum = new WaveSum(random);
        foreach (var (weight, x, y, pressure, time) in harmonics)
        {
            for (int wave = 0; wave < Waves; wave++)
            {
                double[] way = [.. Enumerable.Range(0, 4)
                    .Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
                sum.Add(scale * weight, way[0] / (2 * x * 1000), way[1] / (2 * y * 1000), way[2] / (2 * pressure),
                    way[3] / (2 * time * 3600));
            }
        }

        return sum;
    }
}

/// <summary>Two winds together: a forecast and what it does not know.</summary>
public sealed class WindSum(IWind first, IWind second) : IWind
{
    /// <inheritdoc/>
    public WindVector At(double x, double y, double pressure, double seconds)
    {
        WindVector a = first.At(x, y, pressure, seconds), b = second.At(x, y, pressure, seconds);
        return new WindVector(a.East + b.East, a.North + b.North);
    }
}

/// <summary>Waves in four dimensions with random phases.</summary>
internal sealed class WaveSum(Random random)
{
    private readonly List<(double Amplitude, double X, double Y, double Pressure, double Time, double Phase)> waves = [];

    internal double Base { get; set; }

    /// <summary>A wave of so many turns a metre, pascal and second.</summary>
    internal void Add(double amplitude, double x, double y, double pressure, double time) =>
        waves.Add((amplitude, 2 * Math.PI * x, 2 * Math.PI * y, 2 * Math.PI * pressure, 2 * Math.PI * time,
            2 * Math.PI * random.NextDouble()));

    internal double At(double x, double y, double pressure, double seconds)
    {
        double sum = Base;
        foreach (var (amplitude, ofX, ofY, ofPressure, ofTime, phase) in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(waves))
        {
            sum += amplitude * Math.Sin((ofX * x) + (ofY * y) + (ofPressure * pressure) + (ofTime * seconds) + phase);
        }

        return sum;
    }
}
