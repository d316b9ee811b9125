using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Classification.RegNets;
using Sconce.Systems.SelfSupervision.Seer;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Seer;

[Collection(LiveTensors.Name)]
public class SeerTests
{
    private static SwavResNetConfig Small => new() { Layers = [1, 1, 1, 1], HiddenMlp = 24, OutputDim = 8, Prototypes = [6] };

    private static RegNetConfig SmallTrunk => new([new(16, 1, 8), new(24, 1, 8)]) { SqueezeRatio = 0.25 };

    [Fact]
    public void Features_of_the_published_file_are_the_trunks_of_the_whole_network() =>
        PublishedFeatures.Agree(SwavMethod.Swav, "swav_small", () => new SwavResNet(Small), network => network.Encoder,
            (network, pictures) => network.Features(pictures));

    [Fact]
    public void The_published_networks_have_their_keys_and_parameters()
    {
        using var skipped = Init.Skipped();
        var variant = new SeerSystem().Variants[0];
        using var model = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, model.ParameterCount);
        StateHash.Verify(0x7B0D914CAE1F8DCAUL, model);
        string[] names = [.. model.StateDict().Select(entry => entry.Name)];
        Assert.Equal("conv1.weight", names[0]);
        Assert.Equal("prototypes.weight", names[^1]);
        Assert.Contains("projection_head.1.running_var", names);
    }

    [Fact]
    public void A_wider_ResNet_has_the_published_number_of_parameters()
    {
        using var skipped = Init.Skipped();
        var variant = new SeerSystem().Variants[1];
        using var model = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, model.ParameterCount);
    }

    [Theory]
    [InlineData("seer_regnet_y_64gf", 4920, 113_623_296)]
    [InlineData("seer_regnet_y_128gf", 7392, 133_873_920)]
    [InlineData("seer_regnet_y_256gf", 10444, 158_875_904)]
    public void SEERs_parameters_are_those_of_its_trunk_and_its_head(string name, int width, long head)
    {
        var design = name switch
        {
            "seer_regnet_y_64gf" => RegNetDesign.Y64,
            "seer_regnet_y_128gf" => RegNetDesign.Y128,
            _ =>
            RegNetDesign.Y256
        };
        var trunk = RegNetVariants.Config("regnet_y_", design) with { Classes = 0 };
        Assert.Equal(width, trunk.Stages[^1].Width);
        long trunkParameters = RegNetCost.Of(trunk).Parameters;
        Assert.Equal(new SeerSystem().Variants.Single(variant => variant.Name == name).Parameters, trunkParameters + head);
    }

    [Fact]
    public void SEERs_small_network_has_VISSLs_head_and_torchvisions_trunk()
    {
        using var model = new SeerNetwork(SmallTrunk, new SeerHeadConfig([24, 12, 8], [5, 7]) { UseBatchNorm = true });
        string[] names = [.. model.StateDict().Select(entry => entry.Name)];
        Assert.Equal("trunk.stem.0.weight", names[0]);
        Assert.Equal(["heads.0.projection_head.3.bias", "heads.0.prototypes0.weight", "heads.0.prototypes1.weight"], names[^3..]);
        Assert.Equal("trunk.trunk_output.block1.block1-0.f.c.1.weight",
            SeerNetwork.FromVissl("trunk._feature_blocks.res2.block1-0.f.final_bn.weight"));
        Assert.Equal("heads.0.prototypes0.weight", SeerNetwork.FromVissl("heads.0.prototypes0.weight"));
        Assert.Null(SeerNetwork.FromVissl("num_updates"));
        Assert.Contains("24", Assert.Throws<ArgumentException>(() => new SeerNetwork(SmallTrunk, new SeerHeadConfig([16, 8], [5]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SeerHead(new SeerHeadConfig([24], [5])));
    }

    [Fact]
    public void Codes_sum_to_one_and_use_all_prototypes_alike()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(1);
        var scores = Tensor.Randn([64, 10]) * 0.3;
        scores = Tensor.Cat([scores.Narrow(1, 0, 1) + 1, scores.Narrow(1, 1, 9)], 1); // all prefer the first
        var codes = Sinkhorn.Assign(scores, iterations: 50);
        Assert.True(codes.Sum([1]).Allclose(Tensor.Ones([64]), atol: 1e-5));
        Assert.True(codes.Sum([0]).Allclose(Tensor.Full([10], 6.4), atol: 0.02));
        Assert.InRange((scores / 0.05).Softmax(1).Sum([0]).Max().Item<double>(), 40, 64);
    }

    [Fact]
    public void Codes_do_not_overflow_and_do_not_see_a_shift_of_all_scores()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(2);
        var scores = Tensor.Randn([12, 5]);
        var codes = Sinkhorn.Assign(scores);
        Assert.True(codes.Allclose(Sinkhorn.Assign(scores + 20), atol: 1e-4));
        Assert.True(Sinkhorn.Assign(scores * 1000).Isfinite().All().Item<bool>());
        var hard = Sinkhorn.Assign(scores, hard: true);
        Assert.Equal(12, hard.Eq(1).Sum().Item<long>());
        Assert.True(hard.Argmax(1).Eq(codes.Argmax(1)).All().Item<bool>());
    }

    [Fact]
    public void Scores_that_are_no_matrix_and_crops_that_do_not_divide_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => Sinkhorn.Assign(Tensor.Ones([3]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sinkhorn.Assign(Tensor.Ones([3, 2]), epsilon: 0));
        Assert.Contains("[7, 4]", Assert.Throws<ArgumentException>(() => new SwavLoss().Compute(Tensor.Ones([7, 4]), 2)).Message,
            StringComparison.Ordinal);
        Assert.Contains("0 to 1", Assert.Throws<ArgumentException>(() =>
            new SwavLoss { CropsForAssign = [0, 2] }.Compute(Tensor.Ones([8, 4]), 2)).Message, StringComparison.Ordinal);
        using var queue = new SwavQueue(2, 8, 4);
        Assert.Contains("multiple of the batch", Assert.Throws<ArgumentException>(() => queue.Push(Tensor.Ones([18, 4]), 9, [0, 1]))
            .Message, StringComparison.Ordinal);
        using var model = new SwavResNet(Small);
        Assert.Throws<ArgumentException>(() => model.Crops([]));
        Assert.Throws<ArgumentException>(() => model.Crops([Tensor.Ones([2, 3, 32, 32]), Tensor.Ones([3, 3, 32, 32])]));
    }

    [Fact]
    public void Views_that_agree_cost_less_than_views_that_do_not()
    {
        using var scope = new TensorScope();
        var one = Tensor.Eye(6) * 1.0;
        double agree = new SwavLoss().Compute(Tensor.Cat([one, one], 0), 2).Item<double>();
        double differ = new SwavLoss().Compute(Tensor.Cat([one, one.Flip([0])], 0), 2).Item<double>();
        Assert.True(agree < 0.01, $"{agree}");
        Assert.True(differ > 5, $"{differ}");
        double uniform = new SwavLoss().Compute(Tensor.Zeros([12, 6]), 2).Item<double>();
        Assert.Equal(Math.Log(6), uniform, 1e-4);
    }

    [Fact]
    public void A_queue_helps_once_it_is_full_and_forgets_the_oldest()
    {
        using var scope = new TensorScope();
        using var queue = new SwavQueue(1, 4, 3);
        var prototypes = Tensor.Eye(3);
        queue.Push(Tensor.Full([4, 3], 1.0), 2, [0]);
        Assert.Null(queue.Scores(0, prototypes));
        queue.Push(Tensor.Full([4, 3], 2.0), 2, [1]);
        Assert.Equal([2f, 2, 1, 1], queue.Scores(0, prototypes)!.Select(1, 0).ToArray<float>());
        queue.Push(Tensor.Full([4, 3], 3.0), 2, [0]);
        Assert.Equal([3f, 3, 2, 2], queue.Scores(0, prototypes)!.Select(1, 0).ToArray<float>());
    }

    [Fact]
    public void Crops_of_one_width_pass_the_trunk_together_and_rows_are_crop_by_crop()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var model = new SwavResNet(Small);
        model.Eval();
        Tensor[] crops = [Tensor.Randn([2, 3, 64, 64]), Tensor.Randn([2, 3, 64, 64]), Tensor.Randn([2, 3, 32, 32])];
        var output = model.Crops(crops);
        Assert.Equal([6, 8], output.Embedding.Shape.ToArray());
        Assert.Equal([6, 6], output.Scores.Single().Shape.ToArray());
        for (int k = 0; k < 3; k++)
            Assert.True(output.Embedding[TensorIndex.Slice(2 * k, 2 * k + 2)].Allclose(model.Call(crops[k]), atol: 1e-5));
        Assert.True(output.Embedding.Square().Sum([1]).Allclose(Tensor.Ones([6]), atol: 1e-5));
    }

    [Fact]
    public void Warm_up_and_cosine_both_reach_the_peak()
    {
        var schedule = SwavTraining.Schedule(10, epochs: 4, warmUpEpochs: 1);
        Assert.Equal(0.3, schedule.At(0), 1e-12);
        Assert.Equal(4.8, schedule.At(9), 1e-12);
        Assert.Equal(4.8, schedule.At(10), 1e-12);
        Assert.Equal(0.0048, schedule.At(40), 1e-12);
        Assert.Equal(8, SwavTraining.Views().Count);
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Assert.Equal(Verdict.Holds, SeerClaim.Judge([0.98, 0.9], [0.6, 0.6], [0.3, 0.2], [24, 23], [1, 2]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, SeerClaim.Judge([0.98, 0.9], [0.6, 0.6], [0.3, 0.2], [24, 20], [1, 2]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, SeerClaim.Judge([0.98, 0.9], [0.6, 0.6], [0.3, 0.2], [24, 24], [1, 3]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, SeerClaim.Judge([0.6, 0.6], [0.6, 0.6], [0.1, 0.1], [24, 24], [1, 1]).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new SeerClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
