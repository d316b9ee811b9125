using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>TReCS' card.</summary>
public sealed class TrecsSystem : CatalogueSystem
{
    private const int Labels = 183, Words = 64; // COCO-Stuff's 182 and one for none; a narrative has some forty words

    /// <summary>What the claim keeps too.</summary>
    internal const string SmallName = "trecs_small";

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "trecs",
        "TReCS",
        "2020-W45",
        SystemTask.Generation,
        new Paper(
            "Text-to-Image Generation Grounded by Fine-Grained User Attention", "Koh, Baldridge, Lee, Yang", 2020, "2011.03775",
            "google-research/trecs_image_generation@3395bdc"),
        "Draws a picture from a spoken description and the mouse trace that went with it: words become labels, labels masks, masks go "
        + "where the mouse was, a painter paints them.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Tagger("trecs_tagger", "BERT-base that gives every word one of 183 labels", new BertConfig(), Labels, 109_032_375),
        Tagger("trecs_tagger_small", "The same for a small world of 64 words and 11 labels", Small, 11, 109_131),
        new("trecs_painter", "SPADE's generator for COCO-Stuff, 256 px", _ => new SpadeGenerator(new SpadeConfig()))
        {
            Capabilities = [new TensorInput(Labels, 256, 256)],
            Parameters = 97_450_947,
        },
        new(SmallName, "Tagger, dual encoder and painter of a small world of its own, 32 px", _ => SmallWorld())
        {
            Capabilities =
            [
                new NarrativePainter(),
                new Exercise(static (module, batch) =>
                    ((TrecsModel)module).Painter.Call(Tensor.Rand([batch, TinyWorld.Labels, TinyWorld.Side, TinyWorld.Side]))),
            ],
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new TrecsMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new GenerateFromNarratives()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new TrecsClaim();

    private static BertConfig Small => new() { Vocabulary = 64, Width = 64, Layers = 2, Heads = 4, Inner = 256, Positions = Words };

    private static TrecsModel SmallWorld() => new(Words, TinyWorld.Labels, TinyWorld.Side, Words);

    private static ModelVariant Tagger(string name, string description, BertConfig config, int labels, long parameters)
    {
        var pieces = ExportInput.Whole("pieces", 0, config.Vocabulary, Words);
        return new(name, description, _ => new WordTagger(config, labels))
        {
            Parameters = parameters,
            Capabilities =
            [
                new Exercise((module, batch) => ((WordTagger)module).Call(pieces.Example(batch), Mask.Example(batch))),
                new Exportable(module =>
                    [new ExportFunction("", [pieces, Mask], ["logits"], inputs => [((WordTagger)module).Call(inputs[0], inputs[1])])]),
            ],
        };
    }

    private static ExportInput Mask => new("mask", [Words], batch => Tensor.Ones([batch, Words], DType.Int64));
}
