using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>FixRes's card.</summary>
public sealed class FixResSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "fixres",
        "FixRes / FixEfficientNet",
        "2020-W12",
        SystemTask.Classification,
        new Paper("Fixing the train-test resolution discrepancy: FixEfficientNet", "Touvron, Vedaldi, Douze, Jegou", 2020, "2003.08237",
            "facebookresearch/FixRes@c9be6ac"),
        "Test above the training resolution and re-fit the last layers there; with the EfficientNets it is applied to.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => FixResVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [FixResClaim.Network];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new FixResMethod()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new FixResClaim();
}
