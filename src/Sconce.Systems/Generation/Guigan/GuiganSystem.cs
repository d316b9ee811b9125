using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>GUIGAN's card.</summary>
public sealed class GuiganSystem : CatalogueSystem
{
    private const int Vocabulary = 8000, Length = 30, SmallVocabulary = 41;

    /// <summary>What the claim keeps too.</summary>
    internal const string SmallName = "guigan_small";

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "guigan",
        "GUIGAN",
        "2021-W04",
        SystemTask.Generation,
        new Paper(
            "GUIGAN: Learning to Generate GUI Designs Using Generative Adversarial Networks", "Zhao, Chen, Liu, Zhu", 2021, "2101.09978",
            "GUIDesignResearch/GUIGAN@a672e5cd"),
        "Composes new app screens out of parts of real ones, as sequences that a recurrent network writes; rewarded for looking real, of "
        + "one style, and well built.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("guigan", "Writes screens of 30 sub-trees out of 8,000", _ => new SubtreeGenerator(Vocabulary))
        {
            // 528,448 parameters; not said here, because what says so is exported, and recurrent networks are not yet.
            Capabilities =
            [
                new ScreenWriter(32, 32),
                new Exercise(static (module, batch) => ((SubtreeGenerator)module).Call(Tokens.Example(batch))),
            ],
        },
        new(SmallName, "Writes short screens of a grammar or of few real ones", _ => new SubtreeGenerator(SmallVocabulary, 16, 24))
        {
            Capabilities =
            [
                new ScreenWriter(16, 24, [1, 2, 3, 4, 5], 16),
                new Exercise(static (module, batch) => ((SubtreeGenerator)module).Call(SmallTokens.Example(batch))),
            ],
        },
        new("guigan_judge", "Judges screens of 30 sub-trees out of 8,000", _ => new ScreenDiscriminator(Vocabulary))
        {
            Parameters = 4_277_282,
            Capabilities =
            [
                new Exercise(static (module, batch) => ((ScreenDiscriminator)module).Call(Tokens.Example(batch))),
                new Exportable(static module =>
                    [new ExportFunction("", [Tokens], ["log_probabilities"], inputs => [((ScreenDiscriminator)module).Call(inputs[0])])]),
            ],
        },
        new("guigan_style", "Places pictures of sub-trees among styles", _ => new StyleEmbedding())
        {
            Capabilities = [new TensorInput(3, 256, 512)],
            Parameters = 22_802_722,
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new GuiganClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new GuiganMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new GenerateScreens()];

    private static ExportInput SmallTokens => ExportInput.Whole("tokens", 0, SmallVocabulary, 8);

    private static ExportInput Tokens => ExportInput.Whole("tokens", 0, Vocabulary, Length);
}
