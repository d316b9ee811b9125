using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Classification.FcaNet;
using Sconce.Torch;
using Xunit;
using Network = Sconce.Systems.Classification.FcaNet.FcaNet;

namespace Sconce.Systems.Tests.FcaNet;

[Collection(LiveTensors.Name)]
public class FcaNetTests
{
    [Theory]
    [InlineData("fcanet34", 266)]
    [InlineData("fcanet50", 368)]
    public void Each_variant_has_the_official_keys_and_number_of_parameters(string name, int keys)
    {
        var variant = FcaNetVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        string[] names = [.. network.StateDict().Select(entry => entry.Name)];
        Assert.Equal(variant.Parameters, network.ParameterCount);
        Assert.Equal(keys, names.Length);
        Assert.Contains("layer1.0.att.dct_layer.weight", names);
        Assert.Contains("layer4.2.att.fc.2.weight", names);
        Assert.Equal("fc.bias", names[^1]);
    }

    [Fact]
    public void The_first_frequency_alone_is_the_sum_over_the_roots_of_the_sides()
    {
        using var scope = new TensorScope();
        using var squeeze = new MultiSpectralDct(4, new Extent2(6, 9), FrequencySelection.Top(1));
        var maps = Tensor.Randn([2, 4, 6, 9]);
        Assert.True(squeeze.Call(maps).Allclose(maps.Sum([2, 3]) / Math.Sqrt(54), atol: 1e-5));
    }

    [Fact]
    public void The_basis_images_are_orthonormal()
    {
        using var scope = new TensorScope();
        var all = new FrequencySelection([.. FrequencySelection.Candidates]);
        using var squeeze = new MultiSpectralDct(49, 7, all);
        var images = squeeze.Weight.Flatten(1);
        Assert.True(images.Matmul(images.T()).Allclose(Tensor.Eye(49), atol: 1e-5));
    }

    [Theory]
    [InlineData("top3")]
    [InlineData("mid16")]
    [InlineData("top")]
    [InlineData("low64")]
    public void A_selection_that_is_none_is_refused(string name) => Assert.Throws<FormatException>(() => FrequencySelection.Parse(name));

    [Fact]
    public void Channels_that_do_not_divide_and_maps_of_another_size_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => new MultiSpectralDct(10, 7, FrequencySelection.Top(16)));
        using var squeeze = new MultiSpectralDct(16, 7, FrequencySelection.Top(16));
        Assert.Throws<TorchException>(() => squeeze.Call(Tensor.Zeros([1, 16, 8, 8])));
    }

    [Fact]
    public void The_search_keeps_the_most_accurate_in_order()
    {
        var found = FrequencySelection.Best([(new(0, 0), 0.5), (new(1, 2), 0.9), (new(3, 3), 0.7)], 2);
        Assert.Equal([new Frequency(1, 2), new Frequency(3, 3)], found.Frequencies);
        Assert.Throws<ArgumentException>(() => FrequencySelection.Best([(new(0, 0), 0.5)], 2));
    }

    [Fact]
    public void A_picture_of_another_size_is_pooled_for_the_squeeze_only()
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var network = Network.Create(new FcaNetConfig(false, [1, 1, 1, 1]) { Classes = 5 });
        network.Eval();
        Assert.Equal([2, 5], network.Call(Tensor.Randn([2, 3, 96, 128])).Shape.ToArray());
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Dictionary<string, List<double>> values =
            new() { ["SE (mean)"] = [0.6, 0.7], ["top1"] = [0.6, 0.65], ["low16"] = [0.99, 1], ["top16"] = [0.99, 0.98] };
        Assert.Equal(Verdict.Holds, FcaNetClaim.Judge(values).Verdict);
        values["SE (mean)"] = [0.99, 0.99];
        Assert.Equal(Verdict.DoesNotHold, FcaNetClaim.Judge(values).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new FcaNetClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
