using Sconce.Torch;

namespace Sconce.Systems.Control.Loon;

/// <summary>
/// QR-DQN's target and loss; 1710.10044 and google/dopamine@5873f54 jax/agents/quantile/quantile_agent.py: summed over the network's
/// quantiles, averaged over
/// the target's; not divided by κ.
/// </summary>
public static class QuantileLoss
{
    /// <summary>
    /// Where the quantiles should be: r + γ · those of the target network's best action, by its own values. <c>-> (N, quantiles)</c>, off
    /// the tape
    /// </summary>
    /// <param name="next">The target network's answer to the next observations, <c>(N, actions, quantiles)</c>.</param>
    /// <param name="rewards"><c>(N)</c></param>
    /// <param name="discounts"><c>(N)</c>: γ^n, 0 where the episode ended.</param>
    public static Tensor Target(Tensor next, Tensor rewards, Tensor discounts)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var best = next.Mean([-1]).Argmax(-1); // (N)
        return scope.Keep(rewards.Unsqueeze(1) + (discounts.Unsqueeze(1) * Of(next, best)));
    }

    /// <summary>The loss of each example. <c>-> (N)</c></summary>
    /// <param name="quantiles">The network's answer, <c>(N, actions, quantiles)</c>.</param>
    /// <param name="actions">What was done, <c>(N)</c> int64.</param>
    /// <param name="target"><c>(N, quantiles)</c></param>
    /// <param name="kappa">κ, where Huber's loss turns straight; 0 is no Huber.</param>
    public static Tensor PerExample(Tensor quantiles, Tensor actions, Tensor target, double kappa = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kappa);
        using var scope = new TensorScope();
        long count = quantiles.Size(2);
        var error = target.Unsqueeze(1) - Of(quantiles, actions).Unsqueeze(2); // (N, own quantile, target's)
        var size = error.Abs();
        var huber = kappa == 0 ? size : Functional.Where(size.Le(kappa), error.Square() * 0.5, (size - (kappa / 2)) * kappa);
        var levels = ((Tensor.Arange(count, dtype: error.DType) + 0.5) / count).Reshape([1, count, 1]).To(error.Device);
        return scope.Keep(((levels - error.Detach().Lt(0).To(error.DType)).Abs() * huber).Mean([2]).Sum([1]));
    }

    /// <summary>The mean over the batch. <c>-> ()</c></summary>
    /// <inheritdoc cref="PerExample"/>
    public static Tensor Compute(Tensor quantiles, Tensor actions, Tensor target, double kappa = 1)
    {
        using var scope = new TensorScope();
        return scope.Keep(PerExample(quantiles, actions, target, kappa).Mean());
    }

    private static Tensor Of(Tensor quantiles, Tensor actions) =>
        quantiles.Gather(1, actions.Reshape([-1, 1, 1]).Expand([-1, 1, quantiles.Size(2)])).Squeeze(1);
}
