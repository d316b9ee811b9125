using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>CharacterGAN's card.</summary>
public sealed class CharacterGanSystem : CatalogueSystem
{
    private const int Side = 128;

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "charactergan",
        "CharacterGAN",
        "2021-W05",
        SystemTask.Generation,
        new Paper(
            "CharacterGAN: Few-Shot Keypoint Character Animation and Reposing", "Hinz, Fisher, Wang, Shechtman, Wermter", 2021,
            "2102.03141", "tohinz/CharacterGAN@8154aba3"),
        "Learns one character from 8 to 15 pictures with keypoints, and draws it in new poses; limbs in front and behind are told apart by "
        + "depth layers.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Generator("charactergan", "The paper's generator, three depth layers", new CharacterConfig(), 49_757_955),
        Generator("charactergan_mask", "The same, with the character's mask as a fourth channel", new CharacterConfig { Outputs = 4 },
            49_759_524),
        Generator(SmallName, "An eighth of its width's square, two halvings and two blocks: for small drawings", Small, 176_195),
        Generator("charactergan_small_mask", "The same, with the character's mask", Small with { Outputs = 4 }, 176_588),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new AnimateCharacter()];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new CharacterMethod()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new CharacterClaim();

    internal const string SmallName = "charactergan_small";

    internal static CharacterConfig Small { get; } = new() { Width = 8, Halvings = 2, Blocks = 2 };

    private static ModelVariant Generator(string name, string description, CharacterConfig config, long parameters) =>
        new(name, description, _ => new CharacterGenerator(config))
        {
            Parameters = parameters,
            Capabilities =
            [
                new CharacterDrawer(config.Layers, 1 << config.Halvings, config.Outputs == 4),
                new Exercise((module, batch) =>
                    ((CharacterGenerator)module).Call([.. Layers(config).Select(layer => layer.Example(batch))])),
                new Exportable(module =>
                    [new ExportFunction("", Layers(config), ["picture"], inputs => [((CharacterGenerator)module).Call(inputs)])]),
            ],
        };

    private static ExportInput[] Layers(CharacterConfig config) =>
        [.. Enumerable.Range(0, config.Layers).Select(k => ExportInput.Noise($"layer{k}", config.Inputs, Side, Side))];
}
