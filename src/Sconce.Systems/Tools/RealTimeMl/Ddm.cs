namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// The drift detection method: the error rate has risen by more of its own deviations than chance explains; Gama et al., SBIA 2004. It
/// begins anew with a drift.
/// </summary>
/// <param name="least">Values before it speaks.</param>
/// <param name="warning">Deviations above the best rate that warn.</param>
/// <param name="drift">Deviations that are a drift.</param>
public sealed class Ddm(int least = 30, double warning = 2, double drift = 3) : IDriftDetector, IRemembers
{
    private double rate, bestRate = double.PositiveInfinity, bestDeviation = double.PositiveInfinity;
    private long count;

    double[] IRemembers.Numbers
    {
        get => [rate, bestRate, bestDeviation, count];
        set => (rate, bestRate, bestDeviation, count) = (value[0], value[1], value[2], (long)value[3]);
    }

    /// <inheritdoc/>
    public DriftLevel Update(double loss)
    {
        count++;
        rate += (loss - rate) / count;
        double deviation = Math.Sqrt(Math.Max(0, rate * (1 - rate)) / count);
        if (count < least) return DriftLevel.None;
        if (deviation > 0 && rate + deviation < bestRate + bestDeviation) (bestRate, bestDeviation) = (rate, deviation);
        if (rate + deviation > bestRate + (drift * bestDeviation))
        {
            (rate, count, bestRate, bestDeviation) = (0, 0, double.PositiveInfinity, double.PositiveInfinity);
            return DriftLevel.Drift;
        }

        return rate + deviation > bestRate + (warning * bestDeviation) ? DriftLevel.Warning : DriftLevel.None;
    }
}
