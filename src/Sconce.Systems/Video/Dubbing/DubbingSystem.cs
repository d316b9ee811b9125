using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>The card of dubbing.</summary>
public sealed class DubbingSystem : CatalogueSystem
{
    private const int Small = 8;

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "dubbing",
        "Multilingual audio-visual dubbing",
        "2020-W46",
        SystemTask.Video,
        new Paper(
            "Large-scale multilingual audio visual dubbing",
            "Yang, Shillingford, Assael, Wang, Liu, Chen, Zhang, Sezener, Cobo, Denil, Aytar, de Freitas",
            2020,
            "2011.03530",
            "Rudrabha/Wav2Lip@5c90fa9"),
        "A clip in which somebody speaks other words, and lips that fit them. The paper's own code is not public; Wav2Lip (2008.10010) "
        + "stands for its network of lips.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Painter("wav2lip", "Paints the lower half of faces of 96 px to 0.2 s of speech", 1) with { Parameters = 36_298_035 },
        Expert("syncnet", "Says whether the mouth in five frames speaks 0.2 s of speech", 1) with { Parameters = 16_435_072 },
        new("quality", "Says whether the lower halves of faces are real, for training the painter", _ => new FaceQuality())
        {
            Parameters = 14_113_793,
            Capabilities =
            [
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((FaceQuality)module).Call(Tensor.Rand([batch, 3, SyncExpert.Frames, 96, 96]));
                }),
                new Exportable(static module =>
                    [new("", [ExportInput.Noise("face", 3, 1, 96, 96)], ["real"], inputs => [((FaceQuality)module).Call(inputs[0])])]),
            ],
        },
        Painter("wav2lip_small", "The same with an eighth of the channels, for one speaker's clips", Small),
        Expert("syncnet_small", "The same with an eighth of the channels, for one speaker's clips", Small),
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DubbingClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new LipMethod(), new SyncMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new DubClip()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Dub];

    /// <summary>An expert of sync of whatever width, with its weights, in evaluation.</summary>
    /// <param name="file">A run's best weights, or the released ones.</param>
    /// <exception cref="CheckpointException">Damaged, or another network.</exception>
    internal static SyncExpert ExpertOf(string file)
    {
        const string first = "face_encoder.0.conv_block.0.weight";
        const int published = 32;
        long width;
        using (var checkpoint = Checkpoint.Open(file))
        {
            width = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name.EndsWith(first, StringComparison.Ordinal))?.Shape[0]
                ?? published;
        }

        SyncExpert expert;
        using (Init.Skipped()) expert = new SyncExpert((int)Math.Max(1, published / Math.Max(1, width)));
        try
        {
            ModelWeights.Load(expert, file);
            expert.Eval();
            return expert;
        }
        catch
        {
            expert.Dispose();
            throw;
        }
    }

    private static ModelVariant Painter(string name, string description, int narrowing) =>
        new(name, description, _ => new LipPainter(narrowing))
        {
            Capabilities =
            [
                new LipSync(),
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((LipPainter)module).Call(Tensor.Randn([batch, 1, 80, SpeechFeatures.Steps]), Tensor.Rand([batch, 6, 96, 96]));
                }),
                new Exportable(static module =>
                [
                    new(
                        "",
                        [ExportInput.Noise("speech", 1, 80, SpeechFeatures.Steps), ExportInput.Noise("faces", 6, LipPainter.Side,
                            LipPainter.Side)],
                        ["painted"],
                        inputs => [((LipPainter)module).Call(inputs[0], inputs[1])]),
                ]),
            ],
        };

    private static ModelVariant Expert(string name, string description, int narrowing) =>
        new(name, description, _ => new SyncExpert(narrowing))
        {
            Capabilities =
            [
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((SyncExpert)module).Call(Tensor.Randn([batch, 1, 80, SpeechFeatures.Steps]), Tensor.Rand([batch, 15, 48, 96]));
                }),
                new Exportable(static module =>
                [
                    new(
                        "",
                        [ExportInput.Noise("speech", 1, 80, SpeechFeatures.Steps), ExportInput.Noise("mouths", 15, 48, 96)],
                        ["speech_vector", "face_vector"],
                        inputs => [.. ((SyncExpert)module).Call(inputs[0], inputs[1]).Tensors]),
                ]),
            ],
        };
}
