using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>A talking head learns from clips of faces: one frame painted as another moves; 2011.15126 §3.</summary>
internal sealed class FaceMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "face_vid2vid";

    /// <inheritdoc/>
    public override string Purpose =>
        "a talking head is learned from clips of faces, or folders of their frames: each frame is painted from another of its clip";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<FaceSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("face_64 --data calls/ --out run41", "faces in the middle of their clips, small"),
        ("vox_256 --data calls/ --box 420,130,720,430 --pretrained vox-256.pth --out run42", "the published network on your own clips"),
        ("vox_256_spade --data calls/ --vgg vgg19-dcbb9e9d.pth --hopenet hopenet_robust_alpha1.pkl --out run43", "the published program"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name is "face_64" or "vox_256" or "vox_256_spade";

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<FaceBatch>.Open(owned => FaceRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        PlannedEvaluation.Of<FaceBatch>(
            network, this, data, (setup, owned) => FaceRun.Plan(Asking(setup), this, owned), progress, cancellation);

    /// <summary>Painting is asked, without those that taught it; their files may be gone.</summary>
    private static TrainingSetup Asking(TrainingSetup setup)
    {
        var settings = setup.Configuration.Of<FaceSettings>();
        return setup with { Configuration = setup.Configuration with { Settings = settings with { Vgg = null, Hopenet = null } } };
    }
}
