using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.Detr;

/// <summary>DETR's card.</summary>
public sealed class DetrSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "detr",
        "DETR",
        "2020-W22",
        SystemTask.Detection,
        new Paper("End-to-End Object Detection with Transformers", "Carion, Massa, Synnaeve, Usunier, Kirillov, Zagoruyko", 2020,
            "2005.12872", "facebookresearch/detr@29901c51"),
        "Finds objects as a set: learned queries attend to the picture and answer with boxes, one for each object, without anchors and "
            + "without suppression of doubles.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => DetrVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [SmallDetrOfPictures.Variant];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DetrClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DetrMethod(DetrVariants.All)];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new DetrSegment(), new DetrDetect()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Detect, Verb.Segment];
}
