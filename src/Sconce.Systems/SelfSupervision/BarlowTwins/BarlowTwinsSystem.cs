using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>Barlow Twins' card.</summary>
public sealed class BarlowTwinsSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "barlow_twins",
        "Barlow Twins",
        "2021-W09",
        SystemTask.SelfSupervision,
        new Paper("Barlow Twins: Self-Supervised Learning via Redundancy Reduction", "Zbontar, Jing, Misra, LeCun, Deny", 2021,
            "2103.03230", "facebookresearch/barlowtwins@8e8d284"),
        "Learns picture features without labels: two distorted views must agree, and no two components may say the same.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("barlow_twins_resnet50", "ResNet-50 with the projector 8192-8192-8192, as it is trained",
            _ => new BarlowTwins([8192, 8192, 8192]))
        {
            Capabilities = [TensorInput.Pictures(224), new TakesPictures(ImagePreprocessing.ImageNet(224))],
            Parameters = 174_535_744,
            Weights =
            [
                new OfficialWeights(
                    new Uri("https://dl.fbaipublicfiles.com/barlowtwins/ljng/checkpoint.pth"),
                    Licence: "CC BY-NC 4.0",
                    Note: "the whole model after 1,000 epochs (under the key model, prefix module.); 73.5 top-1 with a linear probe "
                        + "published; neither the file nor the figure could be verified here"),
            ],
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new BarlowTwinsMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [BarlowTwinsClaim.Kept];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new BarlowTwinsClaim();
}
