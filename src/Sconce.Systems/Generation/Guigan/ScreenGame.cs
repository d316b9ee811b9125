using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>The losses of SeqGAN's two players. 1609.05473 algorithm 1; GUIGAN_main.py.</summary>
/// <param name="generator">Who writes.</param>
/// <param name="judge">Who judges: tokens <c>(N, L)</c> to log-probabilities <c>(N, 2)</c>; class 1 is real.</param>
/// <param name="rollout">Completes beginnings.</param>
/// <param name="length">Tokens of a screen.</param>
internal sealed class ScreenGame(SubtreeGenerator generator, Module<Tensor, Tensor> judge, Rollout rollout, int length)
{
    private const long Fake = 0, Real = 1;

    /// <summary>Screens written now, <c>(count, L)</c>.</summary>
    public Tensor Written(int count) => generator.Sample(count, length);

    /// <summary>The mean negative log-likelihood of real screens <c>(N, L)</c>.</summary>
    public Tensor Likelihood(Tensor screens)
    {
        using var scope = new TensorScope();
        return scope.Keep(generator.Call(Before(screens)).NllLoss(screens.Reshape([-1])));
    }

    /// <summary>The judge's mean negative log-likelihood of what is real and what is written.</summary>
    public Tensor Judging(Tensor real, Tensor written)
    {
        using var scope = new TensorScope();
        long[] labels = [.. Enumerable.Repeat(Real, (int)real.Size(0)), .. Enumerable.Repeat(Fake, (int)written.Size(0))];
        return scope.Keep(judge.Call(Tensor.Cat([real, written], 0)).NllLoss(Tensor.From(labels).To(real.Device)));
    }

    /// <summary>What each token of written screens is worth to the judge, <c>(N, L)</c> in (0, 1).</summary>
    public Tensor Rewards(Tensor screens, int rollouts)
    {
        using var scope = new TensorScope();
        bool wasTraining = judge.Training;
        judge.Eval(); // its dropout is no part of the reward
        var rewards = scope.Keep(rollout.LogRewards(screens, rollouts, judge.Call).Exp());
        if (wasTraining) judge.Train();
        return rewards;
    }

    /// <summary>The policy gradient of screens with their rewards, both <c>(N, L)</c>; a sum.</summary>
    public Tensor Policy(Tensor screens, Tensor rewards)
    {
        using var scope = new TensorScope();
        return scope.Keep(GuiganLosses.PolicyGradient(generator.Call(Before(screens)), screens.Reshape([-1]), rewards.Reshape([-1])));
    }

    /// <summary>What is before each token: the start, then the token before.</summary>
    private static Tensor Before(Tensor screens) => Tensor.Cat(
        [Tensor.Full([screens.Size(0), 1], SubtreeGenerator.Start, DType.Int64, device: screens.Device), screens[.., ..^1]], 1);
}
