using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Training;

namespace Sconce.Systems.Generation.DiffAugment;

/// <summary>DiffAugment's card, and the generators it is trained with.</summary>
public sealed class DiffAugmentSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "diffaugment",
        "DiffAugment",
        "2020-W25",
        SystemTask.Generation,
        new Paper(
            "Differentiable Augmentation for Data-Efficient GAN Training", "Zhao, Liu, Lin, Zhu, Han", 2020, "2006.10738",
            "mit-han-lab/data-efficient-gans@0b633951"),
        "Trains a generator on a hundred pictures: both players see augmented pictures only, and the generator's gradient goes through "
        + "the augmentation.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        DcGanVariants.Of("dcgan", "DCGAN's generator, colour pictures of 64 px from 100 numbers", 100, 3, 12_660_355),
        Style(64, 27_032_600),
        Style(256, 30_034_338),
        Style(1024, 30_370_060),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [DiffAugmentClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DiffAugmentClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DiffAugmentMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Generate];

    private static ModelVariant Style(int size, long parameters) => StyleVariants.Of(
        $"stylegan2_{size}",
        $"StyleGAN2's generator (config-f), colour pictures of {size} px",
        new StyleGanConfig(size),
        parameters,
        config => new StyleGan2Generator(config),
        config => new StyleGan2Discriminator(config));
}
