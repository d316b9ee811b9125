using Sconce.Training;

namespace Sconce.Systems.Detection.Detr;

/// <summary>How DETR learns objects.</summary>
[Settings]
public sealed partial record DetrSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 300, Batch = 2 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = DetrTraining.Rate,
        WeightDecay = DetrTraining.Decay,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0,
        ClipNorm = DetrTraining.ClipNorm,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = DetrMethod.OfficialSide };

    /// <summary>
    /// A checkpoint of the trunk as a classifier (torchvision's keys) to start from; its norms are constants from then on.
    /// </summary>
    [FilePath]
    public string? Trunk { get; init; }

    /// <summary>Epochs after which a stepwise schedule falls to a tenth; else two thirds of all.</summary>
    [Within(1)]
    [LeftOpen]
    public int? DropAfter { get; init; }

    /// <summary>The trunk's share of the learning rate.</summary>
    [Within(0, 1)]
    public double TrunkRate { get; init; } = DetrTraining.TrunkFactor;

    /// <summary>The weight of "no object" in the classes' loss.</summary>
    [Within(0, Above = true)]
    public double NoObject { get; init; } = 0.1;

    /// <summary>A trained network of boxes from which a panoptic one starts: it stays as it is, and the masks are learned.</summary>
    [FilePath]
    public string? Detector { get; init; }

    /// <summary>The numbers of the classes whose objects are counted apart; panoptic data say it themselves.</summary>
    [Within(0)]
    public IReadOnlyList<int>? Things { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
