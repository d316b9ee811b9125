using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Training;

namespace Sconce.Systems.Generation.Cips;

/// <summary>CIPS' card.</summary>
public sealed class CipsSystem : CatalogueSystem
{
    // Pixels are independent: an exported network renders those whose coordinates it is given, in pieces of this side.
    private const int Tile = 32;
    private const int Side = 256, Smallest = 8;

    /// <summary>What the claim keeps.</summary>
    internal const string ClaimNetwork = "cips_claim";

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "cips",
        "CIPS",
        "2020-W48",
        SystemTask.Generation,
        new Paper(
            "Image Generators with Conditionally-Independent Pixel Synthesis",
            "Anokhin, Demochkin, Khakhulin, Sterkin, Lempitsky, Korzhenkov",
            2020,
            "2011.13775",
            "saic-mdal/CIPS@eadae6e4"),
        "A generator without spatial convolutions: each pixel comes from its own coordinates and a style, at any resolution and for any "
        + "part of the picture.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Pixels("cips_skip_256", "the paper's generator, learned at 256 px", 44_317_092, static size => new CipsSkip(new CipsConfig(size))),
        Pixels("cips_res_256", "with residual blocks, learned at 256 px", 43_027_858, static size => new CipsRes(new CipsConfig(size))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks { get; } =
        [Pixels(ClaimNetwork, "what the claim trains, for textures of 16 px", 0, static _ => new CipsSkip(CipsClaim.Sizes))];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new CipsClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new CipsMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new CipsGenerate()];

    private static ModelVariant Pixels(string name, string description, long parameters, Func<int, CipsGenerator> create) =>
        new(name, $"CIPS {description}", options => create(SideOf(options)))
        {
            Capabilities =
            [
                new TensorInput(StyleWidth(name)),
                new ImageGenerator(StyleWidth(name)) { HasStyles = true },
                new PixelGenerator(create, side => new StyleGan2Discriminator(new StyleGanConfig(side))),
                new Exportable(static module => [Exported((CipsGenerator)module)]),
            ],
            Parameters = parameters,
            Load = static (module, path) => PlayerCheckpoint.Load(module, path, "g_ema", "g"),
        };

    private static int StyleWidth(string name) => name == ClaimNetwork ? CipsClaim.Sizes.StyleWidth : 512;

    private static int SideOf(ModelOptions options)
    {
        if (options.ImageSize is not { } side) return Side;
        if (side >= Smallest && int.IsPow2(side)) return side;
        throw new SettingsException("size", called =>
            $"{called} is {side}: CIPS learns from pictures with a power of two as side, from {Smallest} on; it paints any afterwards");
    }

    private static ExportFunction Exported(CipsGenerator generator) => new(
        "",
        [
            ExportInput.Noise("z", generator.Config.StyleWidth),
            new ExportInput("coordinates", [2, Tile, Tile], batch => CoordinateGrid.Whole(Tile).Repeat([batch, 1, 1, 1])),
        ],
        ["image"],
        inputs => [generator.Render(inputs[1], generator.Map(inputs[0]), generator.NoNoise())]);
}
