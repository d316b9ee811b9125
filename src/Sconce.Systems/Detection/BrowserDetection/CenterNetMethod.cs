using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary><c>sconce train centernet_lite --data FOLDER</c>: a small detector of a person's own objects.</summary>
internal sealed class CenterNetMethod : DetectorMethod
{
    /// <inheritdoc/>
    public override string Name => "centernet";

    /// <inheritdoc/>
    public override string Purpose =>
        $"a small detector learns a person's own objects, in minutes, from a few hundred pictures with boxes; {Layouts}";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of(new PictureTrainingSettings
    {
        Run = new() { Epochs = 110, Batch = 12 },
        Optimization = new()
        {
            Optimizer = OptimizerKind.AdamW,
            LearningRate = CenterNetTraining.Rate,
            WeightDecay = CenterNetTraining.Decay,
            Schedule = ScheduleKind.OneCycle,
        },
        Pictures = new() { ImageSize = CenterNetPictures.Side },
    });

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("centernet_lite --data kangaroo/ --out run7", "1200 steps on 131 pictures: some ten minutes on two cores")];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name == BrowserDetectionSystem.Network;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<DetectionBatch>.Open(owned => CenterNetRun.Plan(setup, this, owned));
}
