using Sconce.Claims;
using Sconce.Nn;
using Sconce.Systems.SelfSupervision.BarlowTwins;
using Sconce.Torch;
using Xunit;
using Network = Sconce.Systems.SelfSupervision.BarlowTwins.BarlowTwins;

namespace Sconce.Systems.Tests.BarlowTwins;

[Collection(LiveTensors.Name)]
public class BarlowTwinsTests
{
    [Fact]
    public void Features_of_the_published_file_are_the_trunks_of_the_whole_network() =>
        PublishedFeatures.Agree(new BarlowTwinsMethod(), "barlow_twins_resnet50", () => new Network([32, 32]), network => network.Backbone,
            (network, pictures) => network.Backbone.Call(pictures));

    [Fact]
    public void Equal_views_of_independent_components_cost_little_and_scaling_changes_nothing()
    {
        using var scope = new TensorScope();
        var z = Tensor.Randn([4096, 4]);
        var correlation = BarlowTwinsLoss.CrossCorrelation(z, z);
        Assert.InRange(BarlowTwinsLoss.Invariance(correlation).Item<double>(), 0, 1e-6);
        Assert.InRange(BarlowTwinsLoss.Redundancy(correlation).Item<double>(), 0, 0.05);
        Assert.True(BarlowTwinsLoss.CrossCorrelation(z * 3 + 7, z).Allclose(correlation, atol: 1e-4));
    }

    [Fact]
    public void A_repeated_component_is_redundant_and_opposite_views_disagree()
    {
        using var scope = new TensorScope();
        var column = Tensor.Randn([64, 1]);
        var z = Tensor.Cat([column, column], 1);
        var correlation = BarlowTwinsLoss.CrossCorrelation(z, z);
        Assert.Equal(2, BarlowTwinsLoss.Redundancy(correlation).Item<double>(), 1e-3);
        Assert.Equal(8, BarlowTwinsLoss.Invariance(BarlowTwinsLoss.CrossCorrelation(z, -z)).Item<double>(), 1e-3); // two of (1 - -1)²
    }

    [Fact]
    public void The_models_own_normaliser_gives_the_same_loss()
    {
        using var scope = new TensorScope();
        using var model = new Network([32, 24], [1, 1, 1, 1]);
        Tensor a = Tensor.Randn([16, 24]), b = Tensor.Randn([16, 24]);
        Assert.Equal(BarlowTwinsLoss.Compute(a, b).Item<double>(), model.EmbeddingLoss(a, b).Item<double>(), 1e-4);
        Assert.NotEqual(0, model.Bn.RunningMean!.Abs().Sum().Item<double>());
    }

    [Fact]
    public void The_published_model_has_its_keys_and_parameters()
    {
        using var skipped = Init.Skipped();
        var variant = new BarlowTwinsSystem().Variants[0];
        using var model = variant.Create(new());
        Assert.Equal(variant.Parameters, model.ParameterCount);
        string[] names = [.. model.StateDict().Select(entry => entry.Name)];
        Assert.Contains("backbone.layer4.2.conv3.weight", names);
        Assert.DoesNotContain("projector.0.bias", names);
        Assert.Equal(["projector.6.weight", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked"], names[^4..]);
    }

    [Fact]
    public void Biases_and_norms_have_a_lower_rate_no_decay_and_no_trust_ratio()
    {
        using var model = new Network([16], [1, 1, 1, 1]);
        using var optimizer = BarlowTwinsTraining.Optimizer(model);
        Assert.Equal(0.0048 / 0.2, optimizer.Groups[1].RateFactor, 1e-12);
        Assert.True(optimizer.Groups[1] is { Decay: false, Adapt: false });
        Assert.All(optimizer.Groups[1].Parameters, parameter => Assert.Equal(1, parameter.Dimensions));
        Assert.Equal(0, BarlowTwinsTraining.Schedule(2048, 625).At(0));
        Assert.Equal(1.6, BarlowTwinsTraining.Schedule(2048, 625).At(6250), 1e-9);
    }

    [Fact]
    public void The_two_views_are_distorted_unlike_and_of_the_size_asked() =>
        Assert.Equal(2, BarlowTwinsViews.Create(96).Distinct().Count());

    [Fact]
    public void A_claims_view_keeps_shape_and_differs_from_picture_to_picture()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        var pictures = ShapeScenes.Sample(6, new Random(1)).Inputs;
        var (first, second) = (BarlowTwinsClaim.View(pictures), BarlowTwinsClaim.View(pictures));
        Assert.Equal(pictures.Shape.ToArray(), first.Shape.ToArray());
        Assert.False(first.Allclose(second));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Assert.Equal(Verdict.Holds, BarlowTwinsClaim.Judge([0.34, 0.33], [0.28, 0.25], [0.16, 0.16]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, BarlowTwinsClaim.Judge([0.28, 0.27], [0.28, 0.27], [0.1, 0.1]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, BarlowTwinsClaim.Judge([0.34, 0.33], [0.28, 0.25], [0.3, 0.29]).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new BarlowTwinsClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
