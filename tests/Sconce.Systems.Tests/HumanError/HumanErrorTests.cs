using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Science.HumanError;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.HumanError;

[Collection(LiveTensors.Name)]
public class HumanErrorTests
{
    private static readonly UNetConfig Small = new(1, 8, 3, 2);

    [Theory]
    [InlineData("human_error_mnist", 16460922623111588369UL)]
    [InlineData("human_error_brats", 17051057846346570286UL)]
    [InlineData("human_error_brats_full", 12119041451908641446UL)]
    public void Each_variant_has_the_official_keys(string name, ulong keys)
    {
        var variant = HumanErrorVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(keys, network);
    }

    [Theory]
    [InlineData(28, 28)]
    [InlineData(29, 33)]
    [InlineData(40, 24)]
    public void Odd_sizes_come_back_as_they_were(int height, int width)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var network = new AnnotatorUNet(Small);
        var x = Tensor.Randn([2, 1, height, width]);
        var segmentation = network.Annotate(x);
        Assert.Equal([2, 2, height, width], segmentation.Logits.Shape.ToArray());
        Assert.All(segmentation.Matrices, matrix => Assert.True(matrix.Gt(0).All().Item<bool>()));
    }

    [Fact]
    public void Columns_of_a_normalised_matrix_are_distributions_and_so_is_what_the_annotator_writes()
    {
        using var scope = new TensorScope();
        foreach (int channels in (int[])[9, 7, 13])
        {
            var matrix = NoisyLabels.Normalize(Tensor.Rand([2, channels, 4, 5]) + 0.01, 3);
            Assert.Equal([2, 3, 3, 4, 5], matrix.Shape.ToArray());
            Assert.True(matrix.Sum([1]).Allclose(Tensor.Ones([2, 3, 4, 5]), atol: 1e-5));
            var written = NoisyLabels.Mix(Tensor.Randn([2, 3, 4, 5]).Softmax(1), matrix);
            Assert.True(written.Sum([1]).Allclose(Tensor.Ones([2, 4, 5]), atol: 1e-5));
        }

        Assert.Contains("[2, 8, 4, 5]", Assert.Throws<ArgumentException>(() => NoisyLabels.Normalize(Tensor.Ones([2, 8, 4, 5]), 3)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Perfect_annotators_leave_the_cross_entropy_and_a_trace_of_all_classes()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([2, 3, 4, 5]);
        var label = Tensor.Randint(3, [2, 4, 5], DType.Int64);
        var perfect = Tensor.Eye(3).Reshape([1, 9, 1, 1]).Expand([2, 9, 4, 5]);
        var loss = NoisyLabels.Compute(new AnnotatedSegmentation(logits, [perfect]), [label], 0.5);
        Assert.Equal(Functional.CrossEntropy(logits, label).Item<double>(), loss.Annotations.Item<double>(), 1e-4);
        Assert.Equal(1.5, loss.Trace.Item<double>(), 1e-5);
    }

    [Fact]
    public void An_annotator_without_labels_counts_nothing_and_none_at_all_is_refused()
    {
        using var scope = new TensorScope();
        var segmentation = new AnnotatedSegmentation(Tensor.Randn([1, 2, 3, 3]), [Tensor.Rand([1, 4, 3, 3]), Tensor.Rand([1, 4, 3, 3])]);
        var label = Tensor.Randint(2, [1, 3, 3], DType.Int64);
        double one = NoisyLabels.Compute(segmentation with { Matrices = [segmentation.Matrices[0]] }, [label], 0.1).Total.Item<double>();
        Assert.Equal(one, NoisyLabels.Compute(segmentation, [label, null], 0.1).Total.Item<double>(), 1e-6);
        Assert.Throws<ArgumentException>(() => NoisyLabels.Compute(segmentation, [null, null], 0.1));
        Assert.Throws<ArgumentException>(() => NoisyLabels.Compute(segmentation, [label], 0.1));
    }

    [Fact]
    public void Annotators_that_start_near_the_truth_do()
    {
        using var scope = new TensorScope();
        using var network = new AnnotatorUNet(Small);
        foreach (var annotator in network.DecodersNoisyLayers) annotator.StartNearIdentity(2);
        var matrix = NoisyLabels.Normalize(network.Annotate(Tensor.Randn([1, 1, 16, 16])).Matrices[0], 2);
        Assert.True(matrix.Diagonal(0, 1, 2).Min().Item<float>() > 0.8);
        using var low = new AnnotatorUNet(Small with { LowRank = true });
        Assert.Throws<InvalidOperationException>(() => low.DecodersNoisyLayers[0].StartNearIdentity(2));
    }

    [Fact]
    public void Dice_is_one_for_equal_masks_and_its_loss_nought()
    {
        using var scope = new TensorScope();
        var mask = Tensor.Randint(2, [2, 6, 6], DType.Int64);
        Assert.Equal(1, NoisyLabels.Dice(mask, mask, 2), 1e-6);
        Assert.Equal(0, NoisyLabels.Dice(mask, 1 - mask, 2), 1e-4);
        Assert.Equal(0, NoisyLabels.DiceLoss(mask.To(DType.Float32), mask.To(DType.Float32)).Item<double>(), 1e-6);
    }

    [Fact]
    public void The_program_takes_networks_with_annotators_only()
    {
        using var scope = new TensorScope();
        using var network = new GlobalAnnotatorUNet(Small with { Annotators = 2 });
        var label = Tensor.Randint(2, [3, 16, 16], DType.Int64);
        using var player = new Player("network", network, AnnotatorProgram.Optimizer(network), LearningRateSchedule.Constant(0.01));
        var loss = new AnnotatorProgram(network, player).Loss(new AnnotatedBatch(Tensor.Randn([3, 1, 16, 16]), [label, null]));
        loss.Backward();
        Assert.NotNull(network.DecodersNoisyLayers[0].Weights.Grad);
        using var plain = new UNet(Small);
        Assert.Throws<ArgumentException>(() => new AnnotatorProgram(plain, player));
        Assert.Throws<ArgumentException>(() => new UNet(Small with { Depth = 1 }));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Assert.Equal(Verdict.Holds, HumanErrorClaim.Judge([0.08, 0.08], [0.006, 0.007], [0.12, 0.12], [0.05, 0.06]).Verdict);
        Assert.Equal(Verdict.Undecided, HumanErrorClaim.Judge([0.08], [0.006], [0.12], [0.05]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, HumanErrorClaim.Judge([0.08, 0.08], [0.03, 0.03], [0.12, 0.12], [0.05, 0.06]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, HumanErrorClaim.Judge([0.08, 0.08], [0.006, 0.007], [0.12, 0.12], [0.1, 0.1]).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new HumanErrorClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
