namespace Sconce.Systems.Control.Loon;

/// <summary>The pump that takes air in, and the valve that lets it out; env/balloon/{acs,power_table}.py.</summary>
public static class AirPump
{
    private const double ValveCoefficient = 0.62, FirstRatio = 1.05, RatioStep = 0.025, FirstPower = 100, PowerStep = 100;
    private static readonly double[] PowerRatios = [1, 1.05, 1.2, 1.25, 1.35], Powers = [100, 100, 300, 400, 400];

    // 13 ratios of 4 powers each, as SciPy's interp2d reads the official table: given flat, it is taken ratio by ratio, though its rows are
    // written power by power. The official flights are those of this reading, and so are the parity case's.
    private static readonly double[] Efficiencies =
    [
        0.4, 0.4, 0.3, 0.2, 0.2, 0, 0, 0, 0, 0, 0, 0, 0,
        0.4, 0.3, 0.3, 0.3, 0.25, 0.23, 0.2, 0.15, 0.12, 0.1, 0, 0, 0,
        0, 0.3, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.15, 0.13, 0.12, 0.11,
        0, 0.23, 0.23, 0.23, 0.23, 0.23, 0.2, 0.2, 0.2, 0.18, 0.16, 0.15, 0.13,
    ];

    private static readonly double[] TableRatios = [1.08, 1.11, 1.14, 1.17, 1.2, 1.23, 1.26];
    private static readonly (double[] Charges, double[] Watts)[] Table =
    [
        ([0.3, 0.4, 0.5], [0, 150, 175, 200]),
        ([0.3, 0.4, 0.7], [0, 200, 200, 225]),
        ([0.3, 0.4, 0.6], [0, 225, 225, 250]),
        ([0.3, 0.4, 0.5], [0, 200, 225, 250]),
        ([0.3, 0.4, 0.5], [0, 225, 250, 275]),
        ([0.4, 0.5], [0, 275, 300]),
        ([0.5, 0.6], [0, 300, 325]),
        ([0.5, 0.6], [0, 325, 350]),
    ];

    /// <summary>Watts at which the pump moves most air for its energy.</summary>
    /// <param name="ratio">Inner to outer pressure.</param>
    public static double Power(double ratio)
    {
        int part = 0;
        while (part < PowerRatios.Length - 2 && ratio > PowerRatios[part + 1]) part++;
        double share = (ratio - PowerRatios[part]) / (PowerRatios[part + 1] - PowerRatios[part]);
        return Powers[part] + (share * (Powers[part + 1] - Powers[part]));
    }

    /// <summary>Efficiency between the measured ones; beyond them the nearest.</summary>
    public static double Efficiency(double ratio, double watts)
    {
        double across = Math.Clamp((ratio - FirstRatio) / RatioStep, 0, 12), along = Math.Clamp((watts - FirstPower) / PowerStep, 0, 3);
        int first = Math.Min((int)across, 11), place = (4 * first) + Math.Min((int)along, 2);
        across -= first;
        along -= place % 4;
        double low = Efficiencies[place] + (along * (Efficiencies[place + 1] - Efficiencies[place]));
        double high = Efficiencies[place + 4] + (along * (Efficiencies[place + 5] - Efficiencies[place + 4]));
        return low + (across * (high - low));
    }

    /// <summary>Air that the pump takes in, kg/s.</summary>
    public static double Flow(double watts, double efficiency) => efficiency * watts / 3600;

    /// <summary>Air that the open valve lets out, kg/s, negative.</summary>
    public static double Vent(BalloonDesign design, double superpressure, double pressure, double temperature)
    {
        double area = Math.PI * design.ValveDiameter * design.ValveDiameter / 4;
        return -ValveCoefficient * area * Math.Sqrt(2 * superpressure * Atmosphere.Density(superpressure + pressure, temperature));
    }

    /// <summary>The watts that a controller would spend, by ratio and the battery's charge in [0, 1].</summary>
    public static double PowerToUse(double ratio, double charge)
    {
        var (charges, watts) = Table[Above(TableRatios, ratio)];
        return watts[Above(charges, charge)];
    }

    /// <summary>How many bounds a value reaches.</summary>
    private static int Above(double[] bounds, double value)
    {
        int count = 0;
        while (count < bounds.Length && value >= bounds[count]) count++;
        return count;
    }
}
