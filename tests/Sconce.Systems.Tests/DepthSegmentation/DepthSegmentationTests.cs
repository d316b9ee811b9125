using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.DensePrediction.DepthSegmentation;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.DepthSegmentation;

[Collection(LiveTensors.Name)]
public sealed class DepthSegmentationTests
{
    private static readonly DepthSegmentationConfig Small = new()
    {
        Backbone = ResNetConfiguration.ResNet18,
        Decoder = new DepthDecoderConfig { Widths = [4, 4, 8, 8, 8] },
        Classes = 5,
    };

    [Fact]
    public void Keys_and_shapes_of_both_tasks_together_are_the_official_checkpoints()
    {
        using var skipped = Init.Skipped();
        using var network = new DepthSegmentationNetwork(new DepthSegmentationConfig { MultiTask = new MultiTaskConfig() });
        Assert.Equal(87_226_926, network.ParameterCount);
        Assert.Equal(0xe7323290df897103, StateHash.Of(network));
    }

    [Fact]
    public void Keys_and_shapes_of_a_segmentation_alone_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var network = new DepthSegmentationNetwork(new DepthSegmentationConfig
        {
            Backbone = ResNetConfiguration.ResNet18,
            Decoder = new DepthDecoderConfig { Widths = [8, 8, 16, 16, 24], Norm = true },
            Segmentation = new SegmentationHeadConfig { LayerWidth = 16, InnerWidth = 16 },
        });
        Assert.Equal(0x8cf541bb3cc7eef3, StateHash.Of(network));
    }

    [Fact]
    public void Every_kind_of_network_answers_at_the_pictures_size()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var pictures = Tensor.Rand([1, 3, 64, 96]);
        foreach (var config in (DepthSegmentationConfig[])
            [
                Small with { HasDepth = true },
                Small with { Segmentation = new SegmentationHeadConfig { Layers = [8, 4], OutputStride = 2 } },
                Small with { MultiTask = new MultiTaskConfig() },
            ])
        {
            using var network = new DepthSegmentationNetwork(config);
            network.Eval();
            var seen = network.Predict(pictures);
            if (seen.Semantics is { } classes) Assert.Equal([1, 5, 64, 96], classes.Shape.ToArray());
            if (seen.Disparities.Count > 0) Assert.Equal([1, 1, 64, 96], seen.Disparity.Shape.ToArray());
            Assert.Equal(config.Segmentation is null, seen.Disparities.Count > 0);
        }
    }

    [Fact]
    public void Only_the_answers_stay()
    {
        using var network = new DepthSegmentationNetwork(Small with { MultiTask = new MultiTaskConfig(), HasPose = true });
        network.Eval();
        long before = LiveTensors.Count;
        using (new TensorScope())
        {
            using var noGrad = Gradients.Off();
            var pictures = Tensor.Rand([1, 3, 64, 64]);
            network.Predict(pictures);
            network.Motion(pictures, pictures, isEarlier: true);
        }

        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void Pictures_of_other_sides_and_parts_that_do_not_fit_are_refused()
    {
        using var scope = new TensorScope();
        using var network = new DepthSegmentationNetwork(Small with { HasDepth = true });
        var narrow = () => network.Predict(Tensor.Zeros([1, 3, 40, 64]));
        Assert.Contains("multiples of 32", Assert.Throws<TorchException>(narrow).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => network.Motion(Tensor.Zeros([1, 3, 32, 32]), Tensor.Zeros([1, 3, 32, 32]), false));
        Assert.Throws<ArgumentException>(
            () => new DepthSegmentationNetwork(Small with { MultiTask = new MultiTaskConfig(), HasDepth = true }));
        Assert.Throws<ArgumentException>(
            () => new DepthSegmentationNetwork(Small with { MultiTask = new MultiTaskConfig { ExchangeLayer = 9 } }));
        Assert.Throws<ArgumentException>(
            () => new DepthSegmentationNetwork(Small with { Segmentation = new SegmentationHeadConfig { Layers = [10] } }));
        Assert.Throws<ArgumentException>(() => new DepthDecoder([1, 2, 3], new DepthDecoderConfig()));
    }

    [Fact]
    public void The_two_tasks_share_nothing_but_the_encoder()
    {
        using var network = new DepthSegmentationNetwork(Small with { MultiTask = new MultiTaskConfig() });
        var depth = network.MtlDecoder!.DepthParameters.ToHashSet(ReferenceEqualityComparer.Instance);
        Assert.DoesNotContain(network.MtlDecoder.SegmentationParameters, parameter => depth.Contains(parameter));
        Assert.Equal(
            network.MtlDecoder.Parameters().Count(),
            network.MtlDecoder.DepthParameters.Count() + network.MtlDecoder.SegmentationParameters.Count());
    }
}
