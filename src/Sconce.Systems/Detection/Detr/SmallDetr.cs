using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>The claim's detector: four convolutions to an 8×8 map, one encoder layer, two decoder layers, 8 queries;
/// <c>(N, 3, 32, 32) -> </c> 3 classes and boxes.</summary>
internal sealed partial class SmallDetr : Module<Tensor, DetrOutput>
{
    internal const int Queries = 8, Classes = RectangleScenes.Classes, Width = 64;
    private static readonly SinePositions Positions = new(Width / 2);
    private static readonly DetrTransformerConfig Layers =
        new() { Width = Width, Heads = 4, EncoderLayers = 1, DecoderLayers = 2, FeedForward = 128, Dropout = 0 };

    public Sequential Body { get; } = new([.. Stage(3, 24, 1), .. Stage(24, 32, 2), .. Stage(32, 48, 2), .. Stage(48, 64, 1)]);

    public Conv2d InputProj { get; } = new(64, Width, 1);

    public DetrTransformer Transformer { get; } = new(Layers);

    public Embedding QueryEmbed { get; } = new(Queries, Width);

    public Linear ClassEmbed { get; } = new(Width, Classes + 1);

    public BoxMlp BboxEmbed { get; } = new(Width, Width, 4, 3);

    protected override DetrOutput Forward(Tensor pictures)
    {
        var map = InputProj.Call(Body.Call(pictures)); // (N, 64, 8, 8)
        var positions = Positions.Compute(Tensor.Zeros([1, map.Size(2), map.Size(3)], DType.Bool));
        var (states, _) = Transformer.Call(new TransformerInput(map, null, QueryEmbed.Weight, positions)); // (2, N, 8, 64)
        Tensor[] logits = ClassEmbed.Call(states).Unbind(0), boxes = BboxEmbed.Call(states).Sigmoid().Unbind(0);
        return new DetrOutput(logits[^1], boxes[^1])
        { Earlier = [.. logits[..^1].Zip(boxes[..^1], (classes, box) => new DetrPrediction(classes, box))] };
    }

    private static Module<Tensor, Tensor>[] Stage(int inputs, int outputs, int stride) =>
        [new Conv2d(inputs, outputs, 3, stride, 1, bias: false), new BatchNorm2d(outputs), new Relu(inPlace: true)];
}

/// <summary>The same for pictures as sessions prepare them, normalised with ImageNet's statistics: what the claim keeps.</summary>
internal sealed partial class SmallDetrOfPictures(SmallDetr network) : Module<PaddedImages, DetrOutput>
{
    /// <summary>Its entry; the classes are the colours of rectangles.</summary>
    internal static ModelVariant Variant { get; } = new(
        "detr_claim", "what the claim trains: bright rectangles in pictures of 32 px", _ => new SmallDetrOfPictures(new SmallDetr()))
    {
        Capabilities = [new DetrDetector(RectangleScenes.Classes, "", GivesMasks: false) { Side = RectangleScenes.Side }],
    };

    internal static IReadOnlyList<string> Names { get; } = ["red", "green", "blue"];

    SmallDetr Network { get; } = network;

    protected override DetrOutput Forward(PaddedImages input)
    {
        var mean = Tensor.From(ImagePreprocessing.ImageNetMean.ToArray(), [3, 1, 1]).To(input.Images.Device);
        var deviation = Tensor.From(ImagePreprocessing.ImageNetStd.ToArray(), [3, 1, 1]).To(input.Images.Device);
        return Network.Call((input.Images * deviation) + mean);
    }
}
