using Sconce.Adversarial;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>
/// Augmentation of features by the discriminator's own gradient (AdvAug): each loss is the mean over a feature and over its perturbed twin.
/// 2103.00397 §3.3; VITA-Group/Ultra-Data-Efficient-GAN-Training@9a9a8df7 SNGAN/functions_adv.py.
/// </summary>
public sealed class AdversarialFeatures
{
    /// <summary>How far each number of a feature moves in a step.</summary>
    public double Distance { get; init; } = 0.01;

    /// <summary>Steps.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>
    /// Moves features by the sign of the gradient of the mean judgement, always upwards as the official code has it, for real examples too.
    /// Gradients pass to the features as if nothing had moved; parameters get none.
    /// </summary>
    /// <param name="judge">From features to numbers; it is run once a step, in the mode that it is in.</param>
    /// <param name="features">Of any shape.</param>
    public Tensor Perturb(Func<Tensor, Tensor> judge, Tensor features)
    {
        using var scope = new TensorScope();
        var moved = features.Detach().Clone();
        for (int step = 0; step < Steps; step++)
        {
            using var inner = new TensorScope();
            using var recording = Gradients.On();
            var place = moved.Detach();
            place.RequiresGrad = true;
            var gradient = Gradients.Of([judge(place).Mean()], [place])[0];
            using var noGrad = Gradients.Off();
            moved.AddInPlace(gradient.Sign(), Distance);
        }

        return scope.Keep(features + (moved - features).Detach());
    }

    /// <summary>
    /// The discriminator's loss: its terms of features and of their twins, halved. The features before the last layer are moved.
    /// </summary>
    /// <param name="loss">The game; the paper's is the hinge.</param>
    /// <param name="discriminator">In training; its calls move the power iteration in the official order.</param>
    /// <param name="real">Real examples.</param>
    /// <param name="fake">The generator's, off its tape.</param>
    /// <returns>The loss <c>()</c>, and the judgements of the twins, off the tape.</returns>
    public (Tensor Loss, Tensor Real, Tensor Fake) OfDiscriminator(
        GanLoss loss, ISplitDiscriminator discriminator, Tensor real, Tensor fake)
    {
        using var scope = new TensorScope();
        var (cleanReal, movedReal) = Both(discriminator, real);
        var (cleanFake, movedFake) = Both(discriminator, fake);
        var both = (loss.OfDiscriminator(cleanReal, cleanFake) + loss.OfDiscriminator(movedReal, movedFake)) / 2;
        return scope.Keep((both, movedReal.Detach(), movedFake.Detach()));
    }

    /// <summary>The generator's loss: its terms of pictures painted from first maps and from their twins, halved.</summary>
    /// <param name="loss">The game; the paper's is the hinge.</param>
    /// <param name="generator">In training: its batch norms see the passes of the perturbation too.</param>
    /// <param name="judge">The discriminator, with its augmentation.</param>
    /// <param name="z">Latents.</param>
    /// <returns>The loss <c>()</c>, and the judgements of the twins, off the tape.</returns>
    public (Tensor Loss, Tensor Fake) OfGenerator(GanLoss loss, ISplitGenerator generator, Func<Tensor, Tensor> judge, Tensor z)
    {
        using var scope = new TensorScope();
        var map = generator.FirstMap(z);
        var twin = Perturb(place => judge(generator.Paint(place)), map);
        var clean = judge(generator.Paint(map));
        var moved = judge(generator.Paint(twin));
        return scope.Keep(((loss.OfGenerator(clean) + loss.OfGenerator(moved)) / 2, moved.Detach()));
    }

    private (Tensor Clean, Tensor Moved) Both(ISplitDiscriminator discriminator, Tensor examples)
    {
        var features = discriminator.Features(examples);
        var twins = Perturb(discriminator.Judge, features);
        return (discriminator.Judge(features), discriminator.Judge(twins));
    }
}
