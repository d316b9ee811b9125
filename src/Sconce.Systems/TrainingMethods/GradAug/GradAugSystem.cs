using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>GradAug's card.</summary>
public sealed class GradAugSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "gradaug",
        "GradAug",
        "2020-W25",
        SystemTask.Training,
        new Paper("GradAug: A New Regularization Method for Deep Neural Networks", "Yang, Zhu, Chen", 2020, "2006.07989",
            "taoyang1122/GradAug@bae97ea"),
        "In each step a network's own sub-networks learn its answer on resized pictures: a regularizer without a word about the data.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => GradAugVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new GradAugMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [GradAugClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new GradAugClaim();
}
