using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Systems.Classification.ResNeSt;
using Sconce.Torch;
using Xunit;
using Network = Sconce.Systems.Classification.ResNeSt.ResNeSt;

namespace Sconce.Systems.Tests.ResNeSt;

[Collection(LiveTensors.Name)]
public sealed class ResNeStTests
{
    [Theory]
    [InlineData("resnest50", 476, 1931464323407884696ul)]
    [InlineData("resnest101", 935, 13362073449406739533ul)]
    [InlineData("resnest200", 1826, 6875280844304092852ul)]
    [InlineData("resnest269", 2447, 13593170917435370517ul)]
    [InlineData("resnest50_fast_1s1x64d", 476, 9457618918833335678ul)]
    [InlineData("resnest50_fast_2s1x64d", 476, 1931464323407884696ul)]
    [InlineData("resnest50_fast_4s1x64d", 476, 10597099149503392135ul)]
    [InlineData("resnest50_fast_1s2x40d", 476, 12723717298677832871ul)]
    [InlineData("resnest50_fast_2s2x40d", 476, 11873893587065080525ul)]
    [InlineData("resnest50_fast_4s2x40d", 476, 13743432023487223891ul)]
    [InlineData("resnest50_fast_1s4x24d", 476, 8122304683068303144ul)]
    public void Every_variant_keeps_its_keys_and_its_parameter_count(string name, int entries, ulong hash)
    {
        using var skipped = Init.Skipped();
        var variant = Models.Registry.Get(name);
        using var network = variant.Create(new());
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(hash, network);
        Assert.Equal(entries, network.StateDict().Count);
        Assert.IsType<Linear>(network[variant.Find<IHasClasses>()!.Head]);
    }

    [Fact]
    public void The_radix_softmax_turns_cardinality_major_logits_into_radix_major_weights()
    {
        using var scope = new TensorScope();
        // K = 2, R = 2, one channel a group: logits lie (k0 r0, k0 r1, k1 r0, k1 r1), weights (r0 k0, r0 k1, r1 k0, r1 k1).
        var weights = RadixSoftmax.Compute(Tensor.From([0f, MathF.Log(3), MathF.Log(9), 0f], [1, 4, 1, 1]), 2, 2);
        float[] expected = [0.25f, 0.9f, 0.75f, 0.1f], actual = weights.ToArray<float>();
        for (int k = 0; k < 4; k++) Assert.Equal(expected[k], actual[k], 1e-6);
        Assert.Equal(0.5f, RadixSoftmax.Compute(Tensor.Zeros([1, 4, 1, 1]), 1, 2).ToArray<float>()[0]);
        Assert.Throws<ArgumentException>(() => RadixSoftmax.Compute(Tensor.Zeros([1, 6, 1, 1]), 2, 2));
    }

    [Fact]
    public void Split_attention_sees_the_whole_map()
    {
        using var layer = new SplitAttentionConv2d(new SplitAttentionConfig(8, 8) { Padding = 1, Norm = false });
        using var scope = new TensorScope();
        var x = Tensor.Randn([1, 8, 16, 16]).WithGrad();
        var gradient = Gradients.Of([layer.Call(x)[0, .., 0, 0].Sum()], [x])[0];
        Assert.NotEqual(0, gradient[0, .., 15, 15].Abs().Sum().Item<float>());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(4, 8)]
    public void Dilation_keeps_the_last_stages_maps_large(int dilation, int side)
    {
        using var skipped = Init.Skipped();
        using var network =
            new Network(new ResNeStConfig([1, 1, 2, 2]) { Dilation = dilation, BottleneckWidth = 8, StemWidth = 8, Classes = 0 });
        network.Eval();
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var maps = network.Features(Tensor.Zeros([1, 3, 64, 64]));
        Assert.Equal([1, 2048, side, side], maps[3].Shape);
        Assert.Equal([1, 256, 16, 16], maps[0].Shape);
    }

    [Fact]
    public void Blocks_begin_as_their_shortcut_where_the_last_gain_is_zero()
    {
        using var network = new Network(new ResNeStConfig([2, 1, 1, 1]) { BottleneckWidth = 8, ZeroInitResidual = true, Classes = 0 });
        network.Eval();
        using var scope = new TensorScope();
        var map = Tensor.Rand([1, 256, 8, 8]);
        Assert.Equal(map.ToArray<float>(), network.Layer1[1].Call(map).ToArray<float>());
    }

    [Fact]
    public void A_training_step_leaves_no_tensor_behind()
    {
        using var network = new Network(
            new ResNeStConfig([1, 1, 1, 1]) { BottleneckWidth = 8, StemWidth = 8, Classes = 5, Dropout = 0.2, DropBlock = 0.1 });
        long before = 0;
        for (int step = 0; step < 2; step++)
        {
            using (var scope = new TensorScope())
            {
                network.ZeroGrad();
                var (pictures, targets) = ResNeStTraining.MixUp(Tensor.Rand([2, 3, 96, 96]), Tensor.From([1L, 4L]), 5);
                ResNeStTraining.Loss(network.Call(pictures), targets).Backward();
                Assert.All(network.Parameters(), parameter => Assert.NotNull(parameter.Grad));
            }

            if (step == 0) before = LiveTensors.Count;
        }

        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void Bad_configurations_say_what_is_possible()
    {
        Assert.Contains("four stages", Assert.Throws<ArgumentException>(() => new Network(new ResNeStConfig([1, 1, 1]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("1, 2 and 4", Assert.Throws<ArgumentException>(() => new Network(new ResNeStConfig([1, 1, 1, 1]) { Dilation = 3 }))
            .Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SplitAttentionConv2d(new SplitAttentionConfig(8, 8) { Radix = 0 }));
        Assert.Throws<ArgumentException>(() => new SplitAttentionConv2d(new SplitAttentionConfig(8, 9) { Cardinality = 2 }));
    }
}
