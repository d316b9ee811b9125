using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.TrainingMethods.GradAug;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.GradAug;

[Collection(LiveTensors.Name)]
public class GradAugTests
{
    [Theory]
    [InlineData("gradaug_resnet50", 3443250983511845511UL)]
    [InlineData("gradaug_wrn28_10", 8832319193431133589UL)]
    [InlineData("gradaug_pyramidnet200", 10295122432800842747UL)]
    [InlineData("gradaug_resnet110_depth", 18091130222402244339UL)]
    public void Each_variant_has_the_official_keys_and_number_of_parameters(string name, ulong keys)
    {
        var variant = GradAugVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(keys, network);
        Assert.NotNull(network[variant.Find<IHasClasses>()!.Head]);
    }

    [Fact]
    public void A_step_moves_the_running_statistics_once_and_no_sub_network_touches_them()
    {
        using var scope = new TensorScope();
        using var network = new SlimWideResNet(10, 1, 4);
        network.Train();
        var x = Tensor.Randn([6, 3, 16, 16]);
        var y = Tensor.From(new long[] { 0, 1, 2, 3, 0, 1 });
        GradAugRegularizer.Accumulate(network, x, logits => Functional.CrossEntropy(logits, y), []);
        var once = network.Bn1.RunningMean.Clone();
        network.Bn1.RunningMean.ZeroInPlace();
        GradAugRegularizer.Accumulate(network, x, logits => Functional.CrossEntropy(logits, y), [new(0.9, 14), new(0.8, 12)]);
        Assert.True(once.Allclose(network.Bn1.RunningMean, atol: 1e-6));
        Assert.Equal(1, network.Width);
    }

    [Fact]
    public void Sub_networks_leave_gradients_on_the_shared_weights_they_use_and_on_no_others()
    {
        using var scope = new TensorScope();
        using var network = new SlimWideResNet(10, 2, 4);
        network.Train();
        network.Width = 0.8;
        GradAugRegularizer.SoftLoss(network.Call(Tensor.Randn([4, 3, 16, 16])), Tensor.Randn([4, 4])).Backward();
        var gradient = network.Conv1.Weight.Grad!;
        Assert.True(gradient.Narrow(0, 0, 13).Abs().Sum([1, 2, 3]).Gt(0).All().Item<bool>());
        Assert.Equal(0, gradient.Narrow(0, 13, 3).Abs().Sum().Item<float>());
    }

    [Fact]
    public void The_soft_loss_is_zero_for_equal_answers_and_gives_the_full_network_no_gradient()
    {
        using var scope = new TensorScope();
        var full = Tensor.Randn([5, 7]);
        full.RequiresGrad = true;
        var sub = Tensor.Randn([5, 7]);
        sub.RequiresGrad = true;
        Assert.Equal(0, GradAugRegularizer.SoftLoss(full, full).Item<double>(), 1e-6);
        GradAugRegularizer.SoftLoss(sub, full).Backward();
        Assert.Null(full.Grad);
        Assert.NotNull(sub.Grad);
    }

    [Fact]
    public void One_pass_has_the_smallest_width_and_the_widest_comes_first()
    {
        var passes = new GradAugRegularizer(0.8, [32, 28], 4).Draw(new Random(3));
        Assert.Equal(4, passes.Count);
        Assert.Equal(0.8, passes[^1].Width);
        Assert.Equal(passes.Select(pass => pass.Width).OrderDescending(), passes.Select(pass => pass.Width));
        Assert.All(passes, pass => Assert.Contains(pass.Resolution, (int[])[32, 28]));
    }

    [Fact]
    public void Dropping_every_block_leaves_the_shortcuts()
    {
        using var scope = new TensorScope();
        using var network = new RandomDepthResNet([2, 1, 1], 5) { Width = 0.5, Keep = [false, false, false, false] };
        network.Train();
        var first = network.Call(Tensor.Randn([4, 3, 16, 16]));
        Assert.Equal([4, 5], first.Shape.ToArray());
        Assert.Throws<ArgumentException>(() => network.Keep = [true]);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        using var scope = new TensorScope();
        using var network = new SlimWideResNet(10, 1, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Width = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Width = 1.1);
        network.Eval();
        network.Width = 0.9;
        Assert.Contains("running statistics", Assert.Throws<InvalidOperationException>(() => network.Call(Tensor.Zeros([1, 3, 16, 16])))
            .Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SlimWideResNet(11, 1));
        Assert.Throws<ArgumentException>(() => new SlimResNet([3, 4, 6]));
        Assert.Throws<InvalidOperationException>(() => new GradAugRegularizer(1, [32]).Draw(new Random(0)));
        Assert.Throws<InvalidOperationException>(() => new GradAugRegularizer(0.8, []).Draw(new Random(0)));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Dictionary<string, List<double>> values =
            new() { ["plain"] = [0.55, 0.5], ["plain, three times the steps"] = [0.7, 0.75], ["GradAug"] = [0.9, 0.92] };
        Assert.Equal(Verdict.Holds, GradAugClaim.Judge(values).Verdict);
        values["plain, three times the steps"] = [0.9, 0.9];
        Assert.Equal(Verdict.DoesNotHold, GradAugClaim.Judge(values).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new GradAugClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
