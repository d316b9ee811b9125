using Sconce.Torch;
using Xunit;
using static Sconce.Tests.Compilation.FusedGraphs;

namespace Sconce.Tests.Compilation;

/// <summary>Frozen graphs whose layers run packed, held to the same operators run one by one.</summary>
public sealed class PackedLayerTests
{
    public PackedLayerTests() => Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");

    [Theory]
    [InlineData(3, 8, 7, 2, 3, 1, 1)] // few channels: oneDNN's own convolution
    [InlineData(32, 16, 1, 1, 0, 1, 1)] // a product of rows
    [InlineData(32, 24, 1, 2, 0, 1, 1)]
    [InlineData(40, 16, 3, 1, 1, 1, 1)] // over patches
    [InlineData(64, 20, 3, 2, 1, 1, 1)]
    [InlineData(48, 8, 3, 1, 2, 2, 1)] // dilated
    [InlineData(36, 12, 5, 3, 4, 1, 1)] // a padding of nearly the window
    [InlineData(32, 32, 3, 1, 1, 1, 32)] // each channel for itself
    [InlineData(32, 64, 3, 2, 1, 1, 4)]
    public void A_convolution_and_what_follows_it_answer_as_unpacked(int channels, int outputs, int window, int stride, int padding,
        int dilation, int groups)
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([outputs, channels / groups, window, window]) * 0.1, bias = Tensor.Randn([outputs]);
        Agrees(x => Functional.Conv2d(x, weight, bias, [stride, stride], [padding, padding], [dilation, dilation], groups).Silu(),
            [2, channels, 13, 11]);
        Agrees(x => Functional.Conv2d(x, weight, null, [stride, stride], [padding, padding], [dilation, dilation], groups),
            [1, channels, 9, 14]);
    }

    [Theory]
    [InlineData(32, 24, 1, 1, 45, 37)]
    [InlineData(64, 128, 4, 1, 32, 32)] // channels by groups, each product its own
    [InlineData(48, 40, 1, 0, 41, 43)] // no zeros around
    [InlineData(40, 32, 1, 2, 30, 31)] // results larger than pictures
    [InlineData(512, 512, 1, 1, 7, 7)]
    [InlineData(512, 512, 1, 1, 3, 3)] // weights take longer to read than to use
    [InlineData(256, 192, 1, 1, 66, 61)] // more than one block of tiles
    [InlineData(36, 44, 1, 1, 40, 40)] // channels that are not whole vectors: over patches
    public void Filters_of_3_by_3_over_large_pictures_answer_as_unpacked(int channels, int outputs, int groups, int padding,
        int rows, int columns)
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([outputs, channels / groups, 3, 3]) / Math.Sqrt(9.0 * channels / groups),
            bias = Tensor.Randn([outputs]), other = Tensor.Randn([outputs, channels, 1, 1]) * 0.1;
        Tensor Filtered(Tensor x, Tensor? start = null) => Functional.Conv2d(x, weight, start, [1, 1], [padding, padding], [1, 1], groups);
        Agrees(x => Filtered(x, bias).Relu(), [2, channels, rows, columns]);
        Agrees(x => Filtered(x).Gelu(), [2, channels, rows, columns]);
        Agrees(x => (Filtered(x, bias) * 0.5 + 1.0).Clamp(-0.25, 1.5), [2, channels, rows, columns]);
        if (padding == 1)
            Agrees(x => (Filtered(x) + Functional.Conv2d(x, other, null, [1, 1], [0, 0], [1, 1], 1)).Relu(),
                [2, channels, rows, columns], nodes: 2);
        if (padding == 1)
            Agrees(x => Filtered(x).Silu() + Functional.Conv2d(x, other, null, [1, 1], [0, 0], [1, 1], 1),
                [2, channels, rows, columns], nodes: 2);
    }

    [Fact]
    public void What_is_no_number_in_a_large_picture_stays_none_around_it_and_spreads_no_further_than_a_tile()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var weight = Tensor.Randn([32, 32, 3, 3]);
        using var fused = Fused(x => Functional.Conv2d(x, weight, null, [1, 1], [1, 1], [1, 1], 1).Relu(), Tensor.Randn([1, 32, 48, 48]));
        var x = Tensor.Randn([1, 32, 48, 48]);
        x[0, 3, 20, 20].FillInPlace(double.NaN);
        var sums = fused.Run(x)[0].Sum([1])[0];
        for (int row = 0; row < 48; row++)
        {
            for (int column = 0; column < 48; column++)
            {
                bool none = double.IsNaN(sums[row, column].Item<double>());
                if (row is >= 19 and <= 21 && column is >= 19 and <= 21) Assert.True(none, $"row {row}, column {column}");
                if (row is < 16 or > 23 || column is < 16 or > 23) Assert.False(none, $"row {row}, column {column}");
            }
        }
    }

    public static TheoryData<string> Activations =>
        ["relu", "relu6", "silu", "gelu", "gelu tanh", "sigmoid", "tanh", "hardswish", "leaky", "elu", "mul", "div", "plus", "minus",
            "clamp", "hardsigmoid"];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Every_activation_is_computed_with_its_layer(string name)
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([24, 40]);
        Agrees(x => After(Functional.Linear(x, weight), name), [3, 5, 40]);
        var kernels = Tensor.Randn([16, 32, 3, 3]) / Math.Sqrt(9 * 32);   // results of ordinary size: rounding is relative to them
        Agrees(x => After(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1), name), [2, 32, 6, 7]);
        Agrees(x => After(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1), name), [2, 32, 60, 61]);
    }

    [Fact]
    public void A_residual_sum_is_part_of_the_layer_on_either_side_of_the_plus()
    {
        using var scope = new TensorScope();
        Tensor kernels = Tensor.Randn([32, 32, 3, 3]) * 0.1, other = Tensor.Randn([32, 32, 1, 1]) * 0.1;
        Agrees(x => (Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1) + x).Relu(), [2, 32, 8, 8], nodes: 1);
        Agrees(x => x + Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1).Relu() * 0.5, [2, 32, 8, 8], nodes: 1);
        Agrees(x => (Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1)
            + Functional.Conv2d(x, other, null, [1, 1], [0, 0], [1, 1], 1)).Relu(), [2, 32, 8, 8], nodes: 2);
    }

    [Fact]
    public void A_sum_that_spreads_a_row_over_the_batch_is_left_to_libtorch_with_the_same_answer()
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([24, 40]), positions = Tensor.Randn([1, 5, 24]), wider = Tensor.Randn([4, 1, 5, 24]);
        Agrees(x => (Functional.Linear(x, weight) + positions).Relu(), [3, 5, 40]);
        Agrees(x => (Functional.Linear(x, weight) + wider).Relu(), [3, 5, 40]);
    }

    [Fact]
    public void A_result_with_two_readers_is_written_before_its_activation()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([40, 40]);
        Agrees(x =>
        {
            var y = Functional.Linear(x, weight);
            return y.Sigmoid() * y;
        }, [3, 40]);
    }

    [Fact]
    public void Zeros_around_a_picture_may_differ_at_its_ends()
    {
        using var scope = new TensorScope();
        foreach (int channels in new[] { 3, 40 })
        {
            var kernels = Tensor.Randn([16, channels, 3, 3]) * 0.2;
            Agrees(x => Functional.Conv2d(x.ConstantPadNd([0, 1, 2, 1], 0), kernels, null, [2, 2], [0, 0], [1, 1], 1), [2, channels, 9, 8]);
            Agrees(x => Functional.Conv2d(x.ConstantPadNd([0, 1, 2, 1], 3), kernels, null, [2, 2], [0, 0], [1, 1], 1), [2, channels, 9, 8]);
        }
    }

    [Fact]
    public void Shuffled_channels_are_moved_once_however_often_they_are_shuffled()
    {
        using var scope = new TensorScope();
        var kernels = Tensor.Randn([12, 1, 3, 3]);
        Agrees(x => Shuffled(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 12), 3).Sum([3]), [2, 12, 5, 7], nodes: 1,
            kind: "sconce::channels");
        Agrees(x => Shuffled(Shuffled(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 12), 3), 2).Sum([3]), [2, 12, 5, 7],
            nodes: 1, kind: "sconce::channels");
    }

    [Fact]
    public void Several_filters_for_each_channel_answer_as_unpacked()
    {
        using var scope = new TensorScope();
        Tensor kernels = Tensor.Randn([24, 1, 3, 1]), bias = Tensor.Randn([24]);
        Agrees(x => Functional.Conv2d(Shuffled(x, 4), kernels, bias, [2, 1], [1, 0], [1, 1], 12).Relu(), [2, 12, 9, 7]);
    }

    [Fact]
    public void A_packed_layer_answers_for_other_sizes_than_the_first_and_for_none()
    {
        using var scope = new TensorScope();
        var kernels = Tensor.Randn([16, 40, 3, 3]) * 0.2;
        using var fused = Fused(x => Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1).Relu(), Tensor.Randn([1, 40, 8, 8]));
        foreach (long[] shape in new long[][] { [1, 40, 8, 8], [5, 40, 3, 17], [0, 40, 8, 8], [1, 40, 8, 8] })
        {
            var x = Tensor.Randn(shape);
            Close(Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1).Relu(), fused.Run(x)[0]);
        }

        var error = Assert.Throws<TorchException>(() => fused.Run(Tensor.Randn([1, 39, 8, 8])));
        Assert.Contains("40 channels", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 3, 5, 5, 8)]
    [InlineData(2, 4, 197, 197, 64)]
    [InlineData(2, 2, 70, 9, 16)] // more queries than keys, and than a block
    public void Attention_answers_as_its_operators_one_by_one(int batch, int heads, int queries, int keys, int width)
    {
        using var scope = new TensorScope();
        Tensor project = Tensor.Randn([width, width]) / Math.Sqrt(width), k = Tensor.Randn([batch, heads, keys, width]),
            v = Tensor.Randn([batch, heads, keys, width]);
        Agrees(x => (Functional.Linear(x, project).Matmul((k * x.Mean().Exp()).Transpose(-2, -1)) * 0.3).Softmax(-1).Matmul(v),
            [batch, heads, queries, width], kind: "sconce::attention");
        var flat = k.Flatten(0, 1);
        Agrees(x => Functional.Linear(x, project).Bmm((flat * x.Mean().Exp()).Transpose(1, 2)).Softmax(-1).Bmm(v.Flatten(0, 1)),
            [batch * heads, queries, width], kind: "sconce::attention");
    }

    [Theory]
    [InlineData(5, 8)]
    [InlineData(2, 2, 4, 5, 8)]
    public void Attention_of_any_number_of_dimensions_answers_as_its_operators_one_by_one(params int[] shape)
    {
        using var scope = new TensorScope();
        var project = Tensor.Eye(8);
        Agrees(
            x => (x.Matmul(x.Transpose(-2, -1)) * 0.3).Softmax(-1).Matmul(x) + Functional.Linear(x, project),
            [.. shape.Select(size => (long)size)],
            kind: "sconce::attention");
    }

    [Fact]
    public void Attention_reads_queries_keys_and_values_from_one_projection()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([96, 32]) * 0.2;
        Agrees(x =>
        {
            var parts = Functional.Linear(x, weight).View([2, 19, 3, 4, 8]).Permute([2, 0, 3, 1, 4]).Unbind(0);
            return (parts[0].Matmul(parts[1].Transpose(-2, -1)) * 0.5).Softmax(-1).Matmul(parts[2]).Transpose(1, 2).Reshape([2, 19, 32]);
        }, [2, 19, 32], kind: "sconce::attention");
    }

    [Fact]
    public void Attention_of_huge_and_of_broken_scores_is_what_softmax_makes_of_them()
    {
        using var scope = new TensorScope();
        Tensor identity = Tensor.Eye(8), k = Tensor.Randn([1, 1, 11, 8]) * 200, v = Tensor.Randn([1, 1, 11, 8]);
        Tensor Answer(Tensor x) => Functional.Linear(x, identity).Matmul((k * x.Isfinite().Any()).Transpose(-2, -1)).Softmax(-1).Matmul(v);
        using var fused = Fused(Answer, Tensor.Randn([1, 1, 6, 8]));
        var x = Tensor.Randn([1, 1, 6, 8]) * 50;
        Close(Answer(x), fused.Run(x)[0]);
        x.Narrow(2, 2, 1).FillInPlace(double.NaN);
        var broken = fused.Run(x)[0].Isnan();
        Assert.Equal(Answer(x).Isnan().ToArray<bool>(), broken.ToArray<bool>());
        Assert.True(broken.Any().Item<bool>());
    }

    [Fact]
    public void A_graph_without_such_layers_is_refused()
    {
        using var scope = new TensorScope();
        using var traced = ScriptModule.Trace(inputs => [inputs[0] * 2], Tensor.Randn([3]));
        using var frozen = traced.Freeze();
        Assert.Throws<TorchException>(() => frozen.Fuse());
    }

    private static Tensor Shuffled(Tensor x, int groups) =>
        x.Reshape([x.Size(0), groups, x.Size(1) / groups, x.Size(2), x.Size(3)]).Transpose(1, 2)
        .Reshape([x.Size(0), x.Size(1), x.Size(2), x.Size(3)]);

    private static Tensor After(Tensor x, string name) => name switch
    {
        "relu" => x.Relu(),
        "relu6" => x.Hardtanh(0.0, 6.0),
        "silu" => x.Silu(),
        "gelu" => x.Gelu(),
        "gelu tanh" => x.Gelu("tanh"),
        "sigmoid" => x.Sigmoid(),
        "tanh" => x.Tanh(),
        "hardswish" => x.Hardswish(),
        "leaky" => x.LeakyRelu(0.2),
        "elu" => x.Elu(),
        "mul" => x * -1.5,
        "div" => x / 3.0,
        "plus" => (x + 2.0).Relu(),
        "minus" => (x - 0.25).Relu(),
        "hardsigmoid" => x.Hardsigmoid(),
        _ => x.Clamp(-0.5, 0.25),
    };
}
