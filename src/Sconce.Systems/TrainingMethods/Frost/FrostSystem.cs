using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>FROST's card.</summary>
public sealed class FrostSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "frost",
        "FROST",
        "2020-W47",
        SystemTask.Training,
        new Paper("FROST: Faster and more Robust One-shot Semi-supervised Training", "Liu, Smith", 2020, "2011.09471",
            "MLDL/FROST@a397f08"),
        "One labelled picture a class: pseudo-labels, a contrastive loss and self-training in one run of one network.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => FrostVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new FrostMethod()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new FrostClaim();
}
