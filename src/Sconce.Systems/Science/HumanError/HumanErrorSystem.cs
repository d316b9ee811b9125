using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Science.HumanError;

/// <summary>The card of the annotators' confusion matrices.</summary>
public sealed class HumanErrorSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "human_error",
        "Disentangling human error",
        "2020-W31",
        SystemTask.Science,
        new Paper(
            "Disentangling Human Error from the Ground Truth in Segmentation of Medical Images",
            "Zhang, Tanno, Xu, Jin, Jacob, Ciccarelli, Barkhof, Alexander",
            2020,
            "2007.15963",
            "moucheng2017/Learn_Noisy_Labels_Medical_Images@9e449fe"),
        "Segmentation from several annotators who err: a U-Net gives the truth and each annotator's confusion matrix, whose product must "
            + "explain what was drawn.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => HumanErrorVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [HumanErrorClaim.Network];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new HumanErrorMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new SegmentScan()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new HumanErrorClaim();
}
