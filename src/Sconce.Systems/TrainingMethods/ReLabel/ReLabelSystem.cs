using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>ReLabel's card. It has no network of its own: any classifier learns from its labels (ResNet-50 in the paper).</summary>
public sealed class ReLabelSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "relabel",
        "ReLabel",
        "2021-W02",
        SystemTask.Training,
        new Paper("Re-labeling ImageNet: from Single to Multi-Labels, from Global to Localized Labels", "Yun, Oh, Heo, Han, Choe, Chun",
            2021, "2101.05022", "naver-ai/relabel_imagenet@3d4824f"),
        "Gives every random crop the labels of what it shows: a strong annotator's map of logits, made once, pooled over the crop's box.");

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new ReLabelMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [ReLabelClaim.Kept];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new ReLabelClaim();
}
