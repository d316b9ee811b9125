using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Training;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>OSGAN's card.</summary>
public sealed class OsganSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "osgan",
        "OSGAN",
        "2021-W08",
        SystemTask.Generation,
        new Paper(
            "Training Generative Adversarial Networks in One Stage", "Shen, Yin, Wang, Li, Song, Song", 2021, "2103.00430",
            "zju-vipa/OSGAN@fdfea7e7"),
        "Updates generator and discriminator from one forward and one backward pass: their gradients are proportional, fake by fake.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Dcgan("osgan_celeba", "of the symmetric runs, faces of 64 px", 100, 3, 12_660_355),
        Dcgan("osgan_celeba_asymmetric", "of the asymmetric runs, faces of 64 px", 128, 3, 13_119_107, DcGanNorm.Group),
        Dcgan("osgan_mnist", "grey digits of 64 px", 100, 1, 12_656_257),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [OsganClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new OsganClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new OsganMethod()];

    private static ModelVariant Dcgan(
        string name, string description, int latent, int channels, long parameters, DcGanNorm norm = DcGanNorm.Batch) =>
        DcGanVariants.Of(name, $"DCGAN's generator {description}", latent, channels, parameters, norm);
}
