using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Export.Web;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>The card of detection in the browser.</summary>
public sealed class BrowserDetectionSystem : CatalogueSystem
{
    internal const string Network = "centernet_lite";

    private const double UsualThreshold = 0.3;    // of a network that few photographs have taught

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "browser_detection",
        "Detection in the browser",
        "2021-W04",
        SystemTask.Detection,
        new Paper("Custom object detection in the browser using TensorFlow.js", "Zanini", 2021, "", ""),
        "A detector of a person's own objects, trained in minutes on a few hundred photos and small enough to run in a browser; a "
        + "CenterNet on inverted residual blocks.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new ModelVariant(
            Network,
            "0.3 million numbers, maps of stride 8",
            options => new CenterNetLite(new CenterNetConfig { Classes = options.Classes ?? 1 }))
        {
            Capabilities =
            [
                TensorInput.Pictures(CenterNetPictures.Side),
                new PictureDetector(Look, ["object"], "heatmap.2"),
                new WebDetector(Reading),
                new PictureScores(CenterNetPictures.Side, Scores),
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((CenterNetLite)module).Call(Tensor.Randn([batch, 3, CenterNetPictures.Side, CenterNetPictures.Side]));
                }),
                new Exportable(
                    static module =>
                        [Export((CenterNetLite)module, new PictureSize(CenterNetPictures.Side, CenterNetPictures.Side))],
                    static (module, size) => [Export((CenterNetLite)module, size)]),
            ],
            Parameters = 278_389,
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new CenterNetClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new CenterNetMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new Detect()];

    /// <summary>Heatmap as chances, sizes and offsets: what a browser decodes without another operator.</summary>
    private static ExportFunction Export(CenterNetLite network, PictureSize size) => new(
        "",
        [ExportInput.Noise("images", 3, size.Height, size.Width)],
        ["heatmap", "size", "offset"],
        inputs =>
        {
            var output = network.Call(inputs[0]);
            return [output.Heatmap.Sigmoid(), output.Size, output.Offset];
        });

    private static CentrePoints Reading(int? side) => new(
        CenterNetPictures.Rounded(side ?? CenterNetPictures.Side), CenterNetPictures.Means, CenterNetPictures.Deviations,
        CenterNetLite.Stride, CenterNetPeaks.Most, UsualThreshold);

    /// <summary>Every cell is a place.</summary>
    private static Tensor Scores(Module network, Tensor pictures)
    {
        var mean = Tensor.From(CenterNetPictures.Means.ToArray(), [3, 1, 1]).To(pictures.Device);
        var deviation = Tensor.From(CenterNetPictures.Deviations.ToArray(), [3, 1, 1]).To(pictures.Device);
        return ((CenterNetLite)network).Call((pictures - mean) / deviation).Heatmap.Flatten(2).Transpose(1, 2);
    }

    private static IReadOnlyList<DetectedBox> Look(Module network, Image picture, int? side, Device device) =>
        CenterNetPictures.Look((CenterNetLite)network, picture, CenterNetPictures.Rounded(side ?? CenterNetPictures.Side), device);
}
