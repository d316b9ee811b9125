using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>How an expert of sync is learned. Rudrabha/Wav2Lip@5c90fa9 color_syncnet_train.py.</summary>
[Settings]
public sealed partial record SyncSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 20, Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>The face in all clips: left, top, right, bottom in pixels; the whole picture where left out.</summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>How a painter of lips is learned. Rudrabha/Wav2Lip@5c90fa9 wav2lip_train.py, hq_wav2lip_train.py.</summary>
[Settings]
public sealed partial record LipSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 20, Batch = 4 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>The face in all clips: left, top, right, bottom in pixels; the whole picture where left out.</summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <summary>
    /// A trained expert of sync (a run's best.ckpt), which judges what is painted; without it pictures alone are compared.
    /// </summary>
    [FilePath]
    public string? Expert { get; init; }

    /// <summary>What sync counts, once the expert's loss on what is painted has fallen under <see cref="SyncFrom"/>.</summary>
    [Within(0, 1)]
    public double Sync { get; init; } = 0.03;

    /// <summary>The expert's mean loss under which sync begins to count.</summary>
    [Within(0)]
    public double SyncFrom { get; init; } = 0.75;

    /// <summary>What a judge of quality counts, which then learns beside the painter; 0 for none.</summary>
    [Within(0, 1)]
    public double Quality { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
