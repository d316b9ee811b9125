using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>What a station looks at in its recording.</summary>
public enum SensorFeatures
{
    /// <summary>How strong and how fast the motion is, and how far the ground stays displaced.</summary>
    Amplitudes,

    /// <summary>Words of its shape, WEASEL+MUSE.</summary>
    Words,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>One kind of station's classifier: features, standardised, and multinomial logistic regression.</summary>
/// <param name="words">The words that are counted; null for none.</param>
/// <param name="amplitudes">Whether amplitudes are looked at.</param>
/// <param name="means">Of each feature.</param>
/// <param name="deviations">Of each feature.</param>
/// <param name="weights">Class by class, each its bias last.</param>
internal sealed class SensorClassifier(WordBag? words, bool amplitudes, double[] means, double[] deviations, double[][] weights)
{
    private const int Bins = 20, Ends = 20, Steps = 200;
    private const double Rate = 0.05, Decay = 1e-3, Least = 1e-6;

    /// <summary>The words.</summary>
    public WordBag? Words => words;

    /// <summary>Whether amplitudes are looked at.</summary>
    public bool Amplitudes => amplitudes;

    /// <summary>Of each feature.</summary>
    public double[] Means => means;

    /// <summary>Of each feature.</summary>
    public double[] Deviations => deviations;

    /// <summary>Class by class.</summary>
    public double[][] Weights => weights;

    /// <summary>Learns from windows of one kind of station.</summary>
    public static SensorClassifier Fit(
        IReadOnlyList<SensorWindow> windows, IReadOnlyList<int> labels, int classes, SensorFeatures features, ulong seed,
        CancellationToken cancellation)
    {
        var words = features == SensorFeatures.Amplitudes ? null : WordBag.Fit(windows, labels, classes, cancellation);
        bool amplitudes = features != SensorFeatures.Words;
        double[][] rows = [.. windows.Select(window => FeaturesOf(window, words, amplitudes))];
        int width = rows[0].Length;
        var (means, deviations) = (new double[width], new double[width]);
        for (int k = 0; k < width; k++)
        {
            double mean = rows.Average(row => row[k]), deviation = Math.Sqrt(rows.Average(row => (row[k] - mean) * (row[k] - mean)));
            (means[k], deviations[k]) = (mean, deviation > Least ? deviation : 1);
        }

        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(seed);
        float[] flat = [.. rows.SelectMany(row => row.Select((value, k) => (float)((value - means[k]) / deviations[k])))];
        Tensor inputs = Tensor.From(flat, [rows.Length, width]);
        var targets = Tensor.From([.. labels.Select(label => (long)label)], [labels.Count]);
        using var regression = new Linear(width, classes);
        Init.Constant(regression.Weight, 0);
        Init.Constant(regression.Bias!, 0);
        using var optimizer = new Adam(regression.Parameters(), Rate, weightDecay: Decay);
        for (int step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var one = new TensorScope();
            optimizer.ZeroGrad();
            Functional.CrossEntropy(regression.Call(inputs), targets).Backward();
            optimizer.Step();
        }

        float[] weight = regression.Weight.ToArray<float>(), bias = regression.Bias!.ToArray<float>();
        return new SensorClassifier(words, amplitudes, means, deviations,
        [
            .. Enumerable.Range(0, classes).Select(c => (double[])
                [.. weight.AsSpan(c * width, width).ToArray().Select(value => (double)value), bias[c]]),
        ]);
    }

    /// <summary>The likeliest class of a window.</summary>
    public int Classify(SensorWindow window)
    {
        double[] row = FeaturesOf(window, words, amplitudes);
        int best = 0;
        double most = double.NegativeInfinity;
        for (int c = 0; c < weights.Length; c++)
        {
            double score = weights[c][^1];
            for (int k = 0; k < row.Length; k++) score += weights[c][k] * (row[k] - means[k]) / deviations[k];
            if (score > most) (best, most) = (c, score);
        }

        return best;
    }

    private static double[] FeaturesOf(SensorWindow window, WordBag? words, bool amplitudes) =>
        [.. amplitudes ? AmplitudesOf(window) : [], .. words?.Count(window) ?? []];

    /// <summary>
    /// Logarithms of the spectrum in 20 bins, of the peak and of the mean difference, and what the end is off the beginning; of components
    /// the mean.
    /// </summary>
    private static double[] AmplitudesOf(SensorWindow window)
    {
        var sums = new double[Bins + 3];
        double[][] live = [.. window.Components.Where(values => values.Length > 0)];
        foreach (double[] values in live)
        {
            double mean = values.Average();
            double[] spectrum = Spectrum(values, mean);
            for (int bin = 0; bin < Bins; bin++)
            {
                int from = bin * spectrum.Length / Bins, to = Math.Max(from + 1, (bin + 1) * spectrum.Length / Bins);
                sums[bin] += Math.Log(Least + spectrum[from..to].Average());
            }

            int ends = Math.Min(Ends, values.Length);
            sums[Bins] += Math.Log(Least + values.Max(Math.Abs));
            sums[Bins + 1] += Math.Log(Least + values.Skip(1).Zip(values, (next, value) => Math.Abs(next - value)).Average());
            sums[Bins + 2] += values[^ends..].Average() - values[..ends].Average();
        }

        return [.. sums.Select(sum => sum / live.Length)];
    }

    /// <summary>Magnitudes of the frequencies from the lowest that is none up to half the rate.</summary>
    private static double[] Spectrum(double[] values, double mean)
    {
        var spectrum = new double[Math.Max(Bins, values.Length / 2)];
        for (int k = 0; k < spectrum.Length; k++)
        {
            // Goertzel's recurrence: one cosine a frequency.
            double turn = 2 * Math.PI * (k + 1) / values.Length, twice = 2 * Math.Cos(turn), last = 0, before = 0;
            foreach (double value in values) (last, before) = (value - mean + (twice * last) - before, last);
            spectrum[k] = Math.Sqrt(Math.Max(0, (last * last) + (before * before) - (twice * last * before)));
        }

        return spectrum;
    }
}
