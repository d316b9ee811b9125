namespace Sconce.Systems.Science.Dmseew;

/// <summary>What a place feels of an earthquake.</summary>
/// <param name="Magnitude">Moment magnitude.</param>
/// <param name="Distance">To the source, in km, more than 0.</param>
/// <param name="PhaseP">Of the P wave, in radians.</param>
/// <param name="PhaseS">Of the S wave, in radians.</param>
/// <param name="FrequencyJitter">e₁: in units of 0.2 decades of the corner frequency.</param>
/// <param name="DurationJitter">e₂: in units of 0.2 decades of the duration.</param>
public readonly record struct Shaking(
    double Magnitude, double Distance, double PhaseP, double PhaseS, double FrequencyJitter, double DurationJitter);

/// <summary>
/// Procedural recordings, so that the system runs without data: a seismometer that saturates, and a GPS station that is noisy but sees how
/// far the ground stays displaced. Time begins with the earthquake.
/// </summary>
/// <param name="rate">Samples a second.</param>
/// <param name="samples">Of a recording.</param>
/// <param name="saturation">A seismometer shows no more than this.</param>
/// <param name="velocityP">Of P waves, in km/s.</param>
/// <param name="velocityS">Of S waves, in km/s.</param>
public sealed class EventWaves(
    double rate = 8, int samples = 120, double saturation = 1, double velocityP = 6, double velocityS = 3.5)
{
    private const double Displacement = 0.02, GpsMotion = 0.01;

    /// <summary>Samples of a recording.</summary>
    public int Samples => samples;

    /// <summary>The motion and the lasting displacement at each sample.</summary>
    public (double[] Motion, double[] Displacement) At(Shaking shaking)
    {
        double magnitude = shaking.Magnitude;
        double amplitude = Math.Pow(10, (0.75 * magnitude) - (1.3 * Math.Log10(shaking.Distance + 5)) - 1.2);
        double corner = Math.Clamp(Math.Pow(10, 0.9 - (0.12 * magnitude) + (0.2 * shaking.FrequencyJitter)), 0.15, 3.5);
        double duration = Math.Pow(10, (0.12 * magnitude) - 0.3 + (0.2 * shaking.DurationJitter));
        double p = shaking.Distance / velocityP, s = shaking.Distance / velocityS;
        double[] motion = new double[samples], displacement = new double[samples];
        for (int k = 0; k < samples; k++)
        {
            double t = k / rate;
            double first = 0.35 * Envelope(t - p, duration) * Math.Sin((2 * Math.PI * 2 * corner * (t - p)) + shaking.PhaseP);
            double second = Envelope(t - s, 1.5 * duration) * Math.Sin((2 * Math.PI * corner * (t - s)) + shaking.PhaseS);
            motion[k] = amplitude * (first + second);
            displacement[k] = t > s ? Displacement * amplitude * (1 - Math.Exp(-(t - s) / duration)) : 0;
        }

        return (motion, displacement);
    }

    /// <summary>What a seismometer records.</summary>
    /// <param name="motion">See <see cref="At"/>.</param>
    /// <param name="noise">Added at each sample; null for none.</param>
    public double[] Seismometer(double[] motion, Func<double>? noise = null) =>
        [.. motion.Select(value => Math.Clamp(value + (noise?.Invoke() ?? 0), -saturation, saturation))];

    /// <summary>What a GPS station records.</summary>
    /// <param name="motion">See <see cref="At"/>.</param>
    /// <param name="displacement">The same.</param>
    /// <param name="noise">Added at each sample; null for none.</param>
    public static double[] Gps(double[] motion, double[] displacement, Func<double>? noise = null) =>
        [.. motion.Zip(displacement, (moved, stays) => stays + (GpsMotion * moved) + (noise?.Invoke() ?? 0))];

    /// <summary>Rises to 1 at the duration and falls slowly; 0 before its begin.</summary>
    private static double Envelope(double since, double duration) => since > 0 ? since / duration * Math.Exp(1 - (since / duration)) : 0;
}
