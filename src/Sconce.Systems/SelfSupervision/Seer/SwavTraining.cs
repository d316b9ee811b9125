using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>Optimiser, schedule and views of the official code; facebookresearch/swav@06b1b7c main_swav.py,
/// src/multicropdataset.py.</summary>
public static class SwavTraining
{
    /// <summary>The peak rate at a batch of 4,096.</summary>
    public const double PeakRate = 4.8;

    /// <summary>Steps with frozen prototypes at a batch of 4,096: one epoch of ImageNet.</summary>
    public const int FrozenSteps = 313;

    /// <summary>The deviations by which SwAV's pre-training divides channels; 0.228 is the official code's.</summary>
    public static IReadOnlyList<float> PretrainingStd { get; } = [0.228f, 0.224f, 0.225f];

    /// <summary>SGD of momentum 0.9 in LARC, for biases and norms too.</summary>
    public static Larc Optimizer(Module network, double weightDecay = 1e-6) =>
        new([new ParameterGroup(network.Parameters())], PeakRate, momentum: 0.9, weightDecay: weightDecay,
            trustCoefficient: 0.001, clip: false);

    /// <summary>Straight from <paramref name="start"/> to <paramref name="peak"/>, both reached, then half a cosine that begins at the
    /// peak.</summary>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="epochs">In all.</param>
    /// <param name="warmUpEpochs">Of them, those whose rate rises.</param>
    /// <param name="start">The first rate.</param>
    /// <param name="peak">The greatest.</param>
    /// <param name="final">What the cosine falls to.</param>
    public static LearningRateSchedule Schedule(long stepsPerEpoch, int epochs = 800, int warmUpEpochs = 10, double start = 0.3,
        double peak = PeakRate, double final = 0.0048)
    {
        long warmUp = stepsPerEpoch * warmUpEpochs;
        var falling = LearningRateSchedule.Cosine(peak, stepsPerEpoch * (epochs - warmUpEpochs), final);
        return new LearningRateSchedule(step => step >= warmUp ? falling.At(step - warmUp) : warmUp == 1
            ? start : start + (peak - start) * step / (warmUp - 1));
    }

    /// <summary>Two large and six small crops, flipped, recoloured and blurred, for <see cref="MultiViewRecipe"/> with
    /// <see cref="PretrainingStd"/>. SEER takes four small ones.</summary>
    /// <param name="globalSize">The large crops' side, in pixels.</param>
    /// <param name="localViews">How many small crops.</param>
    /// <param name="localSize">Their side.</param>
    /// <param name="blurred">Whether half of the crops are blurred; of small pictures little would be left.</param>
    public static IReadOnlyList<Augmentation> Views(int globalSize = 224, int localViews = 6, int localSize = 96, bool blurred = true) =>
        MultiCrop.Views(
        [
            new RandomHorizontalFlip(),
            new RandomApply(new ColorJitter(0.8, 0.8, 0.8, 0.2), 0.8),
            new RandomGrayscale(0.2),
            .. blurred ? [new GaussianBlur(0.1, 2, 0.5)] : (Augmentation[])[],
        ],
        globalSize: globalSize,
        localViews: localViews,
        localSize: localSize);
}
