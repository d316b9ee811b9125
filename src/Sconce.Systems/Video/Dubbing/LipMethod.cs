using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>Lips learn to fit a sound, judged by an expert of both; Wav2Lip, 2008.10010 §4.</summary>
internal sealed class LipMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "wav2lip";

    /// <inheritdoc/>
    public override string Purpose =>
        "lips are painted to speech: a folder of clips of people who speak, and an expert of sync where there is one";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<LipSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("wav2lip --data talks/ --expert run51/best.ckpt --out run53", "the published size"),
        ("wav2lip_small --data talks/ --expert run52/best.ckpt --out run54", "in minutes"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name is "wav2lip" or "wav2lip_small";

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<SpokenBatch>.Open(owned => LipRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        PlannedEvaluation.Of<SpokenBatch>(
            network, this, data, (setup, owned) => LipRun.Plan(Asking(setup), this, owned), progress, cancellation);

    /// <summary>Painting is asked, without those that judge it while it is learned: the expert's file may be gone.</summary>
    private static TrainingSetup Asking(TrainingSetup setup)
    {
        var settings = setup.Configuration.Of<LipSettings>();
        return setup with { Configuration = setup.Configuration with { Settings = settings with { Expert = null, Quality = 0 } } };
    }
}
