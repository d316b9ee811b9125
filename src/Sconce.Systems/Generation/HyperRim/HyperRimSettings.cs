using Sconce.Training;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>How a network learns to give many answers.</summary>
[Settings]
public sealed partial record HyperRimSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 1, Epochs = 20 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        WeightDecay = 0,
        WarmUpEpochs = 0,
        Schedule = ScheduleKind.Constant,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>Random codes that are tried for each picture and level; the nearest learns. One is plain regression.</summary>
    [Within(1, 100_000)]
    public int Codes { get; init; } = 120;

    /// <summary>Codes that are tried at once: fewer for less memory.</summary>
    [Within(1, 100_000)]
    public int Together { get; init; } = 30;

    /// <summary>Pictures of a month, for which codes are chosen; an epoch is a month.</summary>
    [Within(1)]
    public int Month { get; init; } = 320;

    /// <summary>Passes over a month's pictures before codes are chosen anew.</summary>
    [Within(1)]
    public int Passes { get; init; } = 31;

    /// <summary>VGG-16's weights, by whose features pictures are compared; without them, pixels are.</summary>
    [FilePath]
    public string? Vgg { get; init; }

    /// <summary>LPIPS's weights of VGG-16's channels; all count alike without them.</summary>
    [FilePath]
    public string? Lpips { get; init; }

    /// <summary>Numbers in which features are compared in the choice of codes, by random projection.</summary>
    [Within(5, 100_000)]
    public int Projected { get; init; } = 1000;

    /// <summary>The quality of JPEG that a decompressing network learns to undo.</summary>
    [Within(1, 100)]
    public int Quality { get; init; } = 10;

    /// <summary>What the mapping networks learn slower than the rest.</summary>
    [Within(0, 1)]
    public double MappingRate { get; init; } = 0.01;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
