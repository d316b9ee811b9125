using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>The card of talking heads from keypoints in space.</summary>
public sealed class FaceVid2VidSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "face_vid2vid",
        "face-vid2vid",
        "2020-W49",
        SystemTask.Video,
        new Paper(
            "One-Shot Free-View Neural Talking-Head Synthesis for Video Conferencing",
            "Wang, Mallya, Liu",
            2020,
            "2011.15126",
            "zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25"),
        "A portrait that moves as somebody in a clip does, from any side: some fifty numbers a frame are enough, where a video call sends "
        + "ten times as much. There is no official code; this follows the known re-implementation.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Of(
            "vox_256_spade", "The re-implementation's released form, with SPADE as its painter; faces of 256 px", 173_183_061,
            new FaceVid2VidConfig()),
        Of(
            "vox_256", "The paper's painter of residual blocks; faces of 256 px", 125_296_277,
            new FaceVid2VidConfig { Generator = new FaceGeneratorConfig { IsSpade = false } }),
        Of("face_64", "Small, for faces of 64 px: it learns a person's own clips from random numbers", 0, Small),
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new FaceVid2VidClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new FaceMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new AnimatePortrait(), new EncodeCall(), new DecodeCall()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Animate, Verb.Encode, Verb.Decode];

    private static FaceVid2VidConfig Small { get; } = new()
    {
        Side = 64,
        EstimatorWidth = 16,
        EstimatorFeatures = 256,
        Detector = new KeypointDetectorConfig
        {
            Keypoints = 10,
            Width = 16,
            MaxWidth = 128,
            Levels = 3,
            VolumeChannels = 1024,
            VolumeDepth = 8,
            Scale = 0.5,
        },
        Generator = new FaceGeneratorConfig
        {
            Keypoints = 10,
            Width = 16,
            MaxWidth = 128,
            VolumeChannels = 16,
            VolumeDepth = 8,
            Blocks = 2,
            IsSpade = false,
            Motion = new MotionFieldConfig { Width = 16, MaxWidth = 128, Levels = 3, Depth = 8 },
        },
    };

    private static ModelVariant Of(string name, string description, long parameters, FaceVid2VidConfig config) =>
        new(name, description, _ => new FaceVid2VidNetwork(config))
        {
            Capabilities =
            [
                TensorInput.Pictures(config.Side),
                new TalkingHead(),
                new Exercise(static (module, batch) => Run((FaceVid2VidNetwork)module, batch)),
            ],
            Parameters = parameters,
            Load = static (module, path) => ((FaceVid2VidNetwork)module).Load(path),
        };

    private static void Run(FaceVid2VidNetwork network, int batch)
    {
        using var scope = new TensorScope();
        var pictures = Tensor.Rand([batch, 3, network.Side, network.Side]);
        var source = network.Source(pictures);
        network.Paint(source, network.Driven(source, pictures));
    }
}
