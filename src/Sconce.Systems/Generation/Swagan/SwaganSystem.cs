using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn.Backbones;

namespace Sconce.Systems.Generation.Swagan;

/// <summary>SWAGAN's card.</summary>
public sealed class SwaganSystem : CatalogueSystem
{
    /// <summary>What the claim keeps.</summary>
    internal const string ClaimNetwork = "swagan_claim";

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "swagan",
        "SWAGAN",
        "2021-W06",
        SystemTask.Generation,
        new Paper(
            "SWAGAN: A Style-based Wavelet-driven Generative Model", "Gal, Cohen, Bermano, Cohen-Or", 2021, "2102.06108",
            "rinongal/swagan@5536290f"),
        "A StyleGAN2 that paints Haar bands instead of pixels: its convolutions end at half the size, and fine detail is as easy to "
        + "paint as smooth areas.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
        [Wavelets(64, 21_541_943), Wavelets(256, 29_354_067), Wavelets(1024, 30_303_727)];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks { get; } =
        [Wavelets(ClaimNetwork, "what the claim trains, pictures of 16 px", SwaganClaim.Sizes, 0)];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new SwaganClaim();

    private static ModelVariant Wavelets(int size, long parameters) => Wavelets(
        $"swagan_{size}", $"SWAGAN's generator (config-f), colour pictures of {size} px", new StyleGanConfig(size), parameters);

    private static ModelVariant Wavelets(string name, string description, StyleGanConfig sizes, long parameters) => StyleVariants.Of(
        name,
        description,
        sizes,
        parameters,
        config => new SwaganGenerator(config),
        config => new SwaganDiscriminator(config));
}
