using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Training;

/// <summary>Which second set of weights a player keeps, to evaluate and to ship.</summary>
public enum Averaging
{
    /// <summary>None.</summary>
    None,

    /// <summary>An exponential moving average of every step.</summary>
    Exponential,

    /// <summary>The plain mean of the last epochs (1803.05407).</summary>
    Stochastic,
}

/// <summary>How a <see cref="Player"/>'s weights are averaged.</summary>
public sealed class WeightAveraging
{
    private readonly Func<Module, WeightAverage>? create;

    private WeightAveraging(Averaging kind, Func<Module, WeightAverage>? create) => (Kind, this.create) = (kind, create);

    /// <summary>No average.</summary>
    public static WeightAveraging None { get; } = new(Averaging.None, null);

    /// <summary>Which.</summary>
    public Averaging Kind { get; }

    /// <summary>The first epoch (from 0) whose end counts in a stochastic average; null for the last quarter.</summary>
    public int? From { get; private init; }

    /// <summary>An exponential moving average of every step.</summary>
    /// <param name="decay">What it keeps at each step, in [0, 1).</param>
    /// <param name="warmUp">Whether step t (from 0) keeps <c>min(decay, (1 + t) / (10 + t))</c>.</param>
    /// <param name="averageBuffers">Whether running statistics are averaged too; otherwise they are copied.</param>
    public static WeightAveraging Exponential(double decay = 0.999, bool warmUp = true, bool averageBuffers = false)
    {
        if (decay is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "it must lie in [0, 1)");
        return new WeightAveraging(Averaging.Exponential, network => new ExponentialMovingAverage(network, decay, warmUp, averageBuffers));
    }

    /// <summary>An exponential moving average with a decay of each step.</summary>
    /// <param name="decays">In [0, 1], of steps counted from 0: <c>0.5^(batch / half-life)</c> for StyleGAN's.</param>
    /// <param name="averageBuffers">Whether running statistics are averaged too; otherwise they are copied.</param>
    public static WeightAveraging Exponential(Func<long, double> decays, bool averageBuffers = false) =>
        new(Averaging.Exponential, network => new ExponentialMovingAverage(network, decays, averageBuffers));

    /// <summary>
    /// The plain mean of the weights at the ends of epochs; batch norms get statistics of their own for it when the run ends, and only then
    /// it is evaluated.
    /// </summary>
    /// <param name="from">The first epoch (from 0) that counts; null for the last quarter.</param>
    public static WeightAveraging Stochastic(int? from = null) =>
        new(Averaging.Stochastic, network => new StochasticWeightAverage(network)) { From = from };

    internal WeightAverage? Create(Module network) => create?.Invoke(network);
}
