using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Systems.Detection.Detr;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>A way of learning the claim's scenes.</summary>
internal interface ITspArm : IDisposable
{
    /// <summary>What learns.</summary>
    Module Network { get; }

    /// <summary>The loss of a batch.</summary>
    /// <param name="scenes">Pictures with boxes.</param>
    /// <param name="random">Draws.</param>
    Tensor Loss(IReadOnlyList<ImageExample> scenes, Random random);

    /// <summary>What is found in a picture.</summary>
    IReadOnlyList<DetectedBox> Find(ImageExample scene);
}

/// <summary>The claim's TSP-FCOS, with restricted matching or with DETR's.</summary>
internal sealed class TspFcosArm(bool restricted) : ITspArm
{
    internal const int Width = 64, Queries = 40;

    internal static TspFcosConfig Config { get; } = new()
    {
        Backbone = Backbone,
        Classes = ShapeScenes.Classes,
        Towers = (1, 1),
        Features = Queries,
        Sizes = [16, 32, 64, 128],
        Encoder = new PositionedEncoderConfig { Width = Width, Heads = 4, Layers = 2, FeedForward = 128, Dropout = 0, PreNorm = true },
    };

    private readonly TspFcos network = new(Config);
    private readonly FcosAssignment assignment = new() { Sizes = Config.Sizes };

    internal static TspBackboneConfig Backbone => new() { Depth = 18, TrainNorms = true, TrainStem = true, Channels = 32 };

    public Module Network => network;

    public Tensor Loss(IReadOnlyList<ImageExample> scenes, Random random)
    {
        using var scope = new TensorScope();
        Tensor[] pictures = [.. scenes.Select(Pixels)];
        FcosObjects[] objects = [.. scenes.Select(scene => FcosObjects.Of(Corners(scene), Labels(scene)))];
        if (restricted) return scope.Keep(TspFcosStep.Losses(network, pictures, objects, assignment, new TspFcosLoss(), random).Total);
        var (output, targets) = network.Run(pictures, grids => assignment.Assign(grids, objects, ShapeScenes.Classes), random);
        var dense = Tensor.Cat([.. output.Dense.Select(map => map.Flatten(2).Transpose(1, 2))], 1);
        var answers = FcosAnswers.Of(output.Places, output.Logits, output.Sides, output.Centreness, dense.Size(1));
        var local = new TspFcosLoss().Compute(dense.Flatten(0, 1), answers, targets).Dense;
        long positives = targets.Positive.Gather(1, output.Places).To(DType.Int64).Sum().Item<long>();
        var (classes, boxes) = new TspSetLoss().Compute(
            output.Logits, Boxes(output), [.. objects.Select(each => (Tensor.From([.. each.Labels]), each.Corners))], positives);
        return scope.Keep(local + classes + boxes);
    }

    public IReadOnlyList<DetectedBox> Find(ImageExample scene)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Inference();
        var output = network.Call([Pixels(scene)]);
        return DetectedBoxes.Of(new TspFcosDetections().Select(output.Logits[0], Boxes(output)[0], output.Levels[0]));
    }

    public void Dispose() => network.Dispose();

    /// <summary>Blue, green, red in [0, 255].</summary>
    internal static Tensor Pixels(ImageExample scene) => scene.Image.ToTensor().Flip([0]) * 255;

    private static Tensor Boxes(TspFcosOutput output)
    {
        var strides = Tensor.From(Config.Strides.Select(stride => (float)stride).ToArray())[output.Levels].Unsqueeze(2);
        return SideDistances.ToCorners(output.Locations, output.Sides * strides);
    }

    private static Tensor Corners(ImageExample scene) =>
        Tensor.From(scene.Boxes.SelectMany(box => new[] { box.Left, box.Top, box.Right, box.Bottom }).ToArray(), [scene.Boxes.Count, 4]);

    private static Tensor Labels(ImageExample scene) => Tensor.From(scene.Boxes.Select(box => (long)box.Label).ToArray());
}

/// <summary>A true DETR over the same backbone's finest map: learned queries and a decoder.</summary>
internal sealed partial class TspDetr : Module<Tensor, DetrOutput>
{
    private static readonly SinePositions Positions = new(TspFcosArm.Width / 2);

    TspBackbone Backbone { get; } = new(TspFcosArm.Backbone);

    Conv2d InputProj { get; } = new(TspFcosArm.Backbone.Channels, TspFcosArm.Width, 1);

    DetrTransformer Transformer { get; } = new(new DetrTransformerConfig
    {
        Width = TspFcosArm.Width,
        Heads = 4,
        EncoderLayers = 2,
        DecoderLayers = 2,
        FeedForward = 128,
        Dropout = 0,
        PreNorm = true,
    });

    Embedding QueryEmbed { get; } = new(TspFcosArm.Queries, TspFcosArm.Width);

    Linear ClassEmbed { get; } = new(TspFcosArm.Width, ShapeScenes.Classes + 1);

    BoxMlp BboxEmbed { get; } = new(TspFcosArm.Width, TspFcosArm.Width, 4, 3);

    protected override DetrOutput Forward(Tensor pictures)
    {
        var map = InputProj.Call(Backbone.Call(pictures).Levels[0]); // (N, width, 8, 8)
        var positions = Positions.Compute(Tensor.Zeros([1, map.Size(2), map.Size(3)], DType.Bool));
        var states = Transformer.Call(new TransformerInput(map, null, QueryEmbed.Weight, positions)).States[^1];
        return new DetrOutput(ClassEmbed.Call(states), BboxEmbed.Call(states).Sigmoid());
    }
}

/// <summary>DETR on the claim's scenes.</summary>
internal sealed class TspDetrArm : ITspArm
{
    private readonly TspDetr network = new();
    private readonly SetCriterion criterion = new(ShapeScenes.Classes, new HungarianMatcher());
    private readonly Tensor mean = Forever(Tensor.From([.. TspPixels.Mean.Select(value => (float)value)], [3, 1, 1]));

    public Module Network => network;

    public Tensor Loss(IReadOnlyList<ImageExample> scenes, Random random)
    {
        using var scope = new TensorScope();
        return scope.Keep(criterion.Compute(network.Call(Pixels(scenes)), [.. scenes.Select(Target)]).Total);
    }

    public IReadOnlyList<DetectedBox> Find(ImageExample scene)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Inference();
        return DetrPostProcess.Detect(network.Call(Pixels([scene])), [(ShapeScenes.Side, ShapeScenes.Side)])[0];
    }

    public void Dispose()
    {
        mean.Dispose();
        network.Dispose();
    }

    private static Tensor Forever(Tensor tensor)
    {
        using var scope = new TensorScope();
        return scope.KeepForever(tensor);
    }

    private static DetectionTarget Target(ImageExample scene) => new(
        Tensor.From(scene.Boxes.Select(box => (long)box.Label).ToArray()),
        Tensor.From(
            scene.Boxes.SelectMany(box => new[] { box.Left + box.Right, box.Top + box.Bottom, 2 * box.Width, 2 * box.Height })
                .Select(value => value / (2 * ShapeScenes.Side)).ToArray(),
            [scene.Boxes.Count, 4]));

    private Tensor Pixels(IReadOnlyList<ImageExample> scenes) =>
        Tensor.Stack([.. scenes.Select(scene => TspFcosArm.Pixels(scene) - mean)]);
}
