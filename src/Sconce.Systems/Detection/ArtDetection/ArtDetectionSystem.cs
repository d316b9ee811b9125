using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The card of detection in art.</summary>
public sealed class ArtDetectionSystem : CatalogueSystem
{
    private const int StyleSide = 256;

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "art_detection",
        "Detection in art",
        "2021-W07",
        SystemTask.Detection,
        new Paper(
            "Improving Object Detection in Art Images Using Only Style Transfer",
            "Kadish, Risi, Løvlie",
            2021,
            "2102.06529",
            "dkadish/Style-Transfer-for-Object-Detection-in-Art@b232129"),
        "Finds people in paintings with a detector that never saw one: it is trained on photos in painters' styles, where boxes stay right "
        + "and texture is of no use.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new ModelVariant("adain", "style transfer by exchanged statistics of VGG-19's features", _ => new AdaInNetwork())
        {
            Parameters = 7_010_959,
            Capabilities =
            [
                new StyleTransferNetwork(),
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((AdaInNetwork)module).Call(new StylePair(Noise(batch), Noise(batch)));
                }),
                new Exportable(
                    static module => [Export((AdaInNetwork)module, new PictureSize(StyleSide, StyleSide))],
                    static (module, size) => [Export((AdaInNetwork)module, size)]),
            ],
        },
        .. ArtDetectors.All,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [ArtDetectionClaim.Kept];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new ArtDetectionClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new AdaInMethod(), new FasterRcnnMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new Stylize(), new StylizeSet(), new Detect()];

    private static Tensor Noise(int batch) => Tensor.Rand([batch, 3, StyleSide, StyleSide]);

    private static ExportFunction Export(AdaInNetwork network, PictureSize size) => new(
        "",
        [ExportInput.Noise("content", 3, size.Height, size.Width), ExportInput.Noise("style", 3, size.Height, size.Width)],
        ["stylised"],
        inputs => [network.Call(new StylePair(inputs[0], inputs[1]))]);
}
