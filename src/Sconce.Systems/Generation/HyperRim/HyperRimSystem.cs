using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>HyperRIM's card.</summary>
public sealed class HyperRimSystem : CatalogueSystem
{
    private static readonly HyperRimConfig Decompression = new() { Residual = [64], Dense = [64], KeepsSize = true };

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "hyperrim",
        "HyperRIM",
        "2020-W46",
        SystemTask.Generation,
        new Paper("Generating Unobserved Alternatives", "Peng, Li", 2020, "2011.01926", "niopeng/HyperRIM@e17b7e2c9725"),
        "Makes many plausible large pictures of a small one, trained without a judge: of many random answers the nearest learns.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Of("hyperrim_x16", "16 times larger, in four levels", new HyperRimConfig()),
        Of("hyperrim_decompression", "pictures without the traces of JPEG's compression", Decompression),
        Of("hyperrim_small", "4 times larger, in two narrow levels", Small),
        Of("hyperrim_small_decompression", "a narrow network that undoes JPEG", SmallDecompression),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks { get; } =
    [
        new(ClaimNetwork, "what the claim trains: grey pictures, 4 times larger, with one of three patterns",
            _ => new AlternativesNetwork())
        {
            Capabilities = [new PictureUpscaler(AlternativesToy.Side / AlternativesToy.Small)],
        },
    ];

    /// <summary>What the claim keeps.</summary>
    internal const string ClaimNetwork = "hyperrim_claim";

    /// <inheritdoc/>
    public override Claim Claim { get; } = new HyperRimClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new HyperRimMethod()];

    internal static HyperRimConfig Small { get; } =
        new() { Residual = [16, 16], Dense = [8, 8], Blocks = 2, CodeChannels = 2, Vector = 16, Style = 32 };

    private static HyperRimConfig SmallDecompression => Small with { Residual = [16], Dense = [8], KeepsSize = true };

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new HyperRimUpscale()];

    private static ModelVariant Of(string name, string description, HyperRimConfig config) =>
        new(name, description, _ => new HyperRimNetwork(config))
        {
            Capabilities =
            [
                new PictureUpscaler(config.KeepsSize ? 1 : 1 << config.Levels),
                new Exercise(static (module, batch) => Exercise((HyperRimNetwork)module, batch)),
            ],
        };

    private static void Exercise(HyperRimNetwork network, int batch)
    {
        const int side = 4;
        using var scope = new TensorScope();
        network.Call(Tensor.Rand([batch, network.Config.Inputs, side, side]), network.Codes(batch, side, side));
    }
}
