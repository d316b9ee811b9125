using System.Security.Cryptography;
using System.Text;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Classification.NFNets;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.NFNets;

/// <summary>The networks: their keys, and what the papers say of the signal in them.</summary>
[Collection(LiveTensors.Name)]
public class NFNetModelTests
{
    public static TheoryData<string, int, string> Keys => new()
    {
        { "dm_nfnet_f0", 233, "3224349a4699" },
        { "dm_nfnet_f1", 437, "a0ef3b8d0b18" },
        { "dm_nfnet_f2", 641, "3b1881bc978f" },
        { "dm_nfnet_f3", 845, "8bd310c4e48e" },
        { "dm_nfnet_f4", 1049, "4fa8e1028f49" },
        { "dm_nfnet_f5", 1253, "b64139d128a5" },
        { "dm_nfnet_f6", 1457, "56e703e54ae6" },
        { "dm_nfnet_f7", 1661, "18665834e1a2" },
        { "dm_nfnet_f0_plus", 233, "4a00f3b6e5fa" },
        { "dm_nfnet_f1_plus", 437, "63253966f441" },
        { "dm_nfnet_f2_plus", 641, "b8a7e4bea1b5" },
        { "dm_nfnet_f3_plus", 845, "25da0be218fd" },
        { "dm_nfnet_f4_plus", 1049, "b589bcf7c2f1" },
        { "dm_nfnet_f5_plus", 1253, "8be637a0b4dd" },
        { "dm_nfnet_f6_plus", 1457, "61e5abe141d3" },
        { "dm_nfnet_f7_plus", 1661, "ebce3aac1c9d" },
        { "nf_resnet26", 89, "3c55ce10d92f" },
        { "nf_resnet50", 161, "c85346d1e58e" },
        { "nf_resnet101", 314, "6350e5fcbfda" },
        { "nf_regnet_b0", 228, "7c83e3689493" },
        { "nf_regnet_b1", 280, "8002729090df" },
        { "nf_regnet_b2", 306, "aaa5ecd6ff0d" },
        { "nf_regnet_b3", 345, "c97b245fc770" },
        { "nf_regnet_b4", 410, "b2a433afbee1" },
        { "nf_regnet_b5", 514, "b141dde954ba" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_variant_has_the_keys_and_the_number_of_parameters_that_it_had(string name, int count, string hash)
    {
        var variant = new NFNetsSystem().Variants.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        var state = network.StateDict();
        Assert.Equal(variant.Parameters, network.ParameterCount);
        Assert.Equal((count, hash), (state.Count, Hash(state)));
    }

    [Fact]
    public void Every_variant_of_the_card_is_locked() =>
        Assert.Equal(new NFNetsSystem().Variants.Select(variant => variant.Name), Keys.Select(row => row.Data.Item1));

    [Fact]
    public void A_variant_takes_other_classes_and_none_gives_pooled_features()
    {
        var variant = new NFNetsSystem().Variants.Single(variant => variant.Name == "nf_regnet_b0");
        using var scope = new TensorScope();
        using var seven = (NFNet)variant.Create(new ModelOptions(Classes: 7));
        using var none = (NFNet)variant.Create(new ModelOptions(Classes: 0));
        Assert.Equal([2, 7], seven.Call(Tensor.Randn([2, 3, 64, 64])).Shape.ToArray());
        Assert.Equal([2, none.FeatureChannels], none.Call(Tensor.Randn([2, 3, 64, 64])).Shape.ToArray());
        Assert.DoesNotContain(none.StateDict(), entry => entry.Name.StartsWith("head", StringComparison.Ordinal));
    }

    [Fact]
    public void Beta_undoes_the_predicted_variance_which_is_set_back_after_the_first_block_of_a_stage()
    {
        var places = NFNet.Places(NFNetConfig.F(0), 128, 4).SelectMany(stage => stage).ToList();
        double[] variances = [.. places.Select(place => 1 / (place.Beta * place.Beta))];
        double[] expected = [1, 1.04, 1.04, 1.08, 1.04, 1.08, 1.12, 1.16, 1.20, 1.24, 1.04, 1.08];
        Assert.Equal(expected.Length, variances.Length);
        Assert.All(expected.Zip(variances), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        Assert.Equal([1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1], places.Select(place => place.Stride));
    }

    [Fact]
    public void The_drop_rate_grows_by_index_over_count_officially_and_up_to_the_whole_rate_in_the_carrier()
    {
        var config = NFNetConfig.F(0) with { StochasticDepth = 0.25 };
        double[] official = [.. NFNet.Places(config, 128, 4).SelectMany(stage => stage).Select(place => place.DropRate)];
        double[] carrier = [.. NFNet.Places(config with { StochasticDepthRule = StochasticDepthRule.Carrier }, 128, 4)
            .SelectMany(stage => stage).Select(place => place.DropRate)];
        Assert.Equal(0, official[0]);
        Assert.Equal(0.25 * 11 / 12, official[^1], 1e-12);
        Assert.Equal(0.25, carrier[^1], 1e-12);
    }

    [Fact]
    public void A_block_begins_as_its_shortcut_and_its_gain_is_all_that_has_a_gradient_then()
    {
        using var scope = new TensorScope();
        using var block = new NFBlock(NFNetsClaim.SmallNet, new NFBlockPlace(32, 32, 1, 1, 0.5));
        var x = Tensor.Randn([2, 32, 6, 6]);
        var y = block.Call(x);
        Assert.True(y.EqualTo(x));
        (y * Tensor.Randn(y.Shape)).Sum().Backward();
        foreach (var (name, parameter) in block.NamedParameters())
        {
            bool moves = parameter.Grad is { } gradient && gradient.Abs().Max().Item<float>() > 0;
            Assert.Equal(name == "skipinit_gain", moves);
        }
    }

    [Fact]
    public void Without_a_skip_gain_the_last_gains_begin_at_zero_and_the_block_as_its_shortcut()
    {
        using var scope = new TensorScope();
        using var block = new NFBlock(NFNetConfig.ResNet(1), new NFBlockPlace(64, 64, 1, 1, 0.25));
        var x = Tensor.Randn([2, 64, 6, 6]);
        Assert.True(block.Call(x).EqualTo(x)); // conv3's bias is zero too
        Assert.DoesNotContain(block.StateDict(), entry => entry.Name.Contains("skip", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StochasticDepthRule.Official, 1.0)]
    [InlineData(StochasticDepthRule.Carrier, 2.0)]
    public void Stochastic_depth_drops_whole_branches_and_officially_leaves_survivors_as_they_are(StochasticDepthRule rule, double scale)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var seed = Generator.Default();
        seed.Seed(3);
        using var block = new NFBlock(NFNetsClaim.SmallNet with { StochasticDepthRule = rule },
            new NFBlockPlace(32, 32, 1, 1, 0.5, DropRate: 0.5));
        block.SkipInitGain!.FillInPlace(1);
        var x = Tensor.Randn([32, 32, 4, 4]);
        block.Eval();
        var whole = block.Call(x) - x;
        block.Train();
        var branch = block.Call(x) - x;
        int dropped = 0;
        for (int item = 0; item < 32; item++)
        {
            if (branch[item].Abs().Max().Item<float>() == 0) dropped++;
            else Assert.True(branch[item].Allclose(whole[item] * scale, 1e-3, 1e-5));
        }

        Assert.InRange(dropped, 5, 27);
    }

    [Fact]
    public void Without_gradients_the_answer_is_the_same_and_the_input_and_the_maps_stay_as_they_were()
    {
        using var scope = new TensorScope();
        using var network = Awake(NFNetsClaim.SmallNet);
        network.Eval();
        var x = Tensor.Randn([2, 3, 32, 32]);
        var copy = x.Clone();
        var recorded = network.FeatureMaps(x);
        var logits = network.Call(x);
        using var noGrad = Gradients.Off();
        var free = network.FeatureMaps(x);
        Assert.True(x.EqualTo(copy));
        foreach (var (with, without) in recorded.Zip(free)) Assert.True(with.Allclose(without, 1e-4, 1e-5));
        Assert.True(logits.Allclose(network.Call(x), 1e-4, 1e-5));
        Assert.True(network.Features(x).Allclose(free[^1], 1e-4, 1e-5));
        Assert.Equal(6, free.Count);
    }

    [Fact]
    public void The_official_flavour_differs_from_the_carrier_s_only_a_little_and_has_the_same_keys()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var carrier = Awake(NFNetsClaim.SmallNet);
        using var official = new NFNet(NFNetsClaim.SmallNet.AsOfficial());
        foreach (var (mine, theirs) in official.StateDict().Zip(carrier.StateDict()))
        {
            Assert.Equal(theirs.Name, mine.Name);
            mine.Tensor.CopyInPlace(theirs.Tensor);
        }

        var x = Tensor.Randn([2, 3, 32, 32]);
        var (a, b) = (carrier.Features(x), official.Features(x));
        double difference = (a - b).Abs().Max().Item<float>();
        Assert.InRange(difference, 1e-7, 0.05);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void Odd_sizes_halve_upwards_in_the_shortcut_as_in_the_branch(int size)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new NFNet(NFNetsClaim.SmallNet);
        var maps = network.FeatureMaps(Tensor.Randn([1, 3, size, size]));
        long side = size;
        foreach (var map in maps.SkipLast(1)) Assert.Equal(side = (side + 1) / 2, map.Size(-1));
    }

    [Fact]
    public void Impossible_configurations_are_refused_in_words()
    {
        Assert.Contains("2 depths for 1", Assert.Throws<ArgumentException>(() => new NFNet(new NFNetConfig([1, 1], [32]))).Message);
        Assert.Contains("groups of 16",
            Assert.Throws<ArgumentException>(() => new NFNet(new NFNetConfig([1], [16]) { GroupSize = 16 })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => NFNetConfig.F(8));
    }

    [Fact]
    public void A_training_step_leaves_no_tensors_behind()
    {
        using var network = new NFNet(NFNetsClaim.SmallNet);
        using var optimizer = new NFNetOptimizer(network, 0.1);
        Step();
        long before = LiveTensors.Count;
        for (int k = 0; k < 3; k++) Step();
        Assert.Equal(before, LiveTensors.Count);

        void Step()
        {
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            MixedCrossEntropy.Compute(network.Call(Tensor.Randn([4, 3, 16, 16])), Tensor.From([1L, 2, 3, 4])).Backward();
            optimizer.Step();
        }
    }

    /// <summary>A net whose branches count: the gains, which begin at zero, are one.</summary>
    private static NFNet Awake(NFNetConfig config)
    {
        var network = new NFNet(config);
        using var noGrad = Gradients.Off();
        foreach (var (name, parameter) in network.NamedParameters())
        {
            if (name.EndsWith("skipinit_gain", StringComparison.Ordinal)) parameter.FillInPlace(1);
        }

        return network;
    }

    private static string Hash(IReadOnlyList<StateEntry> state) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join("\n", state.Select(entry => $"{entry.Name} {string.Join(",", entry.Tensor.Shape.ToArray())}")))))[..12];
}
