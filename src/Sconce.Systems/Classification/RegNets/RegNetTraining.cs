using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.Classification.RegNets;

/// <summary>How the paper trains its final networks on ImageNet; 2003.13678 §5 and appendix, and torchvision's first recipe.</summary>
public static class RegNetTraining
{
    /// <summary>Passes over the training set.</summary>
    public const int Epochs = 100;

    /// <summary>Of them, the first with a rising rate.</summary>
    public const int WarmUpEpochs = 5;

    /// <summary>SGD of momentum 0.9 and decay 5e-5; the rate is 0.8 for 1,024 pictures.</summary>
    public static Sgd Optimizer(Module network, int batch) => new(network.Parameters(), PeakRate(batch), momentum: 0.9, weightDecay: 5e-5);

    /// <summary>The rate of each step: linear warm-up, then a cosine to 0.</summary>
    public static LearningRateSchedule Schedule(int batch, long stepsPerEpoch, int epochs = Epochs) =>
        LearningRateSchedule.Cosine(PeakRate(batch), stepsPerEpoch * (epochs - WarmUpEpochs)).WithWarmUp(stepsPerEpoch * WarmUpEpochs);

    private static double PeakRate(int batch) => 0.8 * batch / 1024;
}
