namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>An example of a stream: features in [-1, 1] with a constant after them, and its class, 0 or 1.</summary>
/// <param name="Features">What is seen.</param>
/// <param name="Label">What is told afterwards.</param>
internal readonly record struct StreamExample(double[] Features, int Label);

/// <summary>Two streams that change under a learner: at once, and little by little.</summary>
internal static class DriftingConcepts
{
    private const int Every = 3000;
    private const double LabelNoise = 0.05;

    // Which feature is added to the first, and the threshold, of each concept in turn.
    private static readonly (int With, double Threshold)[] Concepts = [(1, 8), (2, 9.5), (1, 7), (2, 9)];

    /// <summary>Four concepts after SEA, 3,000 examples each, with 5 % of labels turned.</summary>
    internal static IReadOnlyList<StreamExample> Abrupt(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Concepts.Length * Every).Select(k =>
        {
            double[] x = [10 * random.NextDouble(), 10 * random.NextDouble(), 10 * random.NextDouble()];
            var (with, threshold) = Concepts[k / Every];
            bool isOne = x[0] + x[with] > threshold;
            if (random.NextDouble() < LabelNoise) isOne = !isOne;
            return new StreamExample([.. x.Select(value => (value / 5) - 1), 1], isOne ? 1 : 0);
        })];
    }

    /// <summary>A hyperplane in ten dimensions of which four turn, 12,000 examples.</summary>
    internal static IReadOnlyList<StreamExample> Gradual(int seed)
    {
        const int features = 10;
        var random = new Random(seed);
        var stream = new HyperplaneStream([.. Enumerable.Range(0, features).Select(_ => random.NextDouble())], 4, 0.003);
        var examples = new List<StreamExample>();
        for (int k = 0; k < Concepts.Length * Every; k++)
        {
            double[] x = [.. Enumerable.Range(0, features).Select(_ => random.NextDouble())];
            examples.Add(new StreamExample([.. x.Select(value => (2 * value) - 1), 1], stream.Label(x)));
            stream.Drift(_ => random.NextDouble() < 0.002);
        }

        return examples;
    }
}
