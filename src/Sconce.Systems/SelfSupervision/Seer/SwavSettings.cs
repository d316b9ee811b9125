using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>How an encoder learns by prototypes.</summary>
[Settings]
public sealed partial record SwavSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 100, Watched = "loss" };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new() { Optimizer = OptimizerKind.Larc, WeightDecay = 1e-6 };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>Prototypes, for networks that have none of their own (300 there).</summary>
    [Within(2, 1_000_000)]
    [LeftOpen]
    public int? Prototypes { get; init; }

    /// <summary>The projection's hidden width, for networks that have none of their own (that of the features there).</summary>
    [Within(1, 65536)]
    [LeftOpen]
    public int? Hidden { get; init; }

    /// <summary>Numbers of an embedding, for networks that have none of their own (128 there).</summary>
    [Within(2, 65536)]
    [LeftOpen]
    public int? Embedding { get; init; }

    /// <summary>Epochs, fractions too, at the beginning that leave the prototypes as they are.</summary>
    [Within(0)]
    public double FreezePrototypes { get; init; } = 1;

    /// <summary>
    /// Embeddings that are remembered to spread codes evenly, a multiple of the batch: for batches below a thousand or so; 0 for none.
    /// </summary>
    [Within(0)]
    public int Queue { get; init; }

    /// <summary>The epoch, fractions too, at which the queue begins to fill.</summary>
    [Within(0)]
    public double QueueStart { get; init; } = 15;

    /// <summary>The smoothing of the codes.</summary>
    [Within(0, Above = true)]
    public double Epsilon { get; init; } = 0.05;

    /// <summary>Rounds of Sinkhorn and Knopp's scaling; SwAV takes 3, SEER 10.</summary>
    [Within(0, 1000)]
    public int Sinkhorn { get; init; } = 3;

    /// <summary>What the scores of predictions are divided by.</summary>
    [Within(0, Above = true)]
    public double Temperature { get; init; } = 0.1;

    /// <summary>Small crops beside the two large ones; SwAV takes 6, SEER 4.</summary>
    [Within(0, 32)]
    public int LocalViews { get; init; } = 6;

    /// <summary>The small crops' side in pixels; else three sevenths of the large ones'.</summary>
    [Within(8, 4096)]
    [LeftOpen]
    public int? LocalSize { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
