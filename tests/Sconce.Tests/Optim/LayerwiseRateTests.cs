using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

/// <summary>LARS, LARC and adaptive clipping, against the official implementations' answers where they are at hand, and against the
/// formulas in plain doubles.</summary>
public sealed class LayerwiseRateTests
{
    [Fact]
    public void Lars_steps_as_Barlow_Twins_does()
    {
        if (Figures.Parity("barlow_twins-lars") is not { } parity) { Assert.Skip("no shared parity cases"); return; }
        using var scope = new TensorScope();
        var p = new[] { "w", "k", "b" }.ToDictionary(name => name, name => Figures.Input(parity, name).WithGrad());
        using var optimizer = new Lars(
            [new([p["w"], p["k"]], "weights") { LearningRate = 0.2 },
                new([p["b"]], "vectors") { LearningRate = 0.0048, Decay = false, Adapt = false }], 0.2, weightDecay: 0.01);
        for (int step = 0; step < 2; step++)
        {
            foreach (var (name, tensor) in p) tensor.Grad = Figures.Input(parity, $"g{step}_{name}");
            optimizer.Step();
            foreach (var (name, tensor) in p) Figures.AssertOutput(parity, $"step{step + 1}_{name}", tensor);
        }

        string[] names = ["w", "k", "b"];
        for (int k = 0; k < 3; k++) Figures.AssertOutput(parity, "mu_" + names[k], optimizer.State().Tensors[$"state.{k}.momentum_buffer"]);
    }

    [Fact]
    public void Larc_steps_as_apex_does()
    {
        if (Figures.Parity("swav-larc") is not { } parity) { Assert.Skip("no shared parity cases"); return; }
        using var scope = new TensorScope();
        var p = new[] { "w", "b" }.ToDictionary(name => name, name => Figures.Input(parity, name).WithGrad());
        using var optimizer = new Larc([new(p.Values)], 4.8, 0.9, 0.01, 0.001, clip: false, eps: 1e-8);
        for (int step = 0; step < 2; step++)
        {
            foreach (var (name, tensor) in p) tensor.Grad = Figures.Input(parity, $"g{step}_{name}");
            optimizer.Step();
            foreach (var (name, tensor) in p) Figures.AssertOutput(parity, $"step{step + 1}_{name}", tensor);
        }

        Figures.AssertOutput(parity, "mu_w", optimizer.State().Tensors["state.0.momentum_buffer"]);
    }

    [Fact]
    public void Adaptive_clipping_is_the_official_rule()
    {
        if (Figures.Parity("nfnets-agc") is not { } parity) { Assert.Skip("no shared parity cases"); return; }
        using var scope = new TensorScope();
        var clipping = new AdaptiveGradientClipping(0.01, 1e-3);
        foreach (string name in (string[])["conv", "linear", "bias", "gain", "zero", "scalar"])
        {
            Figures.AssertOutput(parity, name, clipping.Clipped(Figures.Input(parity, name), Figures.Input(parity, name + "_grad")));
        }
    }

    [Fact]
    public void Adaptive_clipping_then_Nesterov_is_NFNets_step()
    {
        if (Figures.Parity("nfnets-sgd_agc") is not { } parity) { Assert.Skip("no shared parity cases"); return; }
        using var scope = new TensorScope();
        var p = new[] { "conv", "bias", "linear" }.ToDictionary(name => name, name => Figures.Input(parity, name).WithGrad());
        using var optimizer = new Sgd([new ParameterGroup([p["conv"]]), new ParameterGroup([p["bias"]]) { Decay = false },
            new ParameterGroup([p["linear"]]) { Clip = false }], 0.4, 0.9, nesterov: true, weightDecay: 0.05);
        for (int step = 0; step < 3; step++)
        {
            foreach (var (name, tensor) in p) tensor.Grad = Figures.Input(parity, $"{name}_grad{step}");
            new AdaptiveGradientClipping(0.01, 1e-3).Clip(optimizer);
            optimizer.Step();
        }

        foreach (var (name, tensor) in p) Figures.AssertOutput(parity, name, tensor);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Layerwise_rates_follow_their_formulas(bool larc, bool clip)
    {
        using var scope = new TensorScope();
        double[] w = [3, -4], g = [0.6, 0.8];
        var p = Tensor.From(w).WithGrad();
        p.Grad = Tensor.From(g);
        ParameterGroup[] groups = [new([p])];
        using Sgd optimizer = larc ? new Larc(groups, 0.5, 0, 0.1, 0.2, clip, 0) : new Lars(groups, 0.5, 0, 0.1, 0.2);
        optimizer.Step();

        // |w| = 5, |g| = 1; d = g + 0.1 w = (0.9, 0.4).
        double ratio = larc ? 0.2 * 5 / (1 + (0.1 * 5)) : 0.2 * 5 / Math.Sqrt(0.97);
        if (clip) ratio = Math.Min(ratio / 0.5, 1);
        Assert.Equal(3 - (0.5 * ratio * 0.9), p.ToArray<double>()[0], 1e-12);
        Assert.Equal(-4 - (0.5 * ratio * 0.4), p.ToArray<double>()[1], 1e-12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_weight_or_gradient_of_zero_takes_no_ratio(bool larc)
    {
        using var scope = new TensorScope();
        var zero = Tensor.Zeros([2], DType.Float64).WithGrad();
        var still = Tensor.Ones([2], DType.Float64).WithGrad();
        zero.Grad = Tensor.From([1.0, 2.0]);
        still.Grad = Tensor.Zeros([2], DType.Float64);
        ParameterGroup[] groups = [new([zero, still])];
        using Sgd optimizer = larc ? new Larc(groups, 0.5, 0, 0.1) : new Lars(groups, 0.5, 0, 0.1);
        optimizer.Step();
        Assert.Equal([-0.5, -1.0], zero.ToArray<double>());

        // apex skips a zero gradient altogether; Barlow Twins' d is then the decay alone, with the ratio 0.001 · √2 / (0.1 · √2).
        double expected = larc ? 1 : 1 - (0.5 * 0.001);
        Assert.All(still.ToArray<double>(), x => Assert.Equal(expected, x, 1e-12));
    }

    [Fact]
    public void After_adaptive_clipping_no_unit_exceeds_its_share_and_small_gradients_are_untouched()
    {
        using var scope = new TensorScope();
        var clipping = new AdaptiveGradientClipping(0.05, 1e-3);
        foreach (long[] shape in (long[][])[[7], [6, 5], [4, 3, 3, 3], [8, 1, 1, 1], []])
        {
            var weight = Tensor.Randn(shape, DType.Float64);
            var gradient = Tensor.Randn(shape, DType.Float64) * Tensor.Rand(shape, DType.Float64).Pow(4);
            var clipped = clipping.Clipped(weight, gradient);
            var limit = clipping.UnitNorms(weight).ClampMin(1e-3) * 0.05;
            Assert.True((clipping.UnitNorms(clipped) <= limit * (1 + 1e-9)).All().Item<bool>());
            var small = gradient * 1e-6;
            Assert.Equal(small.ToArray<double>(), clipping.Clipped(weight, small).ToArray<double>());
        }
    }

    [Fact]
    public void The_gain_of_the_carriers_shape_is_one_unit_or_many()
    {
        using var scope = new TensorScope();
        var gain = Tensor.Ones([4, 1, 1, 1]);
        var gradient = Tensor.From([0.001f, 0.02f, 0.001f, 0.001f], [4, 1, 1, 1]);
        Assert.Empty(new AdaptiveGradientClipping().UnitNorms(gain).Shape.ToArray());
        // whole: 0.0201 < 0.022
        Assert.Equal(gradient.ToArray<float>()[1], new AdaptiveGradientClipping(0.011).Clipped(gain, gradient).ToArray<float>()[1]);
        Assert.Equal(0.011f, new AdaptiveGradientClipping(0.011, unit: ClippingUnit.FirstDimension).Clipped(gain, gradient)
            .ToArray<float>()[1], 1e-6);
    }
}
