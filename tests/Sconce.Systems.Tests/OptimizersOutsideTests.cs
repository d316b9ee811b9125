using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>An optimiser can be written where only the public surface is seen, as here.</summary>
[Collection(LiveTensors.Name)]
public sealed class OptimizersOutsideTests
{
    [Fact]
    public void An_optimiser_of_ones_own_steps_by_its_groups_and_goes_on_from_its_state()
    {
        using var scope = new TensorScope();
        var (weights, twin) = (Tensor.From([1f, -2, 3]).WithGrad(), Tensor.From([1f, -2, 3]).WithGrad());
        using var optimizer = Make(weights);
        Step(optimizer, weights, [1, -1, 1]);
        // sign(0.9 · 0 + 0.1 · g) = sign(g), and decay 0.5 · 0.1
        Assert.Equal([0.85f, -1.8f, 2.75f], weights.Detach().ToArray<float>().Select(value => MathF.Round(value, 5)));
        var state = optimizer.State();
        Assert.Equal(["state.0.momentum", "state.0.seen"], state.Tensors.Keys.Order());
        using (Gradients.Off()) twin.CopyInPlace(weights);
        using var resumed = Make(twin);
        resumed.Load(state);
        for (int k = 0; k < 3; k++)
        {
            Step(optimizer, weights, [-1, 0.5f, k]);
            Step(resumed, twin, [-1, 0.5f, k]);
        }

        Assert.Equal(weights.Detach().ToArray<float>(), twin.Detach().ToArray<float>());
        Assert.Equal(4, resumed.State().Tensors["state.0.seen"].Item<double>());
        using var other = new Lion([new ParameterGroup([Tensor.Zeros([2]).WithGrad()])], 0.1);
        Assert.Contains("state.0.momentum", Assert.Throws<ArgumentException>(() => other.Load(state)).Message, StringComparison.Ordinal);
    }

    private static Lion Make(Tensor weights) => new([new ParameterGroup([weights]) { WeightDecay = 0.5 }], 0.1);

    private static void Step(Optimizer optimizer, Tensor weights, float[] gradient)
    {
        weights.Grad = Tensor.From(gradient);
        optimizer.Step();
        optimizer.ZeroGrad();
    }

    /// <summary>
    /// Lion: the sign of a blend of gradient and momentum; 2302.06675 algorithm 2. It counts steps in a tensor too, which has no
    /// parameter's shape.
    /// </summary>
    private sealed class Lion(IEnumerable<ParameterGroup> groups, double learningRate, double beta1 = 0.9, double beta2 = 0.99)
        : Optimizer(groups, learningRate)
    {
        private const string Momentum = "momentum", Seen = "seen";

        protected override ReadOnlySpan<string> StateNames => new[] { Momentum, Seen };

        protected override bool IsShapedAsParameter(string name) => name != Seen;

        protected override void Update(ParameterGroup group, UpdateBatch batch)
        {
            var momenta = batch.Remembered(Momentum);
            Tensor.ForeachMulInPlace(batch.Parameters, 1 - (group.LearningRate * group.DecayOr(0)));
            for (int k = 0; k < momenta.Length; k++)
            {
                batch.Parameters[k].AddInPlace(((momenta[k] * beta1) + (batch.Gradients[k] * (1 - beta1))).Sign(), -group.LearningRate);
                batch.Remember(k, Seen, Tensor.From([(double)batch.Steps(k)]));
            }

            Tensor.ForeachMulInPlace(momenta, beta2);
            Tensor.ForeachAddInPlace(momenta, batch.Gradients, 1 - beta2);
        }
    }
}
