namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// Logistic regression that learns from one example after the other; of more than two classes, one against the rest each. Its steps shrink
/// as examples come, 0.5 / √(1 + 0.05 n), until they are told to begin anew.
/// </summary>
/// <param name="classes">2 at least.</param>
/// <param name="leastRate">No step is smaller; 0 for a rate that goes on shrinking.</param>
public sealed class OnlineLogistic(int classes, double leastRate = 0)
{
    private const double FirstRate = 0.5, Shrinking = 0.05;

    private readonly double[][] weights = [.. Enumerable.Range(0, classes == 2 ? 1 : classes).Select(_ => Array.Empty<double>())];
    private long seen;

    /// <summary>Classes that there are.</summary>
    public int Classes => classes;

    /// <summary>The size of the next step.</summary>
    public double Rate => Math.Max(leastRate, FirstRate / Math.Sqrt(1 + (Shrinking * seen)));

    /// <summary>The probability of each class. It learns nothing.</summary>
    /// <param name="features">May be more than at the last example: what is new weighs nothing yet.</param>
    public double[] Predict(ReadOnlySpan<double> features)
    {
        var scores = new double[weights.Length];
        for (int k = 0; k < scores.Length; k++) scores[k] = Sigmoid(Score(weights[k], features));
        if (classes == 2) return [1 - scores[0], scores[0]];
        double sum = Math.Max(scores.Sum(), 1e-12);
        return [.. scores.Select(score => score / sum)];
    }

    /// <summary>Takes a step towards an example's class.</summary>
    public void Learn(ReadOnlySpan<double> features, int label)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)classes, nameof(label));
        double rate = Rate;
        for (int k = 0; k < weights.Length; k++)
        {
            if (weights[k].Length < features.Length) Array.Resize(ref weights[k], features.Length);
            double target = (classes == 2 ? label == 1 : label == k) ? 1 : 0;
            double step = rate * (target - Sigmoid(Score(weights[k], features)));
            for (int place = 0; place < features.Length; place++) weights[k][place] += step * features[place];
        }

        seen++;
    }

    /// <summary>What was learnt, for a file.</summary>
    internal LearnerMemory Remember() => new(seen, weights);

    /// <summary>Goes on from another's; of two classes one row of weights speaks for both, until there are more.</summary>
    internal void Recall(LearnerMemory memory)
    {
        seen = memory.Seen;
        double[][] known = memory.Weights.Length == 1 && weights.Length > 1
            ? [[.. memory.Weights[0].Select(weight => -weight)], memory.Weights[0]]
            : memory.Weights;
        known.CopyTo(weights, 0);
    }

    /// <summary>Steps become as large as at first: what was learnt is kept, and soon overwritten where the world has changed.</summary>
    public void BeginAnew() => seen = 0;

    private static double Score(double[] weights, ReadOnlySpan<double> features)
    {
        double sum = 0;
        for (int place = 0; place < Math.Min(weights.Length, features.Length); place++) sum += weights[place] * features[place];
        return sum;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
