using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>The card of TimeSformer.</summary>
public sealed class TimeSformerSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "timesformer",
        "TimeSformer",
        "2021-W06",
        SystemTask.Video,
        new Paper(
            "Is Space-Time Attention All You Need for Video Understanding?",
            "Bertasius, Wang, Torresani",
            2021,
            "2102.05095",
            "facebookresearch/TimeSformer@a5ef29a7"),
        "A vision transformer that reads videos: each patch attends to its own place in time, then to its own frame, so that long clips "
            + "stay affordable.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => TimeSformerVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [TimeSformerClaim.Network];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new TimeSformerMethod()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new TimeSformerClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new TimeSformerClassify()];
}
