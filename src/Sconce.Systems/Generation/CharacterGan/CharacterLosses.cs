using Sconce.Adversarial;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>What both players minimise. 1711.11585 §3.2 and 3.3; pix2pixHD_model.py <c>Pix2PixHDModel.forward</c>.</summary>
public static class CharacterLosses
{
    /// <summary>The discriminator's: half of the squared distances to 0 and 1, summed over the scales.</summary>
    /// <param name="real">Of condition and photo.</param>
    /// <param name="fake">Of condition and drawing, cut from the generator's tape.</param>
    public static Tensor Discriminator(ScaleJudgements real, ScaleJudgements fake)
    {
        using var scope = new TensorScope();
        var terms = real.Judgements.Zip(fake.Judgements, GanLoss.LeastSquares.OfDiscriminator);
        return scope.Keep(Sum(terms) / 2);
    }

    /// <summary>The generator's: squared distances to 1, summed over the scales.</summary>
    /// <param name="fake">Of condition and drawing, on the generator's tape.</param>
    public static Tensor Generator(ScaleJudgements fake)
    {
        using var scope = new TensorScope();
        return scope.Keep(Sum(fake.Judgements.Select(GanLoss.LeastSquares.OfGenerator)));
    }

    /// <summary>
    /// How unlike drawing and photo are to the discriminator: absolute differences of all features but the judgements, the layers weighing
    /// four together, averaged over the scales.
    /// </summary>
    /// <param name="real">Of condition and photo; no gradient reaches it.</param>
    /// <param name="fake">Of condition and drawing.</param>
    /// <param name="weight">What the whole counts.</param>
    public static Tensor FeatureMatching(ScaleJudgements real, ScaleJudgements fake, double weight = 10)
    {
        using var scope = new TensorScope();
        double share = 4.0 / (real.Scales[0].Count - 1) / real.Scales.Count;
        var terms = real.Scales.Zip(fake.Scales).SelectMany(scale => scale.First.Zip(scale.Second).SkipLast(1));
        return scope.Keep(Sum(terms.Select(pair => (pair.Second - pair.First.Detach()).Abs().Mean())) * (share * weight));
    }

    private static Tensor Sum(IEnumerable<Tensor> terms) => terms.Aggregate((sum, term) => sum + term);
}
