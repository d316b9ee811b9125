using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Detection;
using Sconce.Systems.Detection.ArtDetection;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.ArtDetection;

[Collection(LiveTensors.Name)]
public sealed class ArtDetectionTests
{
    private static FasterRcnnConfig Small { get; } = new()
    {
        Trunk = ResNetConfiguration.ResNet18,
        Channels = 16,
        HeadWidth = 32,
        Classes = 3,
        LeastSide = 64,
        MostSide = 96,
    };

    [Fact]
    public void Networks_have_the_published_numbers_of_parameters_and_torchvisions_keys()
    {
        using var skipped = Init.Skipped();
        foreach (var variant in new ArtDetectionSystem().Variants.Where(variant => variant.Parameters > 0))
        {
            using var network = variant.Create(new());
            Assert.Equal(variant.Parameters, network.ParameterCount);
            var keys = network.StateDict().Select(entry => entry.Name).ToHashSet();
            HashSet<string> known = network is FasterRcnn
                ? ["backbone.fpn.layer_blocks.3.0.bias", "rpn.head.conv.0.0.weight", "roi_heads.box_head.fc7.weight"]
                : ["enc_1.2.weight", "enc_4.11.bias", "decoder.28.bias"];
            Assert.Superset(known, keys);
        }
    }

    [Fact]
    public void A_size_that_comes_again_is_compiled_and_answers_the_same()
    {
        TorchRuntime.ManualSeed(3);
        using var scope = new TensorScope();
        using var network = new FasterRcnn(Small);
        network.Eval();
        Tensor[] pictures = [Tensor.Rand([3, 64, 96])];
        using var off = Gradients.Inference();
        var expected = network.Call(pictures)[0];
        network.Compile();
        network.Call(pictures);
        Assert.Equal(0, network.CompiledSizes);
        network.Call(pictures);
        Assert.Equal(1, network.CompiledSizes);
        var found = network.Call(pictures)[0];
        Assert.Equal(expected.Boxes.Size(0), found.Boxes.Size(0));
        Assert.True(found.Scores.Allclose(expected.Scores, atol: 1e-4));
        network.Call([Tensor.Rand([3, 96, 64])]);
        Assert.Equal(1, network.CompiledSizes);
    }

    [Fact]
    public void Exchanged_statistics_are_the_styles()
    {
        using var scope = new TensorScope();
        Tensor content = Tensor.Randn([2, 3, 9, 7]), style = (Tensor.Randn([2, 3, 5, 6]) * 4) + 2;
        var (mean, deviation) = AdaptiveInstanceNorm.Statistics(AdaptiveInstanceNorm.Apply(content, style));
        var (wantedMean, wantedDeviation) = AdaptiveInstanceNorm.Statistics(style);
        Assert.True(mean.Allclose(wantedMean, atol: 1e-4));
        Assert.True(deviation.Allclose(wantedDeviation, atol: 1e-3));
        Assert.Throws<TorchException>(() => AdaptiveInstanceNorm.Apply(content, Tensor.Zeros([2, 3, 1, 1])));
    }

    [Fact]
    public void A_pictures_own_colours_change_nothing_and_anothers_have_their_means()
    {
        using var scope = new TensorScope();
        Tensor source = Tensor.Rand([3, 12, 10]), target = (Tensor.Rand([3, 9, 14]) * 0.3) + 0.5;
        Assert.True(ColourTransfer.Apply(source, source).Allclose(source, atol: 1e-4));
        Assert.True(ColourTransfer.Apply(source, target).Mean([1, 2]).Allclose(target.Mean([1, 2]), atol: 1e-4));
    }

    [Fact]
    public void Sides_are_rounded_up_and_no_style_decodes_the_content()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new AdaInNetwork();
        Tensor content = Tensor.Rand([1, 3, 33, 40]), one = Tensor.Rand([1, 3, 32, 32]), other = Tensor.Rand([1, 3, 48, 32]);
        Assert.Equal([1, 3, 40, 40], network.Call(new StylePair(content, one)).Shape.ToArray());
        network.Alpha = 0;
        Assert.True(network.Call(new StylePair(content, one)).Allclose(network.Call(new StylePair(content, other)), atol: 1e-5));
        network.Alpha = 2;
        Assert.Throws<TorchException>(() => network.Call(new StylePair(content, one)));
    }

    [Fact]
    public void Only_the_decoder_of_style_transfer_learns()
    {
        using var network = new AdaInNetwork();
        Assert.All(
            network.NamedParameters(), named =>
                Assert.Equal(named.Name.StartsWith("decoder", StringComparison.Ordinal), named.Parameter.RequiresGrad));
    }

    [Fact]
    public void Boxes_lie_in_their_picture_whatever_its_size()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new FasterRcnn(Small with { Selection = new ClasswiseSelection { Threshold = 0 } });
        network.Eval();
        var found = network.Call([Tensor.Rand([3, 100, 80]), Tensor.Rand([3, 40, 120])]);
        Assert.Equal(2, found.Count);
        foreach (var (detections, width, height) in new[] { (found[0], 80, 100), (found[1], 120, 40) })
        {
            Assert.InRange(detections.Boxes.Size(0), 1, 100);
            Assert.True(detections.Boxes.Ge(0).All().Item<bool>());
            float[] farthest = detections.Boxes.Amax([0]).ToArray<float>();
            Assert.True(farthest[2] <= width + 0.01f && farthest[3] <= height + 0.01f);
            Assert.True(detections.Classes.Lt(2).All().Item<bool>());
        }
    }

    [Fact]
    public void A_step_learns_from_pictures_with_objects_and_without()
    {
        using var scope = new TensorScope();
        using var network = new FasterRcnn(Small);
        (Tensor, Tensor)[] objects =
        [
            (Tensor.From([10f, 10f, 50f, 40f], [1, 4]), Tensor.From([1L])),
            (Tensor.Zeros([0, 4]), Tensor.Zeros([0], DType.Int64)),
        ];
        var losses = FasterRcnnTraining.Losses(network, [Tensor.Rand([3, 64, 64]), Tensor.Rand([3, 64, 64])], objects, new Random(3));
        losses.Total.Backward();
        Assert.True(float.IsFinite(losses.Total.Item<float>()));
        Assert.True(losses.Boxes.Item<float>() > 0); // the object itself is among the proposals
    }

    [Fact]
    public void Deltas_lead_from_a_box_to_another_and_back()
    {
        using var scope = new TensorScope();
        Tensor from = Tensor.From([0f, 0f, 10f, 20f], [1, 4]), to = Tensor.From([4f, 2f, 9f, 30f], [1, 4]);
        Assert.True(BoxCoder.Regions.Decode(BoxCoder.Regions.Encode(to, from), from).Allclose(to, atol: 1e-4));
        Assert.Throws<TorchException>(() => BoxCoder.Regions.Decode(Tensor.Zeros([2, 4]), from));
    }

    [Fact]
    public void Suppression_keeps_the_surest_of_each_group()
    {
        using var scope = new TensorScope();
        var boxes = Tensor.From([0f, 0f, 10f, 10f, 1f, 0f, 11f, 10f, 30f, 30f, 40f, 40f], [3, 4]);
        var scores = Tensor.From([0.5f, 0.9f, 0.1f]);
        Assert.Equal([1L, 2L], BoxSuppression.Keep(boxes, scores, 0.5));
        Assert.Equal([1L, 0L, 2L], BoxSuppression.Keep(boxes, scores, Tensor.From([0L, 1L, 0L]), 0.5));
        Assert.Empty(BoxSuppression.Keep(Tensor.Zeros([0, 4]), Tensor.Zeros([0]), 0.5));
    }

    [Fact]
    public void An_anchor_that_an_object_overlaps_most_is_its_own_however_little_that_is()
    {
        using var scope = new TensorScope();
        var overlaps = Tensor.From([0.2f, 0.1f, 0.8f, 0.5f, 0.25f, 0f, 0.1f, 0.3f], [2, 4]);
        Assert.Equal(
            [IouMatcher.Background, IouMatcher.Background, 0, IouMatcher.Between], new IouMatcher(0.7, 0.3, false).Match(overlaps));
        Assert.Equal([-1L, -1L, 0L, 0L], new IouMatcher(0.7, 0.3, true).Match(overlaps)); // the second object's best sees the first more
    }
}
