using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>FcaNet's card.</summary>
public sealed class FcaNetSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "fcanet",
        "FcaNet",
        "2020-W52",
        SystemTask.Classification,
        new Paper("FcaNet: Frequency Channel Attention Networks", "Qin, Zhang, Wu, Li", 2020, "2012.11879", "cfzd/FcaNet@aa5fb63"),
        "Channel attention that squeezes each map with a frequency of the cosine transform instead of its mean, at no parameter more.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => FcaNetVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [FcaNetClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new FcaNetClaim();
}
