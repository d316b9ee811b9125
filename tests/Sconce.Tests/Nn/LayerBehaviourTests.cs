using Sconce.Nn;
using Sconce.Optim;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

[Collection(LiveTensors.Name)]
public sealed class LayerBehaviourTests
{
    private static readonly Dictionary<string, (Func<Module<Tensor, Tensor>> Make, long[] Shape)> Differentiated = new()
    {
        ["linear"] = (() => new Linear(3, 2), [2, 3]),
        ["conv2d"] = (() => new Conv2d(2, 2, 2, padding: 1, mode: PaddingMode.Circular), [1, 2, 3, 3]),
        ["transposed"] = (() => new ConvTranspose2d(2, 1, 3, 2, 1), [1, 2, 2, 2]),
        ["batch norm"] = (() => new BatchNorm1d(2), [3, 2, 2]),
        ["instance norm"] = (() => new InstanceNorm2d(2, affine: true), [1, 2, 2, 3]),
        ["layer norm"] = (() => new LayerNorm(4), [2, 4]),
        ["group norm"] = (() => new GroupNorm(2, 4), [2, 4, 2]),
        ["attention"] = (() => new MultiheadAttention(4, 2), [1, 3, 4]),
        ["weight norm"] = (() => new WeightNorm(new Linear(3, 2)), [2, 3]),
        ["spectral norm"] = (() => Evaluated(new SpectralNorm(new Linear(3, 2))), [2, 3]),
        ["quick gelu"] = (() => new QuickGelu(), [5]),
        ["average pool"] = (() => new AvgPool2d(2, ceilMode: true), [1, 1, 3, 3]),
        ["upsample"] = (() => new Upsample(2, Interpolation.Bicubic), [1, 1, 2, 3]),
    };

    public static TheoryData<string> Names => [.. Differentiated.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_the_slopes_of_finite_differences(string name)
    {
        using var scope = new TensorScope();
        var (make, shape) = Differentiated[name];
        using var module = make();
        module.To(DType.Float64);
        var input = Tensor.Randn(shape, DType.Float64).WithGrad();
        Tensor[] leaves = [input, .. module.Parameters()];
        var weights = Tensor.Randn(module.Call(input).Shape, DType.Float64);
        double Loss() => (module.Call(input) * weights).Sum().Item<double>();
        (module.Call(input) * weights).Sum().Backward();
        const double h = 1e-5;
        foreach (var leaf in leaves)
        {
            double[] gradient = leaf.Grad!.ToArray<double>();
            using var noGrad = Gradients.Off();
            var flat = leaf.Detach().View([-1]);
            for (int k = 0; k < gradient.Length; k++)
            {
                double at = flat[k].Item<double>();
                flat.FillInPlace(at + h, k);
                double above = Loss();
                flat.FillInPlace(at - h, k);
                double below = Loss();
                flat.FillInPlace(at, k);
                Assert.Equal((above - below) / (2 * h), gradient[k], 1e-6 * (1 + Math.Abs(gradient[k])));
            }
        }
    }

    [Fact]
    public void A_thousand_training_steps_end_with_the_live_count_that_they_began_with()
    {
        long outside = TensorDiagnostics.Unfreed;
        var net = new Sequential(
            new SpectralNorm(new Conv2d(2, 4, 3, padding: 1, mode: PaddingMode.Reflect)), new BatchNorm2d(4), new Silu(),
            new InstanceNorm2d(4, affine: true), new Upsample(2), new MaxPool2d(2),
            new Dropout(0.1), new DropPath(0.1), new GlobalAvgPool2d(), new WeightNorm(new Linear(4, 3)));
        var lstm = new Lstm(2, 3, bidirectional: true);
        var attention = new MultiheadAttention(6, 2);
        var parameters = net.Parameters().Concat(lstm.Parameters()).Concat(attention.Parameters()).ToArray();
        var optimizer = new AdamW(parameters);
        var average = new ExponentialMovingAverage(net);
        var clipping = new AdaptiveGradientClipping();
        long before = 0;
        for (int step = 0; step < 1000; step++)
        {
            if (step == 1) before = TensorDiagnostics.Unfreed;
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            var sequence = attention.Call(lstm.Call(Tensor.Randn([2, 3, 2])).Output);
            (net.Call(Tensor.Randn([2, 2, 4, 4])).Pow(2).Mean() + sequence.Pow(2).Mean()).Backward();
            clipping.Clip(optimizer);
            GradientClipping.ByNorm(parameters, 1);
            LearningRateSchedule.Cosine(1e-3, 1000).Apply(optimizer, step);
            optimizer.Step();
            average.Update();
        }

        Assert.Equal(before, TensorDiagnostics.Unfreed);
        foreach (var owner in (IDisposable[])[net, lstm, attention, optimizer, average]) owner.Dispose();
        Assert.Equal(outside, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void Recurrent_states_go_on_where_a_sequence_was_cut()
    {
        using var scope = new TensorScope();
        using var lstm = new Lstm(3, 4, 2);
        using var gru = new Gru(3, 4, batchFirst: true);
        var x = Tensor.Randn([6, 2, 3]);
        var whole = lstm.Call(x);
        var first = lstm.Call(x[..2]);
        var second = lstm.Call(x[2..], first.Hidden, first.Cell);
        Assert.Equal(0, (whole.Output[2..] - second.Output).Abs().Max().Item<double>(), 1e-6);
        Assert.Equal(0, (whole.Cell - second.Cell).Abs().Max().Item<double>(), 1e-6);
        var batch = x.Transpose(0, 1);
        var states = gru.Call(batch[.., ..4]).Hidden;
        Assert.Equal(0, (gru.Call(batch).Hidden - gru.Call(batch[.., 4..], states).Hidden).Abs().Max().Item<double>(), 1e-6);
    }

    [Fact]
    public void Spectral_norm_converges_to_the_largest_singular_value()
    {
        using var scope = new TensorScope();
        using var layer = new SpectralNorm(new Linear(6, 5));
        for (int k = 0; k < 200; k++) layer.NormalizedWeight();
        Assert.Equal(1, layer.NormalizedWeight().Detach().LinalgMatrixNorm(2).Item<double>(), 1e-4);
        layer.Eval();
        float[] u = layer.WeightU.ToArray<float>();
        layer.Call(Tensor.Randn([1, 6]));
        Assert.Equal(u, layer.WeightU.ToArray<float>());
    }

    [Fact]
    public void Weight_norm_changes_nothing_at_first()
    {
        using var scope = new TensorScope();
        var linear = new Linear(6, 5);
        var x = Tensor.Randn([3, 6]);
        var plain = linear.Call(x);
        using var normed = new WeightNorm(linear);
        Assert.Equal(0, (plain - normed.Call(x)).Abs().Max().Item<double>(), 1e-6);
        Assert.Equal(["bias", "weight_g", "weight_v"], normed.StateDict().Select(entry => entry.Name));
    }

    [Fact]
    public void Pixel_shuffling_is_undone_by_unshuffling()
    {
        using var scope = new TensorScope();
        var x = Tensor.Randn([2, 12, 3, 5]);
        using var net = new Sequential(new PixelShuffle(2), new PixelUnshuffle(2));
        Assert.Equal(x.ToArray<float>(), net.Call(x).ToArray<float>());
    }

    [Fact]
    public void Wrong_shapes_and_numbers_are_refused_with_a_reason()
    {
        using var scope = new TensorScope();
        using var norm = new InstanceNorm2d(3);
        using var lstm = new Lstm(3, 4);
        using var linear = new Linear(3, 4);
        Assert.Contains("[2, 3, 4]", Assert.Throws<TorchException>(() => norm.Call(Tensor.Ones([2, 3, 4]))).Message);
        Assert.Contains("(L, N, inputs)", Assert.Throws<TorchException>(() => lstm.Call(Tensor.Ones([2, 3]))).Message);
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 3, groups: 2));
        Assert.Throws<ArgumentException>(() => new GroupNorm(3, 4));
        Assert.Throws<ArgumentException>(() => new MultiheadAttention(6, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Upsample(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpectralNorm(linear, 0));
    }

    [Fact]
    public void A_sequential_frees_what_lies_between_its_modules()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var net = new Sequential(new Linear(2, 2), new Relu(), new Identity(), new Linear(2, 2));
        var x = Tensor.Ones([1, 2]);
        long before = TensorDiagnostics.Unfreed;
        net.Call(x);
        Assert.Equal(before + 1, TensorDiagnostics.Unfreed);
        Assert.False(x.IsDisposed);
    }

    private static SpectralNorm Evaluated(SpectralNorm norm)
    {
        norm.Eval();
        return norm;
    }
}
