using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>A Faster R-CNN learns boxes on photos in painters' styles, or on any COCO or VOC folder; 2102.06529 §3, 1506.01497.</summary>
internal sealed class FasterRcnnMethod : DetectorMethod
{
    /// <inheritdoc/>
    public override string Name => "fasterrcnn";

    /// <inheritdoc/>
    public override string Purpose => $"a Faster R-CNN learns objects, in stylised photos that it may find them in paintings; {Layouts}";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<FasterRcnnSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("fasterrcnn_resnet18_fpn --data stylecoco/ --out run23", "a small one, from random numbers"),
        ("fasterrcnn_resnet50_fpn --data stylecoco/ --trunk resnet50-0676ba61.pth --out run24", "from an ImageNet trunk, as the paper did"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => ArtDetectors.All.Any(known => known.Name == variant.Name);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<DetectionBatch>.Open(owned => FasterRcnnRun.Plan(setup, this, owned));
}
