using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>The expert that tells whether lips and sound belong together; 2008.10010 §3.</summary>
internal sealed class SyncMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "syncnet";

    /// <inheritdoc/>
    public override string Purpose => "an expert learns whether a mouth speaks what is heard: a folder of clips of people who speak";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<SyncSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("syncnet --data talks/ --out run51", "faces that fill their clips"),
            ("syncnet_small --data talks/ --box 420,130,720,520 --out run52", "in minutes")];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name is "syncnet" or "syncnet_small";

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<SpokenBatch>.Open(owned => SyncRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        PlannedEvaluation.Of<SpokenBatch>(
            network, this, data, (setup, owned) => SyncRun.Plan(setup, this, owned), progress, cancellation);
}
