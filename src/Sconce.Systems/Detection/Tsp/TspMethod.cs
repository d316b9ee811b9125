using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>How TSP learns objects.</summary>
[Settings]
public sealed partial record TspSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 36, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 5e-4,
        WeightDecay = 1e-4,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0.5,
        ClipNorm = 1,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The encoder's share of the rate.</summary>
    [Within(0, 1, Above = true)]
    public double EncoderRate { get; init; } = 1;

    /// <summary>Whether of an object's features only the cheapest is to name it (TSP-FCOS); else each is, as in FCOS.</summary>
    public bool Matching { get; init; } = true;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary>Set prediction without a decoder learns on a COCO or VOC folder, by either of its dense detectors; 2011.10881 §4.</summary>
internal sealed class TspMethod : DetectorMethod
{
    /// <inheritdoc/>
    public override string Name => "tsp";

    /// <inheritdoc/>
    public override string Purpose => $"set prediction without a decoder learns a person's own objects; {Layouts}";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<TspSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("tsp_fcos --data coco/ --out run11", "a small network from random numbers"),
        ("tsp_rcnn --data VOC2012/ --out run12 --size 256", "region proposals, on a Pascal VOC folder"),
        ("tsp_fcos_r50 --data coco/ --out run13 --pretrained tsp_fcos_r50.pth --lr 1e-4", "the published network on your own objects"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => TspVariants.All.Any(known => known.Name == variant.Name);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<DetectionBatch>.Open(owned => TspRun.Plan(setup, this, owned));
}
