using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;

namespace Sconce.Systems.Classification.RegNets;

/// <summary>RegNet's card.</summary>
public sealed class RegNetSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "regnet",
        "RegNet",
        "2020-W14",
        SystemTask.Classification,
        new Paper("Designing Network Design Spaces", "Radosavovic, Kosaraju, Girshick, He, Dollár", 2020, "2003.13678",
            "pytorch/vision@v0.14.1 torchvision/models/regnet.py"),
        "A family of convolutional networks whose widths and depths follow from five numbers by a quantised straight line; the "
            + "trunk of SEER.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => RegNetVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [RegNetClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new RegNetClaim();
}
