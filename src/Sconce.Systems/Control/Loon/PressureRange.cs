namespace Sconce.Systems.Control.Loon;

/// <summary>Which pressures a balloon can reach and keep; env/balloon/pressure_range_builder.py.</summary>
internal static class PressureRange
{
    private const int Levels = 20;
    private const double LeastPressure = 1000;

    /// <summary>The least and the greatest pressure in Pa at which it floats with a safe superpressure.</summary>
    internal static (double Least, double Most) Of(Balloon balloon)
    {
        double most = balloon.Atmosphere.PressureAt(SafetyLayers.LeastHeight);
        var levels = new double[Levels];
        for (int k = 0; k < Levels; k++) levels[k] = LeastPressure + ((most - LeastPressure) * k / (Levels - 1));
        return (Safe(balloon, levels, Ceiling(balloon, levels), rising: false), Safe(balloon, [.. levels.Reverse()], most, rising: true));
    }

    /// <summary>Where the envelope lifts itself without any air in it, between the levels or beyond them.</summary>
    private static double Ceiling(Balloon balloon, double[] levels)
    {
        double wanted = balloon.Design.EmptyMass * AirConstants.Gas / (AirConstants.AirMolarMass * balloon.Design.Volume);
        double Ratio(int level) => levels[level] / balloon.Atmosphere.AtPressure(levels[level]).Temperature;
        int part = 0;
        while (part < Levels - 2 && wanted > Ratio(part + 1)) part++;
        double share = (wanted - Ratio(part)) / (Ratio(part + 1) - Ratio(part));
        return levels[part] + (share * (levels[part + 1] - levels[part]));
    }

    /// <summary>
    /// Searches from a limit inward for a safe level, and takes where the superpressure crosses its bound just before it.
    /// </summary>
    private static double Safe(Balloon balloon, double[] levels, double limit, bool rising)
    {
        double least = SafetyLayers.LeastSuperpressure, most = balloon.Design.MaxSuperpressure - SafetyLayers.LeastSuperpressure,
            flux = balloon.FluxNow;
        double Superpressure(double pressure) =>
            balloon.Balance(pressure, flux * Sun.Attenuation(balloon.SunElevation, pressure)).Superpressure;
        double before = limit, last = Superpressure(limit);
        if (last >= least && last <= most) return limit;
        foreach (double pressure in levels)
        {
            if (rising ? pressure > limit : pressure < limit) continue;
            double now = Superpressure(pressure);
            if (now >= least && now <= most)
            {
                double bound = last < least ? least : most;
                return last == now ? pressure : before + ((bound - last) / (now - last) * (pressure - before));
            }

            (before, last) = (pressure, now);
        }

        // No level is safe: it stays where it is.
        return balloon.Pressure;
    }
}
