using Sconce.Control;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Control.Loon;

/// <summary>How QR-DQN learns; the defaults are agents/configs/quantile.gin's.</summary>
/// <param name="LearningRate">Adam's.</param>
/// <param name="Epsilon">Adam's.</param>
/// <param name="TargetEvery">Updates after which the target network becomes the network.</param>
public sealed record QuantileLearnerSettings(double LearningRate = 2e-6, double Epsilon = 2e-5, int TargetEvery = 100);

/// <summary>QR-DQN: a network, its target, and the step between them.</summary>
public sealed class QuantileLearner : IDisposable
{
    private readonly QuantileLearnerSettings settings;
    private readonly Adam optimizer;
    private long updates;

    /// <summary>Makes one with new weights.</summary>
    public QuantileLearner(QuantileNetworkConfig config, QuantileLearnerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        (Network, Target) = (new QuantileNetwork(config), new QuantileNetwork(config));
        optimizer = new Adam(Network.Parameters(), settings.LearningRate, eps: settings.Epsilon);
        CopyToTarget();
    }

    /// <summary>The network that acts.</summary>
    public QuantileNetwork Network { get; }

    /// <summary>The network that says what the future is worth.</summary>
    public QuantileNetwork Target { get; }

    /// <summary>The best action for each of several observations, row by row.</summary>
    public long[] Act(ReadOnlySpan<float> observations)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return Network.Values(Rows(observations)).Argmax(-1).ToArray<long>();
    }

    /// <summary>One update; the loss before it.</summary>
    public double Update(ReplayBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = new TensorScope();
        Tensor next;
        using (Gradients.Off()) next = Target.Call(Rows(batch.Next));
        var target = QuantileLoss.Target(next, Tensor.From(batch.Rewards), Tensor.From(batch.Discounts));
        optimizer.ZeroGrad();
        var loss = QuantileLoss.Compute(Network.Call(Rows(batch.Observations)), Tensor.From(batch.Actions), target);
        loss.Backward();
        optimizer.Step();
        if (++updates % settings.TargetEvery == 0) CopyToTarget();
        return loss.Item<double>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        Network.Dispose();
        Target.Dispose();
    }

    private Tensor Rows(ReadOnlySpan<float> values) =>
        Tensor.From(values, [values.Length / Network.Config.Observations, Network.Config.Observations]);

    private void CopyToTarget()
    {
        using var noGrad = Gradients.Off();
        foreach (var (kept, parameter) in Target.Parameters().Zip(Network.Parameters())) kept.CopyInPlace(parameter);
    }
}
