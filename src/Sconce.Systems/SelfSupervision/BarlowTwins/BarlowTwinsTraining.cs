using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>The official optimiser and schedule; facebookresearch/barlowtwins@8e8d284 main.py.</summary>
public static class BarlowTwinsTraining
{
    /// <summary>The rate of weights at a batch of 256.</summary>
    public const double WeightRate = 0.2;

    /// <summary>The rate of biases and norms at a batch of 256.</summary>
    public const double VectorRate = 0.0048;

    private const double FinalShare = 0.001;

    /// <summary>LARS of momentum 0.9; biases and norms have a rate of their own, no decay and no trust ratio.</summary>
    public static Lars Optimizer(Module model, double weightDecay = 1e-6)
    {
        var groups = ParameterGroup.WeightsAndVectors(model);
        groups[1].RateFactor = VectorRate / WeightRate;
        return new Lars(groups, WeightRate, momentum: 0.9, weightDecay: weightDecay);
    }

    /// <summary>The weights' rate: linear from 0 to 0.2 · batch / 256, then half a cosine down to a thousandth of it.</summary>
    /// <param name="batch">Pictures a step, over all machines.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="epochs">In all.</param>
    /// <param name="warmUpEpochs">Of them, those whose rate rises.</param>
    public static LearningRateSchedule Schedule(int batch, long stepsPerEpoch, int epochs = 1000, int warmUpEpochs = 10)
    {
        double peak = WeightRate * batch / 256;
        long warmUp = warmUpEpochs * stepsPerEpoch, total = epochs * stepsPerEpoch;
        var falling = LearningRateSchedule.Cosine(peak, total - warmUp, peak * FinalShare);
        return new LearningRateSchedule(step => step < warmUp ? peak * step / warmUp : falling.At(step - warmUp));
    }
}
