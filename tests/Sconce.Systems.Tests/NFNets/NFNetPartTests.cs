using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Classification.NFNets;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.NFNets;

/// <summary>Weight standardisation, activations, the loss and the optimiser's groups.</summary>
[Collection(LiveTensors.Name)]
public class NFNetPartTests
{
    [Theory]
    [InlineData(WeightEpsMode.AddedToVariance, 1e-5)]
    [InlineData(WeightEpsMode.FloorOnFanInVariance, 1e-4)]
    public void A_standardised_filter_has_mean_zero_and_the_length_of_its_gain(WeightEpsMode mode, double eps)
    {
        using var scope = new TensorScope();
        var gain = Tensor.From([0.5f, 1, -2, 3]).Reshape([4, 1, 1, 1]);
        var standardized = new WeightStandardization(1.5, eps, mode).Apply((Tensor.Randn([4, 6, 3, 3]) * 7) + 2, gain).Reshape([4, -1]);
        Assert.All(standardized.Mean([1]).ToArray<float>(), mean => Assert.Equal(0, mean, 1e-5));
        var lengths = standardized.LinalgVectorNorm(2, [1]).ToArray<float>();
        Assert.All(gain.ToArray<float>().Zip(lengths), pair => Assert.Equal(Math.Abs(pair.First) * 1.5, pair.Second, 1e-3));
    }

    [Theory]
    [InlineData(WeightEpsMode.AddedToVariance)]
    [InlineData(WeightEpsMode.FloorOnFanInVariance)]
    public void A_constant_filter_becomes_zero_and_no_NaN(WeightEpsMode mode)
    {
        using var scope = new TensorScope();
        var standardized = new WeightStandardization(1, 1e-5, mode).Apply(Tensor.Full([2, 3, 3, 3], 0.25, DType.Float32), Tensor.Ones([2]));
        Assert.All(standardized.ToArray<float>(), value => Assert.Equal(0, value, 1e-4));
    }

    [Fact]
    public void The_two_eps_modes_part_where_weights_are_small()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([8, 4, 3, 3]) * 1e-3; // var 1e-6, N var 3.6e-5
        var gain = Tensor.Ones([8]);
        double added = new WeightStandardization(1, 1e-5).Apply(weight, gain).Reshape([8, -1]).LinalgVectorNorm(2, [1])
            .Mean().Item<float>();
        double floor = new WeightStandardization(1, 1e-4, WeightEpsMode.FloorOnFanInVariance).Apply(weight, gain).Reshape([8, -1])
            .LinalgVectorNorm(2, [1]).Mean().Item<float>();
        Assert.InRange(added, 0.2, 0.4); // √(1e-6 / 1.1e-5)
        Assert.InRange(floor, 0.5, 0.7); // √(3.6e-5 / 1e-4)
    }

    [Theory]
    [InlineData(8, 3, 2, 0)]
    [InlineData(9, 3, 2, 1)]
    [InlineData(8, 3, 1, 1)]
    [InlineData(9, 7, 2, 3)]
    [InlineData(8, 7, 2, 2)]
    [InlineData(7, 1, 2, 0)]
    public void Same_padding_puts_the_smaller_half_first(int size, int kernel, int stride, int before)
    {
        using var scope = new TensorScope();
        var rule = new WeightStandardization(Padding: MapPadding.Same);
        var corner = Tensor.Zeros([1, 1, kernel, kernel], DType.Float32);
        corner.FillInPlace(1, 0, 0, 0, 0); // Reads the top left cell under the kernel.
        var map = (Tensor.Arange(size * size).To(DType.Float32) + 1).Reshape([1, 1, size, size]);
        var output = rule.Convolve(map, corner, null, stride, 1);
        int sides = (size + stride - 1) / stride;
        Assert.Equal([1, 1, sides, sides], output.Shape.ToArray());
        for (int row = 0; row < sides; row++)
        {
            int place = (row * stride) - before;
            Assert.Equal(place < 0 ? 0 : (place * size) + place + 1, output[0, 0, row, row].Item<float>());
        }
    }

    [Theory]
    [InlineData(Nonlinearity.Celu)]
    [InlineData(Nonlinearity.Elu)]
    [InlineData(Nonlinearity.Gelu)]
    [InlineData(Nonlinearity.LeakyRelu)]
    [InlineData(Nonlinearity.LogSigmoid)]
    [InlineData(Nonlinearity.Relu)]
    [InlineData(Nonlinearity.Relu6)]
    [InlineData(Nonlinearity.Selu)]
    [InlineData(Nonlinearity.Sigmoid)]
    [InlineData(Nonlinearity.Silu)]
    [InlineData(Nonlinearity.Softsign)]
    [InlineData(Nonlinearity.Softplus)]
    [InlineData(Nonlinearity.Tanh)]
    public void Gamma_keeps_the_variance_of_normal_numbers_at_one(Nonlinearity kind)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new Generator(1);
        var z = Tensor.Empty([1 << 20], DType.Float32).NormalInPlace(0, 1, generator);
        var y = new GammaActivation(kind, GammaActivation.Gamma(kind)).Call(z);
        Assert.Equal(1, y.Var(unbiased: false).Item<float>(), 0.01);
        var overwritten = new GammaActivation(kind, GammaActivation.Gamma(kind), inPlace: true).Call(z.Clone());
        Assert.True(y.EqualTo(overwritten));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void Unmixed_the_loss_is_the_smoothed_cross_entropy(double smoothing)
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([5, 7]) * 3;
        var labels = Tensor.From([0L, 6, 3, 3, 1]);
        double ours = MixedCrossEntropy.Compute(logits, labels, smoothing: smoothing).Item<float>();
        Assert.Equal(Functional.CrossEntropy(logits, labels, labelSmoothing: smoothing).Item<float>(), ours, 1e-5);
    }

    [Fact]
    public void Mixed_the_loss_is_linear_in_the_ratio_between_the_two_labels()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([2, 4]);
        var (first, second) = (Tensor.From([0L, 1]), Tensor.From([3L, 2]));
        double a = Loss(1), b = Loss(0), between = Loss(0.25f);
        Assert.Equal(MixedCrossEntropy.Compute(logits, first).Item<float>(), a, 1e-6);
        Assert.Equal(MixedCrossEntropy.Compute(logits, second).Item<float>(), b, 1e-6);
        Assert.Equal((0.25 * a) + (0.75 * b), between, 1e-5);

        double Loss(float ratio) => MixedCrossEntropy.Compute(logits, first, second, Tensor.From([ratio, ratio])).Item<float>();
    }

    [Fact]
    public void The_loss_refuses_what_does_not_fit()
    {
        using var scope = new TensorScope();
        var labels = Tensor.From([0L, 1]);
        Assert.Contains("come together",
            Assert.Throws<ArgumentException>(() => MixedCrossEntropy.Compute(Tensor.Zeros([2, 4]), labels, mixed: labels)).Message);
        Assert.Contains("[3, 4]", Assert.Throws<ArgumentException>(() => MixedCrossEntropy.Compute(Tensor.Zeros([3, 4]), labels)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => MixedCrossEntropy.Compute(Tensor.Zeros([2, 4]), labels, smoothing: 1));
    }

    [Fact]
    public void Gains_and_biases_do_not_decay_and_the_classifier_s_weight_is_not_clipped()
    {
        using var network = new NFNet(NFNetsClaim.SmallNet);
        var groups = NFNetOptimizer.Groups(network);
        var names = network.NamedParameters().ToDictionary(named => (Tensor)named.Parameter, named => named.Name);
        var (gains, head, weights) = (groups[0], groups[1], groups[2]);
        Assert.Equal((false, true), (gains.Decay, gains.Clip));
        Assert.Equal((true, false), (head.Decay, head.Clip));
        Assert.Equal((true, true), (weights.Decay, weights.Clip));
        Assert.Equal(["head.fc.weight"], head.Parameters.Select(parameter => names[parameter]));
        Assert.Contains("head.fc.bias", gains.Parameters.Select(parameter => names[parameter]));
        Assert.All(gains.Parameters, parameter => Assert.Matches("(gain|bias)$", names[parameter]));
        Assert.All(weights.Parameters, parameter => Assert.EndsWith(".weight", names[parameter], StringComparison.Ordinal));
        Assert.Equal(names.Count, groups.Sum(group => group.Parameters.Count));
    }

    [Fact]
    public void A_gain_of_zero_moves_by_the_floor_of_its_norm_and_the_classifier_by_its_whole_gradient()
    {
        using var scope = new TensorScope();
        using var gain = Parameter.Zeros();
        using var head = Parameter.Zeros(2, 2);
        using var optimizer = new NFNetOptimizer([new ParameterGroup([gain]), new ParameterGroup([head]) { Clip = false }], 1,
            weightDecay: 0);
        gain.Grad = Tensor.FromScalar(-5f);
        head.Grad = Tensor.Full([2, 2], 5, DType.Float32);
        optimizer.Step();
        Assert.Equal(0.01 * 1e-3 * 1.9, gain.Item<float>(), 1e-9); // λ ε (1 + momentum)
        Assert.All(head.ToArray<float>(), value => Assert.Equal(-5 * 1.9, value, 1e-5));
    }
}
