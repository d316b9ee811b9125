using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;

namespace Sconce.Systems.Classification.Vit;

/// <summary>The card of the vision transformer.</summary>
public sealed class VitSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "vit",
        "Vision Transformer",
        "2020-W43",
        SystemTask.Classification,
        new Paper(
            "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
            "Dosovitskiy, Beyer, Kolesnikov, Weissenborn, Zhai et al.",
            2020,
            "2010.11929",
            "google-research/vision_transformer@c6de1e53"),
        "A plain transformer encoder over a grid of image patches: no convolutional prior, so it needs more data, and then repays it.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => VitVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [VitClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new VitClaim();
}
