using Sconce.Nn.Backbones;
using Sconce.Optim;

namespace Sconce.Systems.Classification.Vit;

/// <summary>The paper's two recipes; 2010.11929 §4.1, appendix B.1, table 3.</summary>
public static class VitTraining
{
    /// <summary>The largest norm of all gradients together, in both.</summary>
    public const double ClipNorm = 1;

    /// <summary>The parameters in two groups: those that decay, and biases, norms, class token and positions, which in timm do
    /// not.</summary>
    public static ParameterGroup[] Groups(VisionTransformer network)
    {
        var spared = network.WithoutDecay.ToHashSet();
        return ParameterGroup.WeightsAndVectors(network, (_, parameter) => parameter.Dimensions <= 1 || spared.Contains(parameter));
    }

    /// <summary>Pre-training: Adam with L2-free decay 0.1 (ImageNet-1k: 0.3; 21k: 0.03), β 0.9 and 0.999, for batches of 4096.</summary>
    /// <param name="network">Whose parameters.</param>
    /// <param name="rate">8e-4 for B/16, 3e-4 for L and H on JFT.</param>
    /// <param name="decay">By the data set.</param>
    public static AdamW PreTraining(VisionTransformer network, double rate = 8e-4, double decay = 0.1) =>
        new(Groups(network), rate, weightDecay: decay);

    /// <summary>Pre-training's schedule: 10,000 steps of linear warm-up, then linearly or by a cosine to 0.</summary>
    public static LearningRateSchedule PreTrainingSchedule(double rate, long steps, long warmUp = 10_000, bool linear = false) =>
        (linear ? LearningRateSchedule.Linear(rate, 0, Math.Max(1, steps - warmUp))
            : LearningRateSchedule.Cosine(rate, Math.Max(1, steps - warmUp))).WithWarmUp(warmUp);

    /// <summary>Fine-tuning: SGD with momentum 0.9 and no decay, for batches of 512.</summary>
    /// <param name="network">Whose parameters.</param>
    /// <param name="rate">The best of 0.003, 0.01, 0.03 and 0.06.</param>
    public static Sgd FineTuning(VisionTransformer network, double rate) => new(network.Parameters(), rate, momentum: 0.9);

    /// <summary>Fine-tuning's schedule: 500 steps of linear warm-up, then a cosine to 0; 20,000 steps on ImageNet, 10,000 on
    /// CIFAR.</summary>
    public static LearningRateSchedule FineTuningSchedule(double rate, long steps, long warmUp = 500) =>
        LearningRateSchedule.Cosine(rate, Math.Max(1, steps - warmUp)).WithWarmUp(warmUp);
}
