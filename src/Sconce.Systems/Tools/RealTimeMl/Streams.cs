namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// SEA concepts: whether the first two of three features in [0, 10) sum to more than a threshold; Street and Kim 2001, river's sea.py.
/// </summary>
public static class SeaStream
{
    /// <summary>The thresholds of the four concepts.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [8, 9, 7, 9.5];

    /// <summary>1 above the threshold, else 0.</summary>
    public static int Label(ReadOnlySpan<double> features, double threshold) => features[0] + features[1] > threshold ? 1 : 0;
}

/// <summary>
/// A hyperplane that turns: some of its weights drift, and now and then change direction; Hulten et al. 2001, river's hyper_plane.py.
/// </summary>
/// <param name="weights">At the start; a copy is turned.</param>
/// <param name="drifting">How many of the first weights drift.</param>
/// <param name="change">By how much at each example.</param>
public sealed class HyperplaneStream(ReadOnlySpan<double> weights, int drifting, double change)
{
    private readonly double[] weights = weights.ToArray();
    private readonly double[] directions = [.. Enumerable.Repeat(1.0, drifting)];

    /// <summary>As they are now.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>1 on the upper side, else 0: features in [0, 1] are compared with half the weights' sum.</summary>
    public int Label(ReadOnlySpan<double> features)
    {
        double sum = 0, whole = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            sum += weights[k] * features[k];
            whole += weights[k];
        }

        return sum >= 0.5 * whole ? 1 : 0;
    }

    /// <summary>Turns on after an example.</summary>
    /// <param name="turns">Whether a drifting weight's direction changes after this turn.</param>
    public void Drift(Func<int, bool> turns)
    {
        for (int k = 0; k < directions.Length; k++)
        {
            weights[k] += directions[k] * change;
            if (turns(k)) directions[k] = -directions[k];
        }
    }
}
