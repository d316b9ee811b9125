using Sconce.Torch;
using Xunit;
using static Sconce.Tests.Compilation.FusedGraphs;

namespace Sconce.Tests.Compilation;

/// <summary>Operators on single numbers that run together in rewritten graphs, held to the same operators run one by one.</summary>
public sealed class PointwiseTests
{
    private const string Kind = "sconce::pointwise";

    public PointwiseTests() => Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");

    public static TheoryData<string> Functions =>
        ["relu", "clamp", "leaky", "sigmoid", "silu", "tanh", "gelu", "gelu tanh", "hardswish", "hardsigmoid", "times"];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Every_function_answers_as_libtorchs_over_its_whole_range(string name)
    {
        using var scope = new TensorScope();
        Tensor Chain(Tensor x) => Function(x * 2.0, name) + x;
        Agrees(Chain, [3, 5, 7], nodes: 1, Kind);
        using var off = Gradients.Off();
        using var fused = Fused(Chain, Tensor.Randn([4003]));
        var x = Tensor.Linspace(-60, 60, 4003);
        Close(Chain(x), fused.Run(x)[0]);
    }

    [Fact]
    public void Pictures_and_gates_of_their_channels_are_combined_in_one_pass()
    {
        using var scope = new TensorScope();
        foreach (long[] shape in new long[][] { [2, 16, 9, 7], [1, 5, 40, 33], [3, 130, 4, 5], [2, 8, 1, 1] })
        {
            Agrees(x =>
            {
                var gate = x.Mean([2, 3], keepdim: true);
                return (x * (gate + 1.0) + x / 2.0).Relu();
            }, shape, nodes: 1, Kind);
            Agrees(x =>
            {
                Tensor one = x.Mean([2, 3], keepdim: true), other = x.Amax([2, 3], keepdim: true);
                return (x * one - other).Maximum((other * x).Minimum(one / (other * other + 1.0)));
            }, shape, nodes: 1, Kind);
        }
    }

    [Fact]
    public void Reordered_channels_are_part_of_the_pass()
    {
        using var scope = new TensorScope();
        var order = Tensor.From<long>([3, 0, 5, 1, 4, 2]);
        Agrees(x => x.IndexSelect(1, order) * x.Mean([2, 3], keepdim: true) + x, [2, 6, 5, 8], nodes: 1, Kind);
        var twice = Tensor.From<long>([3, 3, 5, 1, 4, 2]);
        // no order: stays libtorch's, before the pass
        Agrees(x => (x.IndexSelect(1, twice) * 2.0 + x).Relu(), [2, 6, 5, 8], nodes: 1, Kind);
    }

    [Fact]
    public void Shapes_that_spread_otherwise_are_left_to_libtorch_with_the_same_answer()
    {
        using var scope = new TensorScope();
        Tensor row = Tensor.Randn([7]), column = Tensor.Randn([5, 1]), map = Tensor.Randn([1, 1, 5, 7]);
        Agrees(x => (x * row + column).Relu(), [3, 5, 7], nodes: 1, Kind);
        Agrees(x => ((x * map + 1.0) * column).Relu(), [2, 4, 5, 7], nodes: 1, Kind);
        Agrees(x => (x * x.Mean([1], keepdim: true) + 1.0).Relu(), [2, 4, 5, 7], nodes: 1, Kind);
    }

    [Fact]
    public void A_graph_that_was_made_for_one_shape_answers_for_others()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        Tensor Gated(Tensor x) => (x * x.Mean([2, 3], keepdim: true) + x).Relu();
        using var fused = Fused(Gated, Tensor.Randn([2, 8, 6, 6]));
        foreach (long[] shape in new long[][] { [1, 8, 6, 6], [2, 3, 50, 41], [2, 8, 1, 1], [0, 8, 6, 6] })
        {
            var x = Tensor.Randn(shape);
            Close(Gated(x), fused.Run(x)[0]);
        }
        var wide = Tensor.Randn([2, 8, 6, 6]).To(DType.Float64);
        Close(Gated(wide), fused.Run(wide)[0]);
        var turned = Tensor.Randn([2, 6, 6, 8]).Permute([0, 3, 1, 2]);
        Close(Gated(turned), fused.Run(turned)[0]);
    }

    [Fact]
    public void What_is_no_number_stays_none()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        foreach (string name in Functions.Select(row => row.Data))
        {
            using var fused = Fused(x => Function(x * 2.0, name) + x, Tensor.Randn([20]));
            var x = Tensor.From([float.NaN, 1, 2, 3, 4, 5, 6, 7, 8, float.NaN]);
            float[] answer = fused.Run(x)[0].ToArray<float>();
            for (int k = 0; k < answer.Length; k++) Assert.Equal(k is 0 or 9, float.IsNaN(answer[k]));
        }
    }

    private static Tensor Function(Tensor x, string name) => name switch
    {
        "relu" => x.Relu(),
        "clamp" => x.Clamp(-0.5, 0.25),
        "leaky" => x.LeakyRelu(0.2),
        "sigmoid" => x.Sigmoid(),
        "silu" => x.Silu(),
        "tanh" => x.Tanh(),
        "gelu" => x.Gelu(),
        "gelu tanh" => x.Gelu("tanh"),
        "hardswish" => x.Hardswish(),
        "hardsigmoid" => x.Hardsigmoid(),
        "times" => x * -1.5 - 0.75,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no function of this test"),
    };
}
