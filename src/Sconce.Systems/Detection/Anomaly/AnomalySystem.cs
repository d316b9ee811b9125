using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>The card of finding defects from thirty good parts.</summary>
public sealed class AnomalySystem : CatalogueSystem
{
    private static readonly long[] Seen = [3, AnomalyMethod.OfficialSide, AnomalyMethod.OfficialSide];

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "anomaly",
        "PatchCore and PaDiM",
        "2020-W49",
        SystemTask.Detection,
        new Paper("Towards Total Recall in Industrial Anomaly Detection", "Roth, Pemula, Zepeda, Schoelkopf, Brox, Gehler", 2021,
            "2106.08265", "openvinotoolkit/anomalib@161bb36"),
        "Finds scratches, dents and missing parts after seeing about thirty good ones: " +
            "patches of a frozen network's features are compared with those of good parts.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Variant(
            AnomalyMethod.PatchCore, "a bank of good patches over wide_resnet50_2; parts may lie anywhere", 24_862_528,
            "wide_resnet50_2", ["layer2", "layer3"]),
        Variant(
            AnomalyMethod.Padim, "a Gaussian for each position over resnet18; parts must lie alike", 2_782_784,
            "resnet18", ["layer1", "layer2", "layer3"]),
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new AnomalyClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new AnomalyMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new Inspect()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Inspect];

    private static ModelVariant Variant(string name, string description, long parameters, string backbone, string[] layers) =>
        new(name, description, _ => FeatureExtractor.Of(ResNetConfiguration.Of(backbone), layers))
        {
            Parameters = parameters,
            Capabilities =
            [
                new PartInspector(),
                new Exercise((module, pictures) => ((FeatureExtractor)module).Maps(Tensor.Randn([pictures, .. Seen]))),
                new Exportable(module =>
                [
                    new ExportFunction("", [ExportInput.Noise("input", Seen)], layers,
                        inputs => [.. ((FeatureExtractor)module).Maps(inputs[0])]),
                ]),
            ],
        };
}
