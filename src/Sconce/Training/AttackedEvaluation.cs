using Sconce.Adversarial;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>How pictures are attacked.</summary>
public enum AttackKind
{
    /// <summary>One step of the gradient's sign; 1412.6572.</summary>
    Fgsm,

    /// <summary>Small steps of sign, held in a box; 1706.06083.</summary>
    Pgd,
}

/// <summary>An attack.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Epsilon">The most by which a pixel changes, of the range [0, 1].</param>
/// <param name="Steps">Of the gradient, where there are several; each is half of <paramref name="Epsilon"/>.</param>
public sealed record PictureAttack(AttackKind Kind, double Epsilon = 0.02, int Steps = 5)
{
    /// <summary>As it is typed.</summary>
    public string Name => Kind == AttackKind.Fgsm ? "fgsm" : "pgd";
}

/// <summary>Asks a classifier about pictures, about the same with random signs added, and about the same under attack.</summary>
public static class AttackedEvaluation
{
    /// <summary>Accuracy and loss of the three.</summary>
    /// <param name="network"><c>(N, 3, H, W) -> (N, classes)</c> of normalised pictures; it is left in evaluation.</param>
    /// <param name="preprocessing">How the pictures of <paramref name="batches"/> were normalised.</param>
    /// <param name="batches">With labels.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="attack">Which.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="progress">Told after each batch how many are done.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    public static (ClassificationMetrics Plain, ClassificationMetrics Random, ClassificationMetrics Attacked) Run(
        Module<Tensor, Tensor> network, ImagePreprocessing preprocessing, IBatchSource<ImageBatch> batches, int classes,
        PictureAttack attack, Device device, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ClassificationMetrics plain = new(classes), random = new(classes), attacked = new(classes);
        using var generator = new Generator(0);
        using var held = new TensorScope();
        var mean = Tensor.From(preprocessing.Mean.ToArray(), [3, 1, 1]).To(device);
        var deviation = Tensor.From(preprocessing.Std.ToArray(), [3, 1, 1]).To(device);
        network.Eval();
        network.RequireGrad(false);
        int done = 0;
        ClassifierEvaluation.Each(
            batches,
            batch =>
            {
                var labels = batch.Labels ?? throw new TrainingException("a batch without labels cannot be evaluated");
                var right = labels.To(device);
                Tensor Logits(Tensor pictures) => network.Call((pictures - mean) / deviation).Float();
                var sign = new SignAttack(pictures => Functional.CrossEntropy(Logits(pictures), right, reduction: Reduction.Sum));
                var pictures = (batch.Images.To(device) * deviation) + mean;
                plain.Add(Logits(pictures), labels);
                random.Add(Logits(SignAttack.RandomSigns(pictures, attack.Epsilon, generator)), labels);
                attacked.Add(Logits(attack.Kind == AttackKind.Fgsm
                    ? sign.FastGradientSign(pictures, attack.Epsilon)
                    : sign.Projected(pictures, attack.Epsilon, attack.Epsilon / 2, attack.Steps)), labels);
                progress?.Invoke(++done);
            },
            cancellation);
        return (plain, random, attacked);
    }
}
