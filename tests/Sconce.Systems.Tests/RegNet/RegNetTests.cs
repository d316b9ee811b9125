using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Classification.RegNets;
using Sconce.Torch;
using Xunit;
using Network = Sconce.Nn.Backbones.RegNet;

namespace Sconce.Systems.Tests.RegNet;

[Collection(LiveTensors.Name)]
public class RegNetTests
{
    public static TheoryData<string> Published => [.. RegNetPublished.All.Select(network => network.Name)];

    [Theory]
    [MemberData(nameof(Published))]
    public void Widths_depths_parameters_and_operations_follow_from_five_numbers(string name)
    {
        var published = RegNetPublished.All.Single(network => network.Name == name);
        Assert.Equal("", published.Difference(RegNetCost.Of(RegNetVariants.Config(name, published.Design)).Parameters));
    }

    [Theory]
    [InlineData("regnet_y_400mf")]
    [InlineData("regnet_x_800mf")]
    public void The_counted_cost_is_that_of_the_network_that_is_built(string name)
    {
        var variant = RegNetVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = (Network)variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        string[] names = [.. network.StateDict().Select(entry => entry.Name)];
        Assert.Equal("stem.0.weight", names[0]);
        Assert.Contains("trunk_output.block2.block2-1.f.b.0.weight", names);
        Assert.Equal(name.Contains("_y_", StringComparison.Ordinal), names.Contains("trunk_output.block1.block1-0.f.se.fc2.bias"));
        Assert.IsType<Linear>(network[variant.Find<IHasClasses>()!.Head]);
    }

    [Fact]
    public void The_largest_trunks_have_the_published_number_of_parameters()
    {
        foreach (string name in (string[])["regnet_y_64gf", "regnet_y_128gf", "regnet_y_256gf", "regnet_y_10b"])
        {
            var variant = RegNetVariants.All.Single(variant => variant.Name == name);
            var design = name switch
            {
                "regnet_y_64gf" => RegNetDesign.Y64,
                "regnet_y_128gf" => RegNetDesign.Y128,
                "regnet_y_256gf" =>
                RegNetDesign.Y256,
                _ => RegNetDesign.Y10B
            };
            Assert.Equal(variant.Parameters, RegNetCost.Of(RegNetVariants.Config(name, design)).Parameters);
        }
    }

    [Theory]
    [InlineData(0, 48, 27.0, 2.0, 8)]
    [InlineData(16, 44, 27.0, 2.0, 8)]
    [InlineData(16, 48, -1.0, 2.0, 8)]
    [InlineData(16, 48, 27.0, 1.0, 8)]
    [InlineData(16, 48, double.NaN, 2.0, 8)]
    [InlineData(16, 48, 27.0, 2.0, 0)]
    public void Numbers_outside_the_design_space_are_refused(int depth, int width, double slope, double multiplier, int group) =>
        Assert.Throws<ArgumentException>(() => new RegNetDesign(depth, width, slope, multiplier, group).Stages());

    [Theory]
    [InlineData("_feature_blocks.conv1.stem.0.weight", "stem.0.weight")]
    [InlineData("_feature_blocks.res2.block1-0.f.final_bn.weight", "trunk_output.block1.block1-0.f.c.1.weight")]
    [InlineData("_feature_blocks.res3.block2-1.f.se.excitation.2.bias", "trunk_output.block2.block2-1.f.se.fc2.bias")]
    [InlineData("heads.0.weight", null)]
    public void VISSLs_keys_are_renamed(string key, string? expected) => Assert.Equal(expected, RegNetVisslKeys.ToTorchvision(key));

    [Fact]
    public void Features_have_strides_4_to_32_and_the_trunk_gives_their_mean()
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var trunk = new Network(new RegNetConfig([new(16, 1, 8), new(24, 1, 8), new(40, 2, 8)]) { SqueezeRatio = 0.25, Classes = 0 });
        trunk.Eval();
        var x = Tensor.Randn([2, 3, 64, 64]);
        Assert.Equal([16L, 8, 4], trunk.Features(x).Select(map => map.Size(2)));
        Assert.True(trunk.Call(x).Allclose(trunk.Features(x)[^1].Mean([2, 3]), atol: 1e-6));
        Assert.Equal([2, 40], trunk.Pooled(x).Shape.ToArray());
    }

    [Fact]
    public void The_trends_two_networks_cost_alike()
    {
        double growing = RegNetCost.Of(RegNetClaim.SmallNet(16, 32, 64), 24).MultiplyAdds,
            shrinking = RegNetCost.Of(RegNetClaim.SmallNet(32, 16, 8), 24).MultiplyAdds;
        Assert.InRange(shrinking / growing, 0.97, 1.03);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new RegNetClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
