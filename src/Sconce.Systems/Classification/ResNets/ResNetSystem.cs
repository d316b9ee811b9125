using Sconce.Catalogue;
using Sconce.Networks;

namespace Sconce.Systems.Classification.ResNets;

/// <summary>The card of the residual networks: no item of the newsletter, but the yardstick of many that are.</summary>
public sealed class ResNetSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "resnet",
        "ResNet",
        "",
        SystemTask.Classification,
        new Paper("Deep Residual Learning for Image Recognition", "He, Zhang, Ren, Sun", 2015, "1512.03385",
            "akamaster/pytorch_resnet_cifar10@10675c4"),
        "Blocks that learn what to add to their input: the classifier that others are measured against, for photographs and for CIFAR's "
            + "small pictures.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => ResNetVariants.All;
}
