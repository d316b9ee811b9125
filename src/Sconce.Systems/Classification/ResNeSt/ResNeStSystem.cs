using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>ResNeSt's card.</summary>
public sealed class ResNeStSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "resnest",
        "ResNeSt",
        "2020-W16",
        SystemTask.Classification,
        new Paper("ResNeSt: Split-Attention Networks", "Zhang, Wu, Zhang, Zhu, Lin et al.", 2020, "2004.08955",
            "zhanghang1989/ResNeSt@1dfb3e8"),
        "A ResNet whose 3x3 convolutions make several splits and let the whole picture choose, channel by channel, between them.");

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Classify, Verb.Embed];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => ResNeStVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [ResNeStClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new ResNeStClaim();
}
