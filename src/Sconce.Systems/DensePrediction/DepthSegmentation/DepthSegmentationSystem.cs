using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>The card of segmentation with self-supervised depth.</summary>
public sealed class DepthSegmentationSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "depth_segmentation",
        "Three ways to improve segmentation with depth",
        "2020-W52",
        SystemTask.DensePrediction,
        new Paper(
            "Three Ways to Improve Semantic Segmentation with Self-Supervised Depth Estimation",
            "Hoyer, Dai, Chen, Köring, Saha, Van Gool",
            2020,
            "2012.10782",
            "lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029"),
        "Street scenes segmented with few labels: depth, learned from clips without any, gives features, mixes pictures and chooses "
        + "which to label.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Of("sde_r101", "Depth from one picture, learned from clips without labels, with camera motion", Depth),
        Of("sde_r18", "The same, small enough to learn from random numbers", SmallDepth),
        Of("joint_r18", "Depth and classes beside each other, small, for few labels of one's own", SmallJoint),
        Of("transfer_r101", "Experiment 210: segmentation that begins with the weights of depth; 19 classes of Cityscapes", Transfer),
        Of("selection_r50", "Experiment 211: the student of depth and classes that chooses what to label", Selection),
        Of("multitask_r101", "Experiment 212: depth and 19 classes of Cityscapes at once, exchanging features", MultiTask, 87_226_926),
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DepthSegmentationClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DepthMethod(), new PixelMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new EstimateDepth(), new SegmentStreet(), new SelectPictures()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.EstimateDepth, Verb.Select];

    private static DepthSegmentationConfig SmallDepth { get; } = new()
    {
        Backbone = ResNetConfiguration.ResNet18,
        Decoder = new DepthDecoderConfig(),
        HasDepth = true,
        HasPose = true,
    };

    private static DepthSegmentationConfig SmallJoint { get; } =
        SmallDepth with { HasPose = false, Segmentation = new SegmentationHeadConfig() };

    private static DepthSegmentationConfig Depth { get; } = new() { HasDepth = true, HasPose = true };

    private static DepthSegmentationConfig Transfer { get; } = new() { Segmentation = new SegmentationHeadConfig { HasInner = false } };

    private static DepthSegmentationConfig MultiTask { get; } = new() { MultiTask = new MultiTaskConfig() };

    private static DepthSegmentationConfig Selection { get; } = new()
    {
        Backbone = ResNetConfiguration.ResNet50 with { ReplaceStrideWithDilation = (false, false, true) },
        Decoder = new DepthDecoderConfig { AsppRates = [6, 12, 18], Widths = [64, 64, 128, 128, 256], Norm = true },
        HasDepth = true,
        Segmentation = new SegmentationHeadConfig { Layers = [8], OutputStride = 2, InnerDropout = 0 },
    };

    private static ModelVariant Of(string name, string description, DepthSegmentationConfig config, long parameters = 0) =>
        new(name, description, options => new DepthSegmentationNetwork(
            options.Classes is { } classes ? config with { Classes = classes } : config))
        {
            Capabilities =
            [
                new TensorInput(3, 512, 1024),
                .. config.HasDepth || config.MultiTask is not null ? (Capability[])[new DepthEstimator()] : [],
                .. config.HasDepth ? (Capability[])[new DepthFeatures()] : [],
                .. config.Segmentation is not null || config.MultiTask is not null ? (Capability[])[PixelClassifier.Cityscapes] : [],
                new Exercise(static (module, batch) => Run((DepthSegmentationNetwork)module, batch)),
                new Exportable(
                    module => [Export((DepthSegmentationNetwork)module, config, new PictureSize(512, 1024))],
                    (module, size) => [Export((DepthSegmentationNetwork)module, config, size)]),
            ],
            Parameters = parameters,
            Load = static (module, path) => StreetNetwork.Load((DepthSegmentationNetwork)module, path),
        };

    /// <summary>What the network tells of a picture: disparity, logits of classes, or both.</summary>
    private static ExportFunction Export(DepthSegmentationNetwork network, DepthSegmentationConfig config, PictureSize size)
    {
        bool hasDepth = config.HasDepth || config.MultiTask is not null;
        bool hasClasses = config.Segmentation is not null || config.MultiTask is not null;
        string[] outputs = [.. hasDepth ? (string[])["disparity"] : [], .. hasClasses ? (string[])["logits"] : []];
        return new("", [ExportInput.Noise("images", 3, size.Height, size.Width)], outputs, inputs =>
        {
            var told = network.Predict(inputs[0]);
            return [.. hasDepth ? (Tensor[])[told.Disparity] : [], .. hasClasses ? (Tensor[])[told.Semantics!] : []];
        });
    }

    private static void Run(DepthSegmentationNetwork network, int batch)
    {
        using var scope = new TensorScope();
        network.Predict(Tensor.Rand([batch, 3, 512, 1024]));
    }
}
