using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>What both players have of one pass through the discriminator.</summary>
/// <param name="Real">The discriminator's loss over real examples, <c>()</c>, or its terms.</param>
/// <param name="Judgements">
/// The discriminator's number of each fake, <c>(N)</c> or <c>(N, 1)</c>: the one thing through which both losses see a fake.
/// </param>
/// <param name="Fake">The discriminator's term of each fake, not averaged.</param>
/// <param name="Generator">The generator's term of each fake, not averaged.</param>
public sealed record OneStageTerms(Tensor Real, Tensor Judgements, Tensor Fake, Tensor Generator);

/// <summary>What one pass came to; off the tape.</summary>
/// <param name="DiscriminatorLoss"><c>()</c></param>
/// <param name="GeneratorLoss"><c>()</c></param>
/// <param name="Ratios">γ of each fake, <c>(N)</c>.</param>
public sealed record OneStageLosses(Tensor DiscriminatorLoss, Tensor GeneratorLoss, Tensor Ratios) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [DiscriminatorLoss, GeneratorLoss, Ratios];
}

/// <summary>
/// Both players' gradients from one forward and one backward pass. Two losses that see a fake only through the discriminator's number p
/// have proportional gradients below p; their ratio is one number for each fake, <c>γ = (∂L_G/∂p) / (∂l_fake/∂p)</c>, so the
/// discriminator's gradient, multiplied by it where it crosses from one network to the other, is the generator's. 2103.00430 §3;
/// zju-vipa/OSGAN@fdfea7e7.
/// </summary>
public static class OneStage
{
    /// <summary>
    /// Adds both players' gradients to the <see cref="Tensor.Grad"/> of their parameters: the discriminator's of <c>mean(Real) +
    /// mean(Fake)</c>, the generator's of <c>mean(Generator)</c>, both with the discriminator as it is now.
    /// </summary>
    /// <param name="fakes">The generator's pictures, on its tape.</param>
    /// <param name="play">
    /// Judges the fakes that it is given, which are <paramref name="fakes"/> cut from the generator's tape, and real examples. Each number
    /// may depend on its own fake alone: see <see cref="Verify"/>. Augmentations of the fakes belong inside.
    /// </param>
    /// <exception cref="ArgumentException">A loss is averaged already, or does not depend on the judgements.</exception>
    public static OneStageLosses Backward(Tensor fakes, Func<Tensor, OneStageTerms> play)
    {
        using var scope = new TensorScope();
        using var crossing = OneStageCrossing.Of(fakes, play);
        Gradients.Backward([crossing.Loss]);
        if (fakes.RequiresGrad) Gradients.Backward([fakes], [crossing.Gradient()]);
        return scope.Keep(new OneStageLosses(crossing.Loss.Detach(), crossing.GeneratorLoss.Clone(), crossing.Ratios.Clone()));
    }

    /// <summary>The same with a loss of the catalogue.</summary>
    /// <param name="loss">The game.</param>
    /// <param name="fakes">The generator's pictures, on its tape.</param>
    /// <param name="judge">The discriminator, with its augmentation.</param>
    /// <param name="real">Real examples.</param>
    public static OneStageLosses Backward(GanLoss loss, Tensor fakes, Func<Tensor, Tensor> judge, Tensor real) =>
        Backward(fakes, crossing => Terms(loss, judge(crossing), judge(real)));

    /// <summary>What a loss of the catalogue has of judgements, each of any shape.</summary>
    public static OneStageTerms Terms(GanLoss loss, Tensor fake, Tensor real)
    {
        using var scope = new TensorScope();
        var terms = new OneStageTerms(loss.Real(real).Mean(), fake, loss.Fake(fake), loss.Generator(fake));
        scope.Keep<Tensor[]>([terms.Real, terms.Fake, terms.Generator]);
        return terms;
    }

    /// <summary>γ of each fake, <c>(N)</c>, off the tape; 0 where the discriminator's loss is flat.</summary>
    /// <exception cref="ArgumentException">A loss is averaged already, or does not depend on the judgements.</exception>
    public static Tensor Ratios(OneStageTerms terms)
    {
        using var scope = new TensorScope();
        return scope.Keep(OneStageCrossing.Ratio(terms).Ratios);
    }

    /// <summary>
    /// The loss that the paper back-propagates in place of the discriminator's over fakes: <c>mean((l_fake − L_G) / (1 − γ))</c>, whose
    /// gradient below the judgements is the same. <see cref="Backward(Tensor, Func{Tensor, OneStageTerms})"/> needs it not.
    /// </summary>
    public static Tensor Pack(OneStageTerms terms)
    {
        using var scope = new TensorScope();
        var ratios = Ratios(terms);
        return scope.Keep(((terms.Fake.Reshape([-1]) - terms.Generator.Reshape([-1])) / (1 - ratios)).Mean());
    }

    /// <summary>
    /// Refuses a discriminator for which one pass is wrong: unless the game is symmetric, a fake's number may not depend on other fakes.
    /// </summary>
    /// <exception cref="ArgumentException">It holds batch norms or a deviation over the batch.</exception>
    public static void Verify(Module discriminator, GanLoss loss)
    {
        if (Dependence(discriminator, loss) is not { } name) return;
        throw new ArgumentException(
            $"one-stage training: '{name}' makes a fake's judgement depend on the others of its batch, so that one ratio a fake is not "
            + "enough; take a discriminator with group norms or without any, or a symmetric game (saturating or Wasserstein)",
            nameof(discriminator));
    }

    /// <summary>The first layer for which one pass is wrong, a batch norm say; null where there is none, or the game permits it.</summary>
    public static string? Dependence(Module discriminator, GanLoss loss) => loss.Symmetric
        ? null
        : discriminator.NamedModules().Where(named => named.Module is BatchNorm or MinibatchStdDev)
            .Select(named => $"{named.Name} ({named.Module.GetType().Name})").FirstOrDefault();
}
