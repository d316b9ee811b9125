using Sconce.Nn;
using Sconce.Systems.Generation.HyperRim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.HyperRim;

[Collection(LiveTensors.Name)]
public sealed class HyperRimTests
{
    internal static HyperRimConfig Small { get; } = new()
    {
        CodeChannels = 2,
        Vector = 4,
        Style = 6,
        Residual = [4, 3],
        Dense = [3, 2],
        Blocks = 1,
    };

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var network = new HyperRimNetwork(Small);
        using var features = new PerceptualFeatures();
        Assert.Equal(7956773963250207961UL, StateHash.Of(network));
        Assert.Equal(2438943381069995638UL, StateHash.Of(features));
    }

    [Fact]
    public void Each_level_doubles_the_picture_and_other_codes_give_other_pictures()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new HyperRimNetwork(Small);
        var input = Tensor.Rand([2, 3, 4, 5]);
        var first = network.Call(input, network.Codes(2, 4, 5));
        Assert.Equal([2, 3, 8, 10], first[0].Shape.ToArray());
        Assert.Equal([2, 3, 16, 20], first[1].Shape.ToArray());
        Assert.All(first, pictures => Assert.True((pictures >= 0).All().Item<bool>() && (pictures <= 1).All().Item<bool>()));
        Assert.False(first[1].Allclose(network.Call(input, network.Codes(2, 4, 5))[1]));
    }

    [Fact]
    public void Decompression_keeps_the_size()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new HyperRimNetwork(Small with { Residual = [4], Dense = [3], KeepsSize = true });
        Assert.Equal([1, 3, 6, 4], network.Call(Tensor.Rand([1, 3, 6, 4]), network.Codes(1, 6, 4))[0].Shape.ToArray());
    }

    [Fact]
    public void A_code_of_another_length_is_refused_with_the_level_and_the_length()
    {
        using var scope = new TensorScope();
        using var network = new HyperRimNetwork(Small);
        var codes = network.Codes(1, 4, 4);
        codes[1] = codes[0];
        var error = Assert.Throws<TorchException>(() => network.Call(Tensor.Rand([1, 3, 4, 4]), codes));
        Assert.Contains("level 2 has a code of shape [1, 36], but (1, 132) is expected", error.Message);
        Assert.Throws<ArgumentException>(() => new HyperRimNetwork(Small with { Dense = [3] }));
    }

    [Fact]
    public void The_winner_is_the_code_whose_picture_is_the_target_and_stays_for_the_next_level()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        TorchRuntime.ManualSeed(7);
        using var network = new HyperRimNetwork(Small);
        using var features = new PerceptualFeatures();
        var input = Tensor.Rand([1, 3, 8, 8]);
        var pools = network.Codes(5, 8, 8);
        Tensor[] truth = [pools[0].Narrow(0, 3, 1), pools[1].Narrow(0, 1, 1)];
        var targets = network.Call(input, truth);
        var projections = targets
            .Select(target => features.Call(target).Rows.Select(rows => ImleSelection.Projection(rows.Size(1), 8)).ToList())
            .ToList();
        var winners = ImleSelection.Select(network, features, input, targets, pools, projections);
        Assert.Equal([3, 1], winners.Select(winner => winner.Index));
        Assert.All(winners.Zip(truth), pair => Assert.True(pair.First.Code.Equal(pair.Second)));
    }

    [Fact]
    public void Equal_pictures_have_no_distance_and_gradients_reach_pictures_but_no_weights()
    {
        using var scope = new TensorScope();
        using var features = new PerceptualFeatures();
        Tensor x = Tensor.Rand([2, 3, 32, 32]), y = Tensor.Rand([2, 3, 32, 32]);
        x.RequiresGrad = true;
        Assert.Equal([0, 0], features.Distance(x, x).Detach().ToArray<float>());
        Assert.True(Gradients.Of([features.Distance(x, y).Sum()], [x])[0].Abs().Max().Item<float>() > 0);
        Assert.All(features.Parameters(), parameter => Assert.False(parameter.RequiresGrad));
    }

    [Fact]
    public void Channel_weights_count_by_their_roots()
    {
        using var scope = new TensorScope();
        using var features = new PerceptualFeatures();
        Tensor x = Tensor.Rand([1, 3, 32, 32]), y = Tensor.Rand([1, 3, 32, 32]), before = features.Distance(x, y);
        features.Weigh([.. new[] { 64, 128, 256, 512, 512 }.Select(width => Tensor.Full([1, width, 1, 1], 4f))]);
        Assert.True(features.Distance(x, y).Allclose(before * 4, rtol: 1e-4));
    }
}
