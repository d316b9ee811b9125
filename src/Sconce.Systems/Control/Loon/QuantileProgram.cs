using Sconce.Control;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Control.Loon;

/// <summary>QR-DQN's step: quantiles of the return follow those that the target network gives the best next action.</summary>
/// <param name="network">Who acts and learns.</param>
/// <param name="target">Who says what the future is worth.</param>
/// <param name="player">Over the network.</param>
/// <param name="targetEvery">Steps after which the target becomes the network.</param>
public sealed class QuantileProgram(QuantileNetwork network, QuantileNetwork target, Player player, int targetEvery)
    : TrainingProgram<ReplayBatch>
{
    /// <inheritdoc/>
    public override IReadOnlyList<Player> Players { get; } = [player];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Module Module)> Modules => [("network", network), ("target", target)];

    /// <inheritdoc/>
    public override Module Product => network;

    /// <inheritdoc/>
    public override string Items => "steps";

    /// <inheritdoc/>
    public override int Count(ReplayBatch batch) => batch.Actions.Length;

    /// <inheritdoc/>
    protected override void Step(ReplayBatch batch, TrainingStep step) => step.Update(player, () =>
    {
        Tensor wanted;
        using (Gradients.Off())
            wanted = QuantileLoss.Target(target.Call(Rows(batch.Next)), Tensor.From(batch.Rewards), Tensor.From(batch.Discounts));
        var losses = QuantileLoss.PerExample(network.Call(Rows(batch.Observations)), Tensor.From(batch.Actions), wanted);
        batch.Learned?.Invoke(losses.Detach().ToArray<float>());
        return losses.Mean();
    });

    /// <inheritdoc/>
    protected override void Stepped(long step)
    {
        if (step % targetEvery == 0) Follow();
    }

    /// <summary>The target becomes the network.</summary>
    public void Follow()
    {
        using var noGradients = Gradients.Off();
        foreach (var (kept, parameter) in target.Parameters().Zip(network.Parameters())) kept.CopyInPlace(parameter);
    }

    private Tensor Rows(float[] values) => Tensor.From(values, [values.Length / network.Config.Observations, network.Config.Observations]);
}
