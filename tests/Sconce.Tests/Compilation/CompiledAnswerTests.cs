using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>Compiled networks where the example does not show what other inputs do: each answers as the eager one, in its type.</summary>
public sealed class CompiledAnswerTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Pairs = new()
    {
        ["leaky relu, relu"] = x => x.LeakyRelu(0.2).Relu(),
        ["relu, leaky relu"] = x => (x.Relu() - 0.5).LeakyRelu(0.2),
        ["clamp, clamp"] = x => x.Clamp(-1, 1).Clamp(-0.5, 0.5),
        ["clamp, clamp beyond it"] = x => x.Clamp(-1, 1).Clamp(2, 3),
        ["scale, scale"] = x => x * 2.0 * 3.0,
        ["scale, shift"] = x => (x * 2.0) + 1.0,
        ["scale, relu, scale"] = x => (x * 2.0).Relu() * 3.0,
        ["hardsigmoid, scale"] = x => x.Hardsigmoid() * 2.0,
        ["hardsigmoid, clamp"] = x => x.Hardsigmoid().Clamp(0.25, 0.5),
        ["elu, elu"] = x => x.Elu(1.0).Elu(2.0),
        ["silu, silu"] = x => x.Silu().Silu(),
    };

    public CompiledAnswerTests() => TorchRuntime.ManualSeed(5);

    public static TheoryData<string> TwoOfOneKind => [.. Pairs.Keys];

    [Theory]
    [MemberData(nameof(TwoOfOneKind))]
    public void Two_operations_of_one_kind_after_a_layer_keep_their_own_constants(string name)
    {
        using var scope = new TensorScope();
        Tensor kernels = Tensor.Randn([8, 3, 3, 3]), wide = Tensor.Randn([40, 40, 3, 3]) * 0.1, weight = Tensor.Randn([4, 40]);
        Same(x => Pairs[name](Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1)), Tensor.Zeros([1, 3, 9, 9]),
            Tensor.Randn([1, 3, 9, 9]) * 3.0);
        Same(x => Pairs[name](Functional.Conv2d(x, wide, null, [1, 1], [1, 1], [1, 1], 1)), Tensor.Zeros([1, 40, 9, 9]),
            Tensor.Randn([1, 40, 9, 9]) * 3.0);
        Same(x => Pairs[name](Functional.Linear(x, weight)), Tensor.Zeros([2, 40]), Tensor.Randn([2, 40]));
    }

    [Fact]
    public void A_picture_of_one_channel_is_read_as_it_lies_whatever_its_strides()
    {
        using var scope = new TensorScope();
        Tensor map = Tensor.Randn([1, 1, 30, 30]), kernels = Tensor.Randn([2, 3, 3, 3]);
        Same(x => (x + x.Transpose(2, 3)).Relu(), Tensor.Zeros([1, 1, 3, 3]), Tensor.Randn([1, 1, 3, 3]));
        Same(x => (x + x.Mean([2, 3], keepdim: true).Expand([1, 1, 4, 4])).Relu(), Tensor.Zeros([1, 1, 4, 4]), Tensor.Randn([1, 1, 4, 4]));
        Same(Halves, Tensor.Zeros([1, 3, 9, 7]), Tensor.Randn([1, 3, 9, 7]));
        Tensor every = Tensor.Randn([1, 1, 60, 60]).AsStrided([1, 1, 30, 30], [3600, 3600, 120, 2]), spread =
            Tensor.Randn([1, 1, 1, 1]).Expand([1, 1, 30, 30]);
        foreach (var x in new[] { every, spread, Tensor.Randn([1, 1, 30, 30]).Transpose(2, 3),
            Tensor.Randn([1, 1, 1, 30]).Expand([1, 1, 30, 30]) })
        {
            Same(x => ((x * map) + 1.0).Relu() * x, Tensor.Randn([1, 1, 30, 30]), x);
        }

        Tensor Halves(Tensor x)
        {
            var parts = Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1).Chunk(2, 1);
            return parts[0] * parts[1].Tanh();
        }
    }

    [Fact]
    public void Nothing_moves_past_a_change_of_what_it_reads()
    {
        using var scope = new TensorScope();
        Tensor kernels = Tensor.Randn([8, 8, 3, 3]) * 0.1, identity = Tensor.Eye(6);
        Tensor Layer(Tensor x, long around = 1) => Functional.Conv2d(x, kernels, null, [1, 1], [around, around], [1, 1], 1);
        Func<Tensor, Tensor>[] functions =
        [
            x => Then(x.Clone(), c => (Layer(c), c.Select(1, 0).ZeroInPlace()), (y, c) => y.Relu() + c),
            x => Then(x.Clone(), c => (Layer(c), c.MulInPlace(3.0)), (y, c) => y.Relu() + c),
            x => Then(x.Relu(), c => (Layer(c), c.Narrow(1, 0, 4).MulInPlace(3.0)), (y, c) => y.Sigmoid() + c),
            x => Then(x.Relu(), c => (Layer(x) + c, c.Narrow(1, 0, 4).MulInPlace(3.0)), (y, c) => (y.Sigmoid() * 2.0) + c.Sum()),
            x => Then(x.Relu(), c => (c.ConstantPadNd([1, 1, 1, 1], 0), c.Narrow(1, 0, 4).MulInPlace(3.0)), (y, c) =>
                Layer(y, 0).Sigmoid() + c),
            x => Then(x.Relu(), c => (c.Reshape([1, 2, 4, 5, 5]).Transpose(1, 2), c.Narrow(1, 0, 4).MulInPlace(3.0)), (y, c) =>
                Layer(y.Reshape([1, 8, 5, 5])).Sigmoid()),
            x => Then(Layer(x).Relu(), c => (c, c.Narrow(1, 0, 2).AddInPlace(c.Narrow(1, 2, 2))), (y, c) => y * 2.0),
            x => Then(x.Tanh(), c => (c + 1.0, c.Narrow(2, 0, 1).FillInPlace(0.7)), (y, c) => Layer(x) + (y * c)),
        ];
        foreach (var function in functions) Same(function, Tensor.Zeros([1, 8, 5, 5]), Tensor.Randn([1, 8, 5, 5]));
        Same(Attended, Tensor.Zeros([1, 2, 4, 6]), Tensor.Randn([1, 2, 4, 6]));

        Tensor Attended(Tensor x)
        {
            var keys = x.Relu();
            var scores = x.Matmul(keys.Transpose(-2, -1));
            keys.Narrow(2, 0, 1).MulInPlace(5.0);
            return scores.Softmax(-1).Matmul(x) + Functional.Linear(keys, identity);
        }

        static Tensor Then(Tensor start, Func<Tensor, (Tensor Result, Tensor Changed)> change, Func<Tensor, Tensor, Tensor> end) =>
            end(change(start).Result, start);
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("clamp")]
    [InlineData("hardsigmoid")]
    [InlineData("sigmoid")]
    [InlineData("elu")]
    [InlineData("hardswish")]
    [InlineData("sum")]
    public void What_is_no_number_stays_none_through_every_layer_and_what_follows_it(string name)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        Tensor few = Tensor.Randn([8, 3, 3, 3]), many = Tensor.Randn([40, 40, 3, 3]) * 0.1, each = Tensor.Randn([32, 1, 3, 3]), large =
            Tensor.Randn([32, 32, 3, 3]) * 0.1;
        foreach (var (kernels, channels, side, groups) in new[] { (few, 3, 9, 1), (many, 40, 9, 1), (each, 32, 9, 32), (large, 32, 48, 1) })
        {
            Tensor Answer(Tensor x) => Followed(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], groups));
            using var network = new Traced(Answer);
            using var compiled = network.Compile(Tensor.Randn([1, channels, side, side]));
            var x = Tensor.Randn([1, channels, side, side]);
            x.Select(1, 0).Narrow(1, 4, 1).Narrow(2, 4, 1).FillInPlace(double.NaN);
            bool[] expected = Answer(x).Isnan().ToArray<bool>(), answer = compiled.Call(x).Isnan().ToArray<bool>();
            Assert.Contains(true, expected);
            Assert.Equal(expected, answer);
            var overflow = Tensor.Randn([1, channels, side, side]) * 1e38;
            Assert.Equal(Answer(overflow * 3.0).Isnan().Any().Item<bool>(), compiled.Call(overflow * 3.0).Isnan().Any().Item<bool>());
            x = Tensor.Randn([1, channels, side, side]);
            Assert.InRange((Answer(x) - compiled.Call(x)).Abs().Max().Item<double>(), 0, 1e-3);
        }

        Tensor Followed(Tensor x) => name switch
        {
            "relu" => x.Relu(),
            "clamp" => x.Clamp(-0.5, 0.5),
            "hardsigmoid" => x.Hardsigmoid(),
            "sigmoid" => x.Sigmoid(),
            "elu" => x.Elu(),
            "hardswish" => x.Hardswish(),
            _ => (x + x.Sum()).Relu(),
        };
    }

    [Fact]
    public void Whole_numbers_stay_whole_and_other_types_themselves()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([8, 6]);
        Tensor Places(Tensor x) => Functional.Linear(x, weight).Argmax(1);
        Func<Tensor, Tensor>[] functions =
        [
            x => (Places(x) * 16777216L) + 3L,
            x => (Places(x) * 1234567891L) + 7L,
            x => (Places(x) * 3).Clamp(1, 9) - 2,
            x => (Places(x) * 2) / 3.0,
            x => (Places(x) * 1.5) + 1,
            x => (Functional.Linear(x, weight).Relu().To(DType.Float64) * 1.000000001) + 1e-9,
            x => (Functional.Linear(x, weight).Relu().To(DType.BFloat16) * 1.5) + 1.0,
            x => (x.Gt(0.0).Add(x.Gt(0.5)).Mul(2) + 1 + x).Relu(),
        ];
        foreach (var function in functions) Same(function, Tensor.Randn([64, 6]), Tensor.Randn([64, 6]));
    }

    [Fact]
    public void A_compiled_network_owns_its_weights()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new Sequential(new Conv2d(32, 32, 3, padding: 1), new Relu(), new LayerNorm([32, 8, 8]), new Flatten(),
            new Linear(2048, 8));
        foreach (bool anyBatch in new[] { false, true })
        {
            using var compiled = network.Compile(Tensor.Randn([1, 32, 8, 8]), anyBatch: anyBatch);
            var x = Tensor.Randn([1, 32, 8, 8]);
            float[] before = compiled.Call(x).ToArray<float>();
            foreach (var parameter in network.Parameters()) parameter.MulInPlace(-1.5).AddInPlace(0.25);
            Assert.Equal(before, compiled.Call(x).ToArray<float>());
            if (!anyBatch) continue;
            float[] many = compiled.Call(x.Repeat([64, 1, 1, 1])).ToArray<float>()[..before.Length];
            for (int k = 0; k < before.Length; k++) Assert.Equal(before[k], many[k], 1e-4f);
        }
    }

    [Fact]
    public void A_window_larger_than_its_picture_is_refused_as_by_the_eager_network()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        foreach (var (channels, groups) in new[] { (3, 1), (40, 1), (16, 16) })
        {
            var kernels = Tensor.Randn([16, channels / groups, 3, 3]);
            using var fused = FusedGraphs.Fused(x => Functional.Conv2d(x, kernels, null, [2, 2], [0, 0], [1, 1], groups).Relu(),
                Tensor.Randn([2, channels, 8, 8]));
            foreach (long[] shape in new long[][] { [2, channels, 2, 2], [2, channels, 2, 9], [2, channels, 1, 1] })
            {
                var error = Assert.Throws<TorchException>(() => fused.Run(Tensor.Randn(shape)));
                Assert.Contains("window", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_single_token_that_lies_turned_is_attended_to()
    {
        using var scope = new TensorScope();
        Tensor wide = Tensor.Eye(32), kernels = Tensor.Randn([32, 32, 1, 1]) * 0.2;
        Same(Turned, Tensor.Zeros([2, 32]), Tensor.Randn([2, 32]));
        Same(OverPixels, Tensor.Zeros([2, 32, 1, 1]), Tensor.Randn([2, 32, 1, 1]));

        Tensor Turned(Tensor x)
        {
            Tensor queries = x.Reshape([2, 4, 8, 1]).Transpose(-2, -1), keys = (x * 2.0).Reshape([2, 4, 8, 1]).Transpose(-2, -1);
            return (queries.Matmul(keys.Transpose(-2, -1)) * 0.3).Softmax(-1).Matmul(keys)
                + Functional.Linear(x, wide).Reshape([2, 4, 1, 8]);
        }

        Tensor OverPixels(Tensor x)
        {
            Tensor Part() => Functional.Conv2d(x, kernels, null, [1, 1], [0, 0], [1, 1], 1).Reshape([2, 4, 8, 1]).Transpose(-2, -1);
            return (Part().Matmul(Part().Transpose(-2, -1)) * 0.3).Softmax(-1).Matmul(Part());
        }
    }

    [Fact]
    public void Ever_new_shapes_do_not_make_a_layer_grow()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var kernels = Tensor.Randn([8, 3, 3, 3]);
        using var fused = FusedGraphs.Fused(x => Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1).Relu(),
            Tensor.Randn([1, 3, 8, 8]));
        var first = Tensor.Randn([1, 3, 8, 8]);
        float[] expected = fused.Run(first)[0].ToArray<float>();
        for (int width = 4; width < 80; width++)
        {
            var x = Tensor.Randn([1, 3, 8, width]);
            FusedGraphs.Close(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1).Relu(), fused.Run(x)[0]);
        }

        Assert.Equal(expected, fused.Run(first)[0].ToArray<float>());   // made anew after it was forgotten
    }

    private static void Same(Func<Tensor, Tensor> function, Tensor example, Tensor input)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new Traced(function);
        using var compiled = network.Compile(example);
        Check("compiled", compiled.Call(input));
        if (!ScriptModule.CanFuse) return;
        using var traced = ScriptModule.TracePortably(inputs => [function(inputs[0])], example);
        using var frozen = traced.Freeze();
        ScriptModule fused;
        try
        {
            fused = frozen.Fuse();
        }
        catch (TorchException none) when (none.Message.Contains("holds no layer", StringComparison.Ordinal))
        {
            return;
        }

        using (fused) Check("packed", fused.Run(input)[0]);

        void Check(string form, Tensor answer)
        {
            var expected = function(input.Clone());
            Assert.Equal(expected.DType, answer.DType);
            Assert.Equal(expected.Shape.ToArray(), answer.Shape.ToArray());
            double scale = Math.Max(1, expected.DType == DType.Int64 ? 0 : expected.To(DType.Float64).Abs().Max().Item<double>());
            double change = (expected.To(DType.Float64) - answer.To(DType.Float64)).Abs().Max().Item<double>();
            Assert.True(change <= 1e-4 * scale * (expected.DType == DType.Int64 ? 0 : 1), $"{form} ({compiled.Form}) differs by {change}");
        }
    }
}
