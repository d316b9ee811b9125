using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Segmentation from few labels, helped by depth that needed none: DepthMix and pseudo-labels; 2012.10782 §3.</summary>
internal sealed class PixelMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "depthmix";

    /// <inheritdoc/>
    public override string Purpose =>
        "classes of pixels are learned from few labels and many pictures without: subfolders images and labels (grey PNGs of the same "
        + "names, a class's number a pixel; not every picture needs one), and classes.txt with a name a line";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<PixelTrainingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("joint_r18 --data streets/ --depth run31/best.ckpt --out run33", "from depth that was learned from clips"),
        ("joint_r18 --data streets/ --out run34", "stills and labels alone: no mixing"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) =>
        variant.Name is "joint_r18" or "transfer_r101" or "selection_r50" or "multitask_r101";

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<PixelBatch>.Open(owned => PixelRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        string place = data ?? network.Configuration?.Data
            ?? throw new SettingsException("data", called => $"{called} is missing: the folder of pictures with classes of pixels");
        var run = network.Configuration?.Run;
        var folder = network.IsOwn(data) ? PixelLabelFolder.Open(place, run!.Validation, run.Seed, network.Kept) : null;
        var pictures = folder?.HeldOut ?? PixelLabelFolder.OpenTest(place);
        var names = network.Classes ?? PixelClassifier.Cityscapes.Names;
        using var module = network.Variant.CreateTrained<DepthSegmentationNetwork>(network.Weights, new ModelOptions(names.Count));
        module.To(network.RunsOn);
        int side = network.Size ?? StreetNetwork.OfficialSide;
        var matrix = PixelEvaluation.Run(module, pictures, names.Count, side, network.RunsOn, progress, cancellation);
        return new EvaluationReport(place, pictures.Count, PixelEvaluation.Figures(matrix))
        {
            Remarks = [.. folder?.Remarks ?? []],
            Columns = ["IoU", "pixels"],
            Rows =
            [
                .. names.Select((name, k) => (name, (IReadOnlyList<double>)[matrix.IntersectionOverUnion(k), matrix.Labelled(k)])),
            ],
        };
    }
}
