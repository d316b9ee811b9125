using Sconce.Adversarial;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// What painter and discriminator minimise, beside <see cref="Nn.Perceptual.Vgg19Loss"/>. models/networks/loss.py, models/pix2pix_model.py.
/// </summary>
public static class SpadeLosses
{
    /// <summary>Hinge losses, averaged over the scales.</summary>
    public static Tensor Discriminator(SpadeJudgements real, SpadeJudgements fake)
    {
        using var scope = new TensorScope();
        return scope.Keep(Mean(real.Scales.Zip(fake.Scales, (first, second) => GanLoss.Hinge.OfDiscriminator(first[^1], second[^1]))));
    }

    /// <summary>The negative judgement, averaged over the scales.</summary>
    public static Tensor Generator(SpadeJudgements fake)
    {
        using var scope = new TensorScope();
        return scope.Keep(Mean(fake.Scales.Select(features => GanLoss.Hinge.OfGenerator(features[^1]))));
    }

    /// <summary>Absolute differences of all features but the judgements, summed over layers, averaged over scales.</summary>
    /// <param name="real">No gradient reaches it.</param>
    /// <param name="fake">On the painter's tape.</param>
    /// <param name="weight">What the whole counts.</param>
    public static Tensor FeatureMatching(SpadeJudgements real, SpadeJudgements fake, double weight = 10)
    {
        using var scope = new TensorScope();
        var scales = real.Scales.Zip(fake.Scales, (first, second) => first.Zip(second).SkipLast(1)
            .Select(pair => (pair.Second - pair.First.Detach()).Abs().Mean()).Aggregate((sum, term) => sum + term));
        return scope.Keep(Mean(scales) * weight);
    }

    private static Tensor Mean(IEnumerable<Tensor> terms) => Tensor.Stack([.. terms]).Mean();
}
