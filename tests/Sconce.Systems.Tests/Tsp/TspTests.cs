using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Systems.Detection.Tsp;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Tsp;

[Collection(LiveTensors.Name)]
public sealed class TspTests
{
    private static readonly PositionedEncoderConfig SmallEncoder =
        new() { Width = 64, Heads = 4, Layers = 1, FeedForward = 64, Dropout = 0, PreNorm = true };

    private static TspFcosConfig Small { get; } = new()
    {
        Backbone = new TspBackboneConfig { Depth = 18, Channels = 32 },
        Classes = 3,
        Towers = (1, 1),
        Features = 20,
        Encoder = SmallEncoder,
    };

    [Theory]
    [InlineData("tsp_fcos_r50")]
    [InlineData("tsp_fcos_r101")]
    [InlineData("tsp_rcnn_r50")]
    public void Networks_have_the_published_numbers_of_parameters_and_detectron2s_keys(string name)
    {
        using var skipped = Init.Skipped();
        var variant = TspVariants.All.Single(variant => variant.Name == name);
        using var network = variant.Create(new());
        Assert.Equal(variant.Parameters, network.ParameterCount);
        var keys = network.StateDict().Select(entry => entry.Name).ToHashSet();
        Assert.Contains("backbone.bottom_up.res3.0.shortcut.norm.running_mean", keys);
        Assert.Contains("backbone.top_block.p7.bn.weight", keys);
        Assert.Contains(
            name.Contains("fcos", StringComparison.Ordinal)
                ? "transformer_encoder.norm.bias"
                : "roi_heads.box_predictor.bbox_pred.layers.2.weight", keys);
    }

    [Fact]
    public void A_size_that_comes_again_is_compiled_and_answers_the_same()
    {
        TorchRuntime.ManualSeed(3);
        using var scope = new TensorScope();
        using var network = new TspFcos(Small);
        network.Eval();
        using var off = Gradients.Inference();
        Tensor[] pictures = [Tensor.Rand([3, 60, 90]) * 255];
        var expected = network.Call(pictures);
        network.Compile();
        network.Call(pictures);
        network.Call(pictures);
        Assert.Equal(1, network.CompiledSizes);
        var found = network.Call(pictures);
        foreach (var (one, other) in expected.Dense.Concat(expected.Pyramid).Zip(found.Dense.Concat(found.Pyramid)))
        {
            double size = one.Abs().Max().Item<double>();
            Assert.True((one - other).Abs().Max().Item<double>() <= 1e-3 * size);
        }
    }

    [Fact]
    public void Stem_and_first_stage_are_held()
    {
        using var network = new TspFcos(Small);
        Assert.All(
            network.NamedParameters().Where(named => named.Name.Contains("bottom_up.stem.", StringComparison.Ordinal)),
            named => Assert.False(named.Parameter.RequiresGrad, named.Name));
        Assert.True(
            network.NamedParameters().Single(named => named.Name == "backbone.bottom_up.res3.0.conv1.weight").Parameter.RequiresGrad);
    }

    [Fact]
    public void Pictures_of_two_sizes_are_answered_together()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new TspFcos(Small);
        network.Eval();
        Tensor picture = Tensor.Rand([3, 64, 64]) * 255, larger = Tensor.Rand([3, 64, 96]) * 255;
        var output = network.Call([picture, larger]);
        Assert.Equal([2, 20, 3], output.Logits.Shape.ToArray());
        Assert.True(output.Sides.Ge(0).All().Item<bool>());
        Assert.Equal(5, output.Dense.Count);
    }

    [Fact]
    public void A_training_step_keeps_at_least_seven_tenths_of_the_features()
    {
        using var scope = new TensorScope();
        using var network = new TspFcos(Small);
        FcosObjects[] objects = [new([(8, 8, 48, 48)], [1]), new([], [])];
        Tensor[] pictures = [Tensor.Rand([3, 128, 128]) * 255, Tensor.Rand([3, 128, 128]) * 255];
        var (output, targets) = network.Run(pictures, grids => new FcosAssignment().Assign(grids, objects, 3), new Random(1));
        Assert.InRange(output.Logits.Size(1), 14, 20);
        var dense = Tensor.Cat([.. output.Dense.Select(level => level.Flatten(2).Transpose(1, 2))], 1).Flatten(0, 1);
        var answers = FcosAnswers.Of(output.Places, output.Logits, output.Sides, output.Centreness, targets.Labels.Size(1));
        var losses = new TspFcosLoss().Compute(dense, answers, targets);
        losses.Total.Backward();
        Assert.True(double.IsFinite(losses.Total.Item<float>()));
    }

    [Fact]
    public void The_smallest_of_several_objects_is_a_cells_own()
    {
        using var scope = new TensorScope();
        var grid = new FcosGrid(8, 8, 8);
        var objects = new FcosObjects([(0, 0, 60, 60), (20, 20, 44, 44)], [0, 1]);
        var targets = new FcosAssignment { Sizes = [] }.Assign([grid], [objects], 2);
        long[] labels = targets.Labels.ToArray<long>();
        Assert.Equal(1, labels[(3 * 8) + 3]); // at 28, 28: both contain it
        Assert.Equal(2, labels[0]); // too far from either's middle
        Assert.Equal(0, labels[(2 * 8) + 2]); // at 20, 20: on the smaller one's edge
        float[] sides = targets.Sides[0, (3 * 8) + 3].ToArray<float>();
        Assert.Equal([1f, 1f, 2f, 2f], sides);
    }

    [Fact]
    public void A_picture_without_objects_is_background_and_its_losses_are_numbers()
    {
        using var scope = new TensorScope();
        var targets = new FcosAssignment { Sizes = [] }.Assign([new FcosGrid(8, 4, 4)], [new FcosObjects([], [])], 3);
        Assert.False(targets.Positive.Any().Item<bool>());
        Tensor dense = Tensor.Randn([16, 3]), places = Tensor.Arange(5, DType.Int64).Unsqueeze(0), sides = Tensor.Rand([1, 5, 4]);
        var answers = FcosAnswers.Of(places, Tensor.Randn([1, 5, 3]), sides, Tensor.Randn([1, 5, 1]), 16);
        var losses = new TspFcosLoss().Compute(dense, answers, targets);
        Assert.Equal(0, losses.Boxes.Item<float>());
        Assert.True(float.IsFinite(losses.Total.Item<float>()));
    }

    [Fact]
    public void An_object_takes_only_predictions_of_its_own_and_the_first_of_equals()
    {
        Assert.Equal([1L, 3L], RestrictedMatching.Match([0, 0, -1, 1, 0], [3f, 1f, -9f, 8f, 1f]));
        Assert.Empty(RestrictedMatching.Match([-1, -1], [1f, 2f]));
    }

    [Fact]
    public void Equal_boxes_overlap_wholly_and_a_middle_is_central()
    {
        using var scope = new TensorScope();
        var sides = Tensor.From([2f, 3f, 2f, 3f], [1, 4]);
        Assert.Equal(1, SideDistances.GeneralizedIou(sides, sides).Item<float>(), 1e-5);
        Assert.Equal(1, SideDistances.Centreness(sides).Item<float>(), 1e-5);
        Assert.Equal(0, SideDistances.Centreness(Tensor.From([0f, 3f, 2f, 3f], [1, 4])).Item<float>(), 1e-5);
    }

    [Fact]
    public void Pictures_of_the_wrong_kind_are_refused_with_their_shape()
    {
        using var scope = new TensorScope();
        using var network = new TspFcos(Small);
        var error = Assert.Throws<TorchException>(() => network.Call([Tensor.Zeros([1, 64, 64])]));
        Assert.Contains("[1, 64, 64]", error.Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => network.Call([]));
        Assert.Throws<ArgumentException>(() => new TspFcos(new TspFcosConfig { Backbone = new TspBackboneConfig { Depth = 20 } }));
    }

    [Fact]
    public void A_region_network_answers_for_every_proposal_of_pictures_of_two_sizes()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new TspRcnn(new TspRcnnConfig
        {
            Backbone = new TspBackboneConfig { Depth = 18, Channels = 16, FinestLevel = 2 },
            Proposals = 12,
            Head = new TspHeadConfig { Classes = 3, Channels = 16, Encoder = SmallEncoder },
        });
        network.Eval();
        var output = network.Call([Tensor.Rand([3, 64, 64]) * 255, Tensor.Rand([3, 48, 96]) * 255]);
        long proposals = output.Proposals.Sum(boxes => boxes.Size(0));
        Assert.InRange(proposals, 2, 24);
        Assert.Equal([proposals, 4], output.Regions.Logits.Shape.ToArray());
        Assert.Equal([proposals, 12], output.Regions.Deltas.Shape.ToArray());
        Assert.All(output.Proposals, boxes => Assert.True(boxes[.., 2..].Gt(boxes[.., ..2]).All().Item<bool>()));
    }
}
