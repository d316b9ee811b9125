using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>How the released networks were trained on ImageNet; liyunsheng13/micronet@ed89b26 scripts and main.py.</summary>
public static class MicroNetTraining
{
    /// <summary>Passes over the training set.</summary>
    public const int Epochs = 600;

    /// <summary>SGD of momentum 0.9; the rate is 0.2 for 512 pictures.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="batch">Pictures a step, over all machines.</param>
    /// <param name="weightDecay">3e-5 for M0 to M2, 4e-5 for M3.</param>
    public static Sgd Optimizer(Module network, int batch, double weightDecay = 3e-5) => new(network.Parameters(), PeakRate(batch), momentum: 0.9, weightDecay: weightDecay);

    /// <summary>The rate of each step: a cosine to 0.</summary>
    /// <param name="batch">Pictures a step.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="warmUpEpochs">5 for M3.</param>
    /// <param name="epochs">In all, warm-up included.</param>
    public static LearningRateSchedule Schedule(int batch, long stepsPerEpoch, int warmUpEpochs = 0, int epochs = Epochs)
    {
        var cosine = LearningRateSchedule.Cosine(PeakRate(batch), stepsPerEpoch * (epochs - warmUpEpochs));
        return warmUpEpochs > 0 ? cosine.WithWarmUp(stepsPerEpoch * warmUpEpochs) : cosine;
    }

    private static double PeakRate(int batch) => 0.2 * batch / 512;
}
