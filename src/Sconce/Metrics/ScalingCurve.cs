namespace Sconce.Metrics;

/// <summary>What a larger batch buys.</summary>
public enum ScalingRegime
{
    /// <summary>Twice the batch halves the steps.</summary>
    Perfect,

    /// <summary>It saves fewer.</summary>
    Diminishing,

    /// <summary>It saves none: maximal data parallelism.</summary>
    Maximal,
}

/// <summary>Steps to result by batch size; 1811.03600 §4.1.</summary>
public sealed class ScalingCurve
{
    private const double PerfectFrom = 0.8, MaximalUpTo = 0.2;

    /// <summary>A measured curve.</summary>
    /// <param name="batches">Batch sizes, rising.</param>
    /// <param name="steps">Steps to result of each, more than 0.</param>
    /// <exception cref="ArgumentException">Not as many of both, or not in order.</exception>
    public ScalingCurve(IReadOnlyList<double> batches, IReadOnlyList<double> steps)
    {
        if (batches.Count != steps.Count || batches.Count < 2)
            throw new ArgumentException($"{batches.Count} batch sizes and {steps.Count} counts of steps: at least two of each are needed, "
                + $"and as many");
        if (batches[0] <= 0 || batches.Zip(batches.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException("batch sizes must be positive and rise");
        if (steps.Any(count => !(count > 0) || double.IsInfinity(count)))
            throw new ArgumentException("every count of steps must be a positive number: leave out batch sizes that never "
                + "reached the goal");
        (Batches, Steps) = (batches, steps);
    }

    /// <summary>Rising.</summary>
    public IReadOnlyList<double> Batches { get; }

    /// <summary>One a batch size.</summary>
    public IReadOnlyList<double> Steps { get; }

    /// <summary>The slope of -log steps against log batch between neighbours: 1 where scaling is perfect, 0 where a larger batch buys
    /// nothing.</summary>
    public IReadOnlyList<double> Slopes =>
        [.. Enumerable.Range(0, Steps.Count - 1).Select(k => Math.Log(Steps[k] / Steps[k + 1]) / Math.Log(Batches[k + 1] / Batches[k]))];

    /// <summary>The steps that there would be if scaling stayed perfect from the smallest batch on.</summary>
    public IReadOnlyList<double> PerfectScaling => [.. Batches.Select(batch => Steps[0] * Batches[0] / batch)];

    /// <summary>The share of perfect scaling that is reached: 1 for the smallest batch.</summary>
    public IReadOnlyList<double> Efficiency => [.. PerfectScaling.Zip(Steps, (perfect, steps) => perfect / steps)];

    /// <summary>The regime between neighbours: a slope of 0.8 or more is perfect, of 0.2 or less maximal data parallelism.</summary>
    public IReadOnlyList<ScalingRegime> Regimes =>
        [.. Slopes.Select(slope => slope >= PerfectFrom ? ScalingRegime.Perfect : slope <= MaximalUpTo
            ? ScalingRegime.Maximal : ScalingRegime.Diminishing)];

    /// <summary>The slope of the straight line between two batch sizes of the curve.</summary>
    public double Slope(double from, double to) => Math.Log(At(from) / At(to)) / Math.Log(to / from);

    private double At(double batch)
    {
        for (int k = 0; k < Batches.Count; k++)
        {
            if (Batches[k] == batch) return Steps[k];
        }

        throw new ArgumentException($"the curve has no batch size {batch}: it has {string.Join(", ", Batches)}");
    }
}
