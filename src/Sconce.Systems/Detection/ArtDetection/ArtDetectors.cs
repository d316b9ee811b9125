using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The paper's detectors, and a small one that learns from random numbers.</summary>
internal static class ArtDetectors
{
    internal const string Small = "fasterrcnn_resnet18_fpn";

    private const int PublishedSide = 800, PublishedMost = 1333, SmallSide = 256, ScoredSide = 512;

    internal static IReadOnlyList<ModelVariant> All { get; } =
    [
        Published("fasterrcnn_resnet50_fpn", ResNetConfiguration.ResNet50, 41_352_281),
        Published("fasterrcnn_resnet101_fpn", ResNetConfiguration.ResNet101, 0),
        Published("fasterrcnn_resnet152_fpn", ResNetConfiguration.ResNet152, 0),
        Variant(
            Small,
            "a small Faster R-CNN whose whole trunk learns, for a person's own pictures",
            SmallSide,
            options => Sized(new FasterRcnnConfig
            {
                Trunk = ResNetConfiguration.ResNet18,
                TrainableStages = 5,
                Channels = 64,
                HeadWidth = 256,
                Anchors = new([[12], [24], [48], [96], [192]], [0.5, 1, 2], AnchorOrder.RatiosFirst),
            }, options, SmallSide)),
    ];

    /// <summary>Whether a network is the one that learns from random numbers.</summary>
    internal static bool IsSmall(ModelVariant variant) => variant.Name == Small;

    /// <summary>A network's own length of pictures' shorter sides, in pixels.</summary>
    internal static int ShortSide(ModelVariant variant) => IsSmall(variant) ? SmallSide : PublishedSide;

    private static ModelVariant Published(string name, ResNetConfiguration trunk, long parameters) =>
        Variant(
            name,
            "Faster R-CNN with a feature pyramid, people in art",
            PublishedSide,
            options => Sized(new FasterRcnnConfig { Trunk = trunk }, options, PublishedSide)) with
        {
            Parameters = parameters,
        };

    private static FasterRcnnConfig Sized(FasterRcnnConfig config, ModelOptions options, int side)
    {
        int least = options.ImageSize ?? side;
        return config with
        {
            Classes = (options.Classes ?? 1) + 1, // the background is one more
            LeastSide = least,
            MostSide = (int)Math.Round((double)least * PublishedMost / PublishedSide),
        };
    }

    private static ModelVariant Variant(string name, string description, int side, Func<ModelOptions, FasterRcnnConfig> config) =>
        new(name, description, options => new FasterRcnn(config(options)))
        {
            Capabilities =
            [
                TensorInput.Pictures(side),
                new PictureDetector(Look, ["person"]),
                new PictureScores(Math.Min(side, ScoredSide), (network, pictures) => ((FasterRcnn)network).Scores(pictures)),
                new Exercise((module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((FasterRcnn)module).Call([.. Tensor.Rand([batch, 3, side, side]).Unbind(0)]);
                }),
            ],
        };

    private static IReadOnlyList<DetectedBox> Look(Module network, Image picture, int? side, Device device) =>
        DetectedBoxes.Of(((FasterRcnn)network).Call([picture.ToTensor().To(device)])[0]);
}
