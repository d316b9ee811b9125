namespace Sconce.Systems.Science.Dmseew;

/// <summary>The latest readings of one station, in the order of time.</summary>
/// <param name="kind">What it has.</param>
internal sealed class StationTrack(SensorKind kind)
{
    private const double MostMissing = 0.25; // of a window; beyond that the station is silent
    private const double Gap = 1;            // seconds that are bridged, or two of the station's own steps
    private readonly List<(double Time, double[] Components)> readings = [];

    /// <summary>What it has.</summary>
    public SensorKind Kind => kind;

    /// <summary>What is added to its clock.</summary>
    public double Offset { get; set; }

    /// <summary>The time of its first reading.</summary>
    public double First => readings[0].Time;

    /// <summary>The time of its latest reading.</summary>
    public double Last => readings[^1].Time;

    /// <summary>Readings that were repeated, or came after later ones, and do not count.</summary>
    public int Ignored { get; private set; }

    /// <summary>Takes a reading.</summary>
    public void Add(double time, double[] components)
    {
        if (readings.Count > 0 && time <= Last) Ignored++;
        else readings.Add((time, components));
    }

    /// <summary>Forgets what is older.</summary>
    public void Forget(double before)
    {
        int old = readings.FindIndex(reading => reading.Time >= before);
        if (old > 1) readings.RemoveRange(0, old - 1);
    }

    /// <summary>Even samples of a stretch; null where too much of it is missing. A component that is missing is empty.</summary>
    /// <param name="start">The first sample's time.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="samples">How many.</param>
    public double[][]? Window(double start, double rate, int samples)
    {
        var window = new double[SensorReadings.Components][];
        for (int component = 0; component < window.Length; component++)
        {
            var values = new double[samples];
            int missing = 0, at = 0;
            double step = readings.Count > 1 ? (Last - First) / (readings.Count - 1) : 0, bridged = Math.Max(Gap, 2 * step);
            for (int k = 0; k < samples; k++)
            {
                double time = start + (k / rate);
                while (at + 1 < readings.Count && readings[at + 1].Time <= time) at++;
                values[k] = Between(at, component, time, bridged);
                if (!double.IsNaN(values[k])) continue;
                missing++;
                values[k] = k > 0 ? values[k - 1] : double.NaN;
            }

            int first = Array.FindIndex(values, value => !double.IsNaN(value));
            for (int k = 0; k < first; k++) values[k] = values[first];
            window[component] = missing > MostMissing * samples ? [] : values;
        }

        return window.All(values => values.Length == 0) ? null : window;
    }

    private double Between(int at, int component, double time, double bridged)
    {
        var (before, components) = readings[at];
        double here = components[component];
        if (Math.Abs(before - time) < 1e-9) return here;
        if (time < before) return before - time <= bridged ? here : double.NaN;
        if (at + 1 == readings.Count) return time - before <= bridged ? here : double.NaN;
        var (after, next) = readings[at + 1];
        if (after - before > bridged) return double.NaN;
        return here + ((next[component] - here) * (time - before) / (after - before));
    }
}
