using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Perceptual;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What the autoencoder is trained with; the official values where left out.</summary>
public sealed record VqLossConfig
{
    /// <summary>The step from which the discriminator counts.</summary>
    public long DiscriminatorStart { get; init; }

    /// <summary>Steps from there over which its weight for the autoencoder rises; 0, as officially, for all of it at once.</summary>
    public long DiscriminatorRamp { get; init; }

    /// <summary>Layers of the discriminator that halve the picture.</summary>
    public int DiscriminatorLayers { get; init; } = 3;

    /// <summary>Channels that the discriminator sees, a condition's among them.</summary>
    public int DiscriminatorChannels { get; init; } = 3;

    /// <summary>Channels of the discriminator's first layer.</summary>
    public int DiscriminatorWidth { get; init; } = 64;

    /// <summary>Learnt scales in the discriminator instead of batch norms.</summary>
    public bool ActNorm { get; init; }

    /// <summary>How much the game counts, for both players.</summary>
    public double DiscriminatorFactor { get; init; } = 1;

    /// <summary>How much the game counts for the autoencoder, beside the balance of gradients.</summary>
    public double DiscriminatorWeight { get; init; } = 1;

    /// <summary>How much the codebook's loss counts.</summary>
    public double CodebookWeight { get; init; } = 1;

    /// <summary>How much LPIPS counts beside absolute differences.</summary>
    public double PerceptualWeight { get; init; } = 1;

    /// <summary>The discriminator's loss; its half is taken.</summary>
    public GanLoss Game { get; init; } = GanLoss.Hinge;
}

/// <summary>What the autoencoder's loss is made of, each <c>()</c>.</summary>
/// <param name="Loss">What is minimised.</param>
/// <param name="Likelihood">Mean absolute difference and LPIPS; off the tape.</param>
/// <param name="Adversarial">How well the discriminator sees through it; off the tape.</param>
/// <param name="Balance">How much the adversarial part counts, before its start too; off the tape.</param>
public sealed record VqLossTerms(Tensor Loss, Tensor Likelihood, Tensor Adversarial, Tensor Balance) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Loss, Likelihood, Adversarial, Balance];
}

/// <summary>
/// Pixels, LPIPS, the codebook and a patch discriminator whose gradient at the decoder's last layer is brought to the others' size.
/// 2012.09841 equations 5 to 7; CompVis/taming-transformers@3ba01b2 vqperceptual.py.
/// </summary>
public sealed partial class VqLoss : Module
{
    private const double LargestBalance = 1e4;
    private const double Epsilon = 1e-4;
    private readonly VqLossConfig config;

    /// <summary>LPIPS's weights are yet to be loaded.</summary>
    public VqLoss(VqLossConfig config)
    {
        this.config = config;
        Discriminator = new PatchDiscriminator(
            config.DiscriminatorChannels, config.DiscriminatorWidth, config.DiscriminatorLayers, config.ActNorm);
        PerceptualLoss = config.PerceptualWeight > 0 ? new Lpips() : null;
    }

    /// <summary>LPIPS, frozen; null where it does not count.</summary>
    public Lpips? PerceptualLoss { get; }

    /// <summary>The other player.</summary>
    public PatchDiscriminator Discriminator { get; }

    /// <summary>The autoencoder's loss.</summary>
    /// <param name="pictures"><c>(N, 3, H, W)</c> in [-1, 1].</param>
    /// <param name="reconstructions">Of the same shape, on the tape.</param>
    /// <param name="codebookLoss">The quantiser's, <c>()</c>.</param>
    /// <param name="lastWeight">The decoder's last weight.</param>
    /// <param name="step">Of the training, from 0.</param>
    /// <param name="condition">What the discriminator sees beside the picture, <c>(N, C, H, W)</c>.</param>
    public VqLossTerms OfAutoencoder(
        Tensor pictures, Tensor reconstructions, Tensor codebookLoss, Parameter lastWeight, long step, Tensor? condition = null)
    {
        using var scope = new TensorScope();
        var likelihood = Likelihood(pictures, reconstructions);
        var adversarial = -Judge(reconstructions, condition).Mean();
        var balance = Balance(likelihood, adversarial, lastWeight) * config.DiscriminatorWeight;
        var loss = likelihood + (adversarial * balance * (Factor(step) * Rise(step))) + (codebookLoss * config.CodebookWeight);
        return scope.Keep(new VqLossTerms(loss, likelihood.Detach(), adversarial.Detach(), balance));
    }

    /// <summary>The discriminator's loss, <c>()</c>; 0 before its start.</summary>
    public Tensor OfDiscriminator(Tensor pictures, Tensor reconstructions, long step, Tensor? condition = null)
    {
        using var scope = new TensorScope();
        var real = Judge(pictures.Detach(), condition?.Detach());
        var fake = Judge(reconstructions.Detach(), condition?.Detach());
        return scope.Keep(OfDiscriminator(config.Game, real, fake) * Factor(step));
    }

    /// <summary>Half of a game's loss of judgements: with <see cref="GanLoss.NonSaturating"/> the released code's "vanilla" form.</summary>
    public static Tensor OfDiscriminator(GanLoss game, Tensor real, Tensor fake)
    {
        using var scope = new TensorScope();
        return scope.Keep(game.OfDiscriminator(real, fake) * 0.5);
    }

    /// <summary>
    /// A segmentation autoencoder's loss: cross-entropy of one-hot maps <c>(N, labels, H, W)</c> and the codebook's; <c>()</c>.
    /// </summary>
    public static Tensor OfSegmentation(Tensor logits, Tensor labels, Tensor codebookLoss, double codebookWeight = 1)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.BinaryCrossEntropyWithLogits(logits, labels) + (codebookLoss * codebookWeight));
    }

    /// <summary>Mean absolute difference and LPIPS, <c>()</c>.</summary>
    public Tensor Likelihood(Tensor pictures, Tensor reconstructions)
    {
        using var scope = new TensorScope();
        var pixels = (pictures - reconstructions).Abs().Mean();
        if (PerceptualLoss is not { } looks) return scope.Keep(pixels);
        return scope.Keep(pixels + (looks.Call(pictures, reconstructions).Mean() * config.PerceptualWeight));
    }

    private double Rise(long step) => Math.Min(1, (step - config.DiscriminatorStart + 1) / Math.Max(1.0, config.DiscriminatorRamp));

    private double Factor(long step) => step < config.DiscriminatorStart ? 0 : config.DiscriminatorFactor;

    private Tensor Judge(Tensor pictures, Tensor? condition) =>
        Discriminator.Call(condition is null ? pictures : Tensor.Cat([pictures, condition], 1));

    /// <summary>By how much the likelihood's gradient at the last layer is larger; 0 where there is no tape.</summary>
    private static Tensor Balance(Tensor likelihood, Tensor adversarial, Parameter lastWeight)
    {
        if (!likelihood.RequiresGrad || !lastWeight.RequiresGrad) return likelihood.ZerosLike();
        var ofLikelihood = Gradients.Of([likelihood], [lastWeight], retainGraph: true)[0];
        var ofAdversarial = Gradients.Of([adversarial], [lastWeight], retainGraph: true)[0];
        return (ofLikelihood.Norm() / (ofAdversarial.Norm() + Epsilon)).Clamp(0, LargestBalance).Detach();
    }
}
