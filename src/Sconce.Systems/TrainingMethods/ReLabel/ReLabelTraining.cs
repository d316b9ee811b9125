using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>How the rate falls after the warm-up.</summary>
public enum ReLabelDecay
{
    /// <summary>Half a cosine to 0.</summary>
    Cosine,

    /// <summary>Straight to 0.</summary>
    Linear,

    /// <summary>A tenth every 30 epochs, counted from the beginning.</summary>
    Steps,
}

/// <summary>The official recipe; naver-ai/relabel_imagenet@3d4824f configs, utils/optimizers.py.</summary>
public static class ReLabelTraining
{
    /// <summary>Passes over the data.</summary>
    public const int Epochs = 300;

    /// <summary>At the end of a run with CutMix, the epochs without it.</summary>
    public const int EpochsWithoutCutMix = 5;

    /// <summary>The greatest rate at a batch of 1,024.</summary>
    public const double PeakRate = 0.1;

    /// <summary>SGD with Nesterov's momentum of 0.9 and a decay of 1e-4 on everything. (The run with CutMix takes AdamP at 2e-3.)</summary>
    public static Sgd Optimizer(Module network) => new(network.Parameters(), PeakRate, momentum: 0.9, nesterov: true, weightDecay: 1e-4);

    /// <summary>The rate of each step: straight from <paramref name="start"/> to the peak, then down; the decay counts its steps from the
    /// warm-up's end.</summary>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="epochs">In all.</param>
    /// <param name="warmUpEpochs">Of them, those whose rate rises.</param>
    /// <param name="peak">The greatest rate.</param>
    /// <param name="start">The rate of the first step.</param>
    /// <param name="decay">How it falls.</param>
    public static LearningRateSchedule Schedule(long stepsPerEpoch, int epochs = Epochs, int warmUpEpochs = 5, double peak = PeakRate,
        double start = 0, ReLabelDecay decay = ReLabelDecay.Cosine)
    {
        long warmUp = warmUpEpochs * stepsPerEpoch, rest = epochs * stepsPerEpoch - warmUp;
        if (decay == ReLabelDecay.Steps) return LearningRateSchedule.Step(peak, 30 * stepsPerEpoch).WithWarmUpInside(warmUp, start);
        return (decay == ReLabelDecay.Cosine
            ? LearningRateSchedule.Cosine(peak, rest) : LearningRateSchedule.Linear(peak, 0, rest)).WithWarmUp(warmUp, start);
    }

    /// <summary>A labelled crop of 8 to 100 % of the area, flip (which pooling does not see), colours, light. For the first epochs follow
    /// it with <see cref="CutMix"/> where asked.</summary>
    /// <param name="maps">The pictures' maps.</param>
    /// <param name="size">The crops' side, in pixels.</param>
    /// <param name="classes">How many there are.</param>
    public static Pipeline Augmentation(ILabelMapSource maps, int size = 224, int classes = 1000) =>
    [
        new ReLabelCrop(new RandomResizedCrop(size), maps, classes),
        new RandomHorizontalFlip(),
        new ColorJitter(0.4, 0.4, 0.4),
        new ColorLighting(0.1),
    ];
}
