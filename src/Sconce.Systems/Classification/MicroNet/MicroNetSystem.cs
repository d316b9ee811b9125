using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>MicroNet's card.</summary>
public sealed class MicroNetSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "micronet",
        "MicroNet",
        "2020-W48",
        SystemTask.Classification,
        new Paper("MicroNet: Improving Image Recognition with Extremely Low FLOPs",
            "Li, Chen, Dai, Chen, Liu, Yuan, Liu, Zhang, Vasconcelos", 2021, "2108.05894", "liyunsheng13/micronet@ed89b26"),
        "Classifiers of 4 to 21 million multiply-adds: convolutions factorised into small groups, and an activation that mixes shifted "
            + "channels by the picture.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => MicroNetVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [MicroNetClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new MicroNetClaim();
}
