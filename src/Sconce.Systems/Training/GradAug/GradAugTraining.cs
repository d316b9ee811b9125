using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.Training.GradAug;

/// <summary>One released configuration of training; taoyang1122/GradAug@bae97ea configs/*.yml.</summary>
/// <param name="Regularizer">The smaller networks.</param>
/// <param name="Batch">Pictures a step.</param>
/// <param name="Epochs">Passes over the training set.</param>
/// <param name="Rate">At the start.</param>
/// <param name="WeightDecay">Of everything.</param>
public sealed record GradAugTraining(GradAugRegularizer Regularizer, int Batch, int Epochs, double Rate, double WeightDecay)
{
    private static readonly int[] Small = [32, 28, 24];

    /// <summary>ResNet-50 on ImageNet.</summary>
    public static GradAugTraining ResNet50 { get; } = new(new GradAugRegularizer(0.9, [224, 192, 160, 128]), 256, 120, 0.2, 1e-4);

    /// <summary>WideResNet-28-10 on CIFAR-100.</summary>
    public static GradAugTraining WideResNet28 { get; } = new(new GradAugRegularizer(0.8, Small), 128, 200, 0.1, 5e-4);

    /// <summary>PyramidNet-200 on CIFAR-100; its rate falls tenfold at half and at three quarters.</summary>
    public static GradAugTraining PyramidNet200 { get; } = new(new GradAugRegularizer(0.8, Small), 64, 300, 0.25, 1e-4) { Steps = true };

    /// <summary>ResNet-110 by random depth; the widths only say that a network is a smaller one.</summary>
    public static GradAugTraining RandomDepth110 { get; } = new(new GradAugRegularizer(0.5, Small), 128, 200, 0.1, 1e-4);

    /// <summary>Whether the rate falls in two steps instead of by a cosine.</summary>
    public bool Steps { get; init; }

    /// <summary>SGD of Nesterov momentum 0.9.</summary>
    public Sgd Optimizer(Module network) => new(network.Parameters(), Rate, momentum: 0.9, nesterov: true, weightDecay: WeightDecay);

    /// <summary>The rate of each step.</summary>
    public LearningRateSchedule Schedule(long stepsPerEpoch) => Steps
        ? LearningRateSchedule.MultiStep(Rate, [stepsPerEpoch * Epochs / 2, stepsPerEpoch * Epochs * 3 / 4])
        : LearningRateSchedule.Cosine(Rate, stepsPerEpoch * Epochs);
}
