using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>TSP's card.</summary>
public sealed class TspSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "tsp",
        "TSP",
        "2020-W48",
        SystemTask.Detection,
        new Paper(
            "Rethinking Transformer-based Set Prediction for Object Detection",
            "Sun, Cao, Yang, Kitani",
            2021,
            "2011.10881",
            "Edward-Sun/TSP-Detection@1b8a503"),
        "Set prediction that needs 36 epochs where DETR needs 500: an encoder alone refines what a dense detector is surest of, and "
        + "objects may only be matched with predictions that are theirs by place.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => TspVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [TspVariants.OfClaim];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new TspClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new TspMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new Detect()];
}
