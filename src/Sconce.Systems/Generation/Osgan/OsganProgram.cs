using Sconce.Adversarial;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>
/// Both players from one pass: the generator's pictures are judged once, and the gradient that the discriminator's loss leaves at them
/// becomes the generator's. 2103.00430 algorithms 1 and 2.
/// </summary>
/// <param name="parts">Players, rules, device.</param>
/// <param name="game">Which game.</param>
internal sealed class OsganProgram(AdversarialParts parts, OneStageGame game)
    : AdversarialProgram(parts.Generator, parts.Discriminator, RulesOf(parts.Rules, game), parts.Device)
{
    // zju-vipa/OSGAN@fdfea7e7 train_wgan_dcgan_one_stage.py
    private const double Clip = 0.01;
    private readonly double share = 1.0 / parts.Configuration.Optimization.Accumulation;

    /// <summary>The loss of a game.</summary>
    public static GanLoss LossOf(OneStageGame game, GanLoss asked) => game switch
    {
        OneStageGame.Symmetric => GanLoss.Saturating,
        OneStageGame.Wgan => GanLoss.Wasserstein,
        _ => asked,
    };

    /// <inheritdoc/>
    protected override void Play(Tensor reals, long count, TrainingStep step)
    {
        var fakes = Fakes(count);
        OneStageCrossing? crossing = null;
        try
        {
            step.Update(parts.Discriminator, () => (crossing = OneStageCrossing.Of(fakes, cut => Terms(cut, reals, step))).Loss);
            if (game == OneStageGame.Wgan) CutOff();
            Penalize(reals, step);
            if (step.IsDue(Rules.GeneratorEvery)) step.Update(parts.Generator, () => Surrogate(fakes, crossing!));
        }
        finally
        {
            crossing?.Dispose();
        }
    }

    private static AdversarialRules RulesOf(AdversarialRules rules, OneStageGame game) => rules with { Loss = LossOf(game, rules.Loss) };

    private OneStageTerms Terms(Tensor fakes, Tensor reals, TrainingStep step)
    {
        Tensor fake, real;
        if (game == OneStageGame.Wgan)
        {
            // Both in one batch, so that a batch norm sees them together.
            var both = Judged(Tensor.Cat([fakes, reals], 0));
            (fake, real) = (both.Narrow(0, 0, fakes.Size(0)), both.Narrow(0, fakes.Size(0), reals.Size(0)));
        }
        else
        {
            (fake, real) = (Judged(fakes), Judged(reals));
        }

        Tell(real, fake, step);
        return OneStage.Terms(Rules.Loss, fake, real);
    }

    /// <summary>A number whose gradient by the generator's weights is that of its loss, and whose value is its loss.</summary>
    private Tensor Surrogate(Tensor fakes, OneStageCrossing crossing)
    {
        var product = (fakes * crossing.Gradient(share).Detach()).Sum();
        return product - product.Detach() + crossing.GeneratorLoss;
    }

    private void CutOff()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var parameter in Judge.Parameters()) parameter.CopyInPlace(parameter.Clamp(-Clip, Clip));
    }
}
