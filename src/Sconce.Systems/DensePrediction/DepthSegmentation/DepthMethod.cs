using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary><c>sconce train sde_r18 --data clips/</c>: depth without labels.</summary>
internal sealed class DepthMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "sde";

    /// <inheritdoc/>
    public override string Purpose =>
        "depth is learned from a moving camera's clips without labels: a folder of clips, or of folders of frames; intrinsics.txt (fx fy "
        + "cx cy in pixels) says their lens";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DepthTrainingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("sde_r18 --data drives/ --out run31", "a small network, from random numbers"),
        ("sde_r101 --data drives/ --trunk resnet101-63fe2227.pth --size 512 --out run32", "the published one, from an ImageNet trunk"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name is "sde_r18" or "sde_r101";

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<DepthBatch>.Open(owned => DepthRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        PlannedEvaluation.Of<DepthBatch>(
            network, this, data, (setup, owned) => DepthRun.Plan(Asking(setup), this, owned), progress, cancellation);

    /// <summary>The trunk lies in the weights that are asked; its file may be gone.</summary>
    private static TrainingSetup Asking(TrainingSetup setup)
    {
        var settings = setup.Configuration.Of<DepthTrainingSettings>();
        return setup with { Configuration = setup.Configuration with { Settings = settings with { Trunk = null } } };
    }
}
