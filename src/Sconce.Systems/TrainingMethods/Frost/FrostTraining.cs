using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>The official optimiser, schedule and average; MLDL/FROST@a397f08 PT-FROST/frost.py.</summary>
public static class FrostTraining
{
    /// <summary>SGD of Nesterov momentum 0.9; what has one dimension does not decay.</summary>
    public static Sgd Optimizer(Module network, double rate = 0.03, double momentum = 0.9, double weightDecay = 5e-4) =>
        new(ParameterGroup.WeightsAndVectors(network), rate, momentum: momentum, nesterov: true, weightDecay: weightDecay);

    /// <summary>The rate of each step: <c>lr · cos(7πk / 16K)</c>, which ends at a fifth of the first.</summary>
    public static LearningRateSchedule Schedule(double rate, long steps) => new(step => rate * Math.Cos(7 * Math.PI * step / (16 * steps)));

    /// <summary>The average that is evaluated and that chooses new labels: decay 0.999, less at first.</summary>
    public static ExponentialMovingAverage Average(Module network, double decay = 0.999) => new(network, decay, warmUp: true);
}
