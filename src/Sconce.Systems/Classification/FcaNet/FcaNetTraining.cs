using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>How the paper trains on ImageNet; 2012.11879 §4.1, cfzd/FcaNet@aa5fb63 main.py and utils/utils.py.</summary>
public static class FcaNetTraining
{
    /// <summary>Passes over the training set.</summary>
    public const int Epochs = 100;

    /// <summary>Of them, the first with a rising rate.</summary>
    public const int WarmUpEpochs = 5;

    /// <summary>SGD of momentum 0.9; everything decays by 1e-4, norms and biases too.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="batch">Pictures a step, over all machines: the rate is 0.1 for 256 of them.</param>
    public static Sgd Optimizer(Module network, int batch) => new(network.Parameters(), PeakRate(batch), momentum: 0.9, weightDecay: 1e-4);

    /// <summary>The rate of each step: linear warm-up, then a cosine to 0 whose steps count from the warm-up's end.</summary>
    /// <param name="batch">Pictures a step.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="epochs">In all, warm-up included.</param>
    public static LearningRateSchedule Schedule(int batch, long stepsPerEpoch, int epochs = Epochs) =>
        LearningRateSchedule.Cosine(PeakRate(batch), stepsPerEpoch * (epochs - WarmUpEpochs)).WithWarmUp(stepsPerEpoch * WarmUpEpochs);

    /// <summary>Cross-entropy against labels of which a tenth is spread over all classes: <c>(N, classes), (N) -> ()</c>.</summary>
    public static Tensor Loss(Tensor logits, Tensor labels) => Functional.CrossEntropy(logits, labels, labelSmoothing: 0.1);

    private static double PeakRate(int batch) => 0.1 * batch / 256;
}
