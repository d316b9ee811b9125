namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// Page and Hinkley's test: an alarm when losses have summed to more above their mean than chance explains; river's page_hinkley.py. It
/// begins anew with the value after an alarm.
/// </summary>
/// <param name="threshold">λ: the sum that alarms.</param>
/// <param name="delta">What a loss may lie above the mean for nothing.</param>
/// <param name="alpha">What is kept of the sum at each value, in (0, 1].</param>
/// <param name="least">Values before there is an alarm.</param>
public sealed class PageHinkley(double threshold = 50, double delta = 0.005, double alpha = 0.9999, int least = 30)
    : IDriftDetector, IRemembers
{
    private double mean;
    private long count = 1;
    private bool alarmed;

    /// <summary>What has been summed.</summary>
    public double Sum { get; private set; }

    double[] IRemembers.Numbers
    {
        get => [mean, count, alarmed ? 1 : 0, Sum];
        set => (mean, count, alarmed, Sum) = (value[0], (long)value[1], value[2] > 0, value[3]);
    }

    /// <inheritdoc/>
    public DriftLevel Update(double loss)
    {
        if (alarmed) (mean, count, Sum) = (0, 1, 0);
        mean += (loss - mean) / count;
        Sum = Math.Max(0, (alpha * Sum) + loss - mean - delta);
        count++;
        alarmed = count >= least && Sum >= threshold;
        return alarmed ? DriftLevel.Drift : DriftLevel.None;
    }
}
