using Sconce.Abilities;
using Sconce.Data;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>The paper's networks; no weights of them are published.</summary>
internal static class TspVariants
{
    internal const string SmallFcos = "tsp_fcos", SmallRcnn = "tsp_rcnn";

    private const int CocoClasses = 80, PublishedShortSide = 800, PublishedLongSide = 1333, CountedHeight = 800, CountedWidth = 1088;
    private const int ExportedSide = 256, SmallShortSide = 256, SmallWidth = 32, SmallChannels = 64, SmallFeatures = 100;
    private const int ScoredSide = 512;

    private static readonly IReadOnlyList<string> CocoNames =
        [.. CocoCategories.Things.OrderBy(thing => thing.Key).Select(thing => thing.Value)];

    private static readonly TspBackboneConfig SmallBackbone =
        new() { Depth = 18, Width = SmallWidth, TrainNorms = true, TrainStem = true, Channels = SmallChannels };

    private static readonly PositionedEncoderConfig SmallEncoder =
        new() { Width = 128, Heads = 4, Layers = 2, FeedForward = 256, Dropout = 0.1, PreNorm = true };

    internal static IReadOnlyList<ModelVariant> All { get; } =
    [
        Fcos("tsp_fcos_r50", 51_458_922, Published("43.1"), options => new TspFcosConfig { Classes = options.Classes ?? CocoClasses }),
        Fcos("tsp_fcos_r101", 70_398_826, Published("44.4"), options => new TspFcosConfig
        {
            Backbone = new TspBackboneConfig { Depth = 101 },
            Classes = options.Classes ?? CocoClasses,
        }),
        Rcnn("tsp_rcnn_r50", 56_695_678, "700 proposals refined by an encoder, COCO's 80 objects; box AP 43.8 published", options =>
            new TspRcnnConfig { Head = new TspHeadConfig { Classes = options.Classes ?? CocoClasses } }),
        Fcos(SmallFcos, 0, "100 features of interest, small enough to learn from random numbers on a person's own pictures", options =>
            new TspFcosConfig
            {
                Backbone = SmallBackbone,
                Classes = options.Classes ?? CocoClasses,
                Towers = (1, 1),
                Features = SmallFeatures,
                Sizes = [32, 64, 128, 256],
                Encoder = SmallEncoder,
            }),
        Rcnn(SmallRcnn, 0, "100 proposals, small enough to learn from random numbers on a person's own pictures", options =>
            new TspRcnnConfig
            {
                Backbone = SmallBackbone with { FinestLevel = 2 },
                AnchorSizes = [[12, 16, 20], [24, 32, 40], [48, 64, 80], [96, 128, 160], [192, 256, 320]],
                ProposalConvolutions = 1,
                Proposals = SmallFeatures,
                Head = new TspHeadConfig { Classes = options.Classes ?? CocoClasses, Channels = SmallChannels, Encoder = SmallEncoder },
            }),
    ];

    /// <summary>Whether a network is one of those that learn from random numbers.</summary>
    internal static bool IsSmall(ModelVariant variant) => variant.Name is SmallFcos or SmallRcnn;

    /// <summary>A network's own length of pictures' shorter sides, in pixels.</summary>
    internal static int ShortSide(ModelVariant variant) => IsSmall(variant) ? SmallShortSide : PublishedShortSide;

    /// <summary>The most pixels of the longer side, where the shorter one has so many.</summary>
    internal static int LongSide(int shortSide) => (int)Math.Round((double)shortSide * PublishedLongSide / PublishedShortSide);

    private static string Published(string precision) =>
        $"700 features of interest refined by an encoder, COCO's 80 objects; box AP {precision} published";

    /// <summary>What the claim keeps.</summary>
    internal static ModelVariant OfClaim { get; } = Fcos(
        "tsp_claim", 0, "what the claim trains: rectangles, ellipses and triangles in pictures of 64 px", _ => TspFcosArm.Config,
        ShapeScenes.Side);

    private static ModelVariant Fcos(
        string name, long parameters, string description, Func<ModelOptions, TspFcosConfig> config, int? side = null) =>
        Detector(name, parameters, description, options => new TspFcos(config(options)), LookFcos, ScoresFcos, side).With(new Exportable(
            static module => [Export((TspFcos)module, new PictureSize(ExportedSide, ExportedSide))],
            static (module, size) => [Export((TspFcos)module, size)]));

    private static ModelVariant Rcnn(string name, long parameters, string description, Func<ModelOptions, TspRcnnConfig> config) =>
        Detector(name, parameters, description, options => new TspRcnn(config(options)), LookRcnn, ScoresRcnn);

    private static ModelVariant Detector(
        string name, long parameters, string description, Func<ModelOptions, Module> create,
        Func<Module, Image, int, Device, IReadOnlyList<DetectedBox>> look, Func<Module, Tensor, Tensor> scores, int? own = null)
    {
        int side = own ?? (name is SmallFcos or SmallRcnn ? SmallShortSide : PublishedShortSide);
        return new ModelVariant(name, description, create)
        {
            Capabilities =
            [
                new TensorInput(Counted(side)),
                new PictureDetector((network, picture, asked, device) => look(network, picture, asked ?? side, device), CocoNames),
                new PictureScores(Math.Min(side, ScoredSide), scores),
                new Exercise((module, batch) =>
                {
                    using var scope = new TensorScope();
                    scores(module, Noise(batch, side));
                }),
            ],
            Parameters = parameters,
        };
    }

    private static IReadOnlyList<long> Counted(int side) =>
        side == PublishedShortSide ? [3, CountedHeight, CountedWidth] : [3, side, side];

    /// <summary>The dense half: what is chosen of it, and the encoder after that, depend on the picture.</summary>
    private static ExportFunction Export(TspFcos network, PictureSize size) => new(
        "", [ExportInput.Noise("images", 3, size.Height, size.Width)], ["p3", "p4", "p5", "p6", "p7"], inputs => network.Dense(inputs[0]));

    private static Tensor Noise(int batch, int side) => Tensor.Rand([batch, .. Counted(side)]);

    private static IReadOnlyList<DetectedBox> LookFcos(Module network, Image picture, int side, Device device)
    {
        var (pixels, across, down) = Pixels(picture, side, device);
        var fcos = (TspFcos)network;
        var output = fcos.Call([pixels]);
        var strides = Tensor.From(fcos.Config.Strides.Select(stride => (float)stride).ToArray()).To(device)[output.Levels[0]].Unsqueeze(1);
        var boxes = SideDistances.ToCorners(output.Locations[0], output.Sides[0] * strides);
        return DetectedBoxes.Of(new TspFcosDetections().Select(output.Logits[0], boxes, output.Levels[0]), across, down);
    }

    private static IReadOnlyList<DetectedBox> LookRcnn(Module network, Image picture, int side, Device device)
    {
        var (pixels, across, down) = Pixels(picture, side, device);
        var rcnn = (TspRcnn)network;
        var output = rcnn.Call([pixels]);
        var boxes = rcnn.RoiHeads.Coder.Decode(output.Regions.Deltas, output.Proposals[0]).Unflatten(1, [-1, 4]);
        var selection = new ClasswiseSelection { Threshold = 0, Overlap = 0.7 };
        return DetectedBoxes.Of(selection.Select(output.Regions.Logits.Softmax(-1)[.., ..^1], boxes, output.Sizes[0]), across, down);
    }

    private static Tensor ScoresFcos(Module network, Tensor pictures) => ((TspFcos)network).Call(Unbound(pictures)).Logits;

    private static Tensor ScoresRcnn(Module network, Tensor pictures) =>
        ((TspRcnn)network).Call(Unbound(pictures)).Regions.Logits[.., ..^1].Unflatten(0, [pictures.Size(0), -1]);

    private static Tensor[] Unbound(Tensor pictures) => (pictures.Flip([1]) * 255).Unbind(0);

    /// <summary>Blue, green, red in [0, 255], the shorter side to a length; and pixels of the picture a pixel of it.</summary>
    private static (Tensor Pixels, double Across, double Down) Pixels(Image picture, int side, Device device)
    {
        double longSide = (double)side * PublishedLongSide / PublishedShortSide;
        double scale = Math.Min(
            (double)side / Math.Min(picture.Width, picture.Height), longSide / Math.Max(picture.Width, picture.Height));
        int width = Math.Max(1, (int)Math.Round(picture.Width * scale)), height = Math.Max(1, (int)Math.Round(picture.Height * scale));
        var pixels = picture.Resize(width, height, ResizeFilter.Bilinear).ToTensor().Flip([0]) * 255;
        return (pixels.To(device), (double)picture.Width / width, (double)picture.Height / height);
    }
}
