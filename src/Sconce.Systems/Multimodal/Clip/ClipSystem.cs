using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>CLIP: pictures and sentences in one space.</summary>
public sealed class ClipSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        SystemName,
        "CLIP",
        "2021-W08",
        SystemTask.Multimodal,
        new Paper("Learning Transferable Visual Models From Natural Language Supervision", "Radford, Kim, Hallacy, Ramesh, Goh et al.",
            2021, "2103.00020", "openai/CLIP@d05afc4"),
        "Two encoders trained so that a picture and its caption point the same way, which makes any list of sentences a classifier "
            + "of pictures.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => ClipVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new ClipMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [ClipClaimRun.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new ClipClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new ClipClassify(), new ClipEmbedPictures(), new ClipEmbedSentences()];

    internal const string SystemName = "clip";
}
