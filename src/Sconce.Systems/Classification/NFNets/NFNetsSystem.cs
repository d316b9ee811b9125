using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>The card of NFNets.</summary>
public sealed class NFNetsSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "nfnets",
        "NFNets",
        "2021-W06",
        SystemTask.Classification,
        new Paper(
            "High-Performance Large-Scale Image Recognition Without Normalization",
            "Brock, De, Smith, Simonyan",
            2021,
            "2102.06171",
            "google-deepmind/deepmind-research@68a1754 nfnets"),
        "Residual networks without batch norm: standardised weights, fixed scales around each branch, and gradients clipped unit by unit.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => NFNetVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [NFNetsClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new NFNetsClaim();
}
