using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Training;

namespace Sconce.Systems.Detection.Detr;

/// <summary>
/// <c>sconce train detr_resnet50 --data COCO_FOLDER</c>: DETR learns boxes, and its panoptic networks masks too, by the official recipe.
/// </summary>
/// <param name="networks">Those that it trains where no method is named.</param>
public sealed class DetrMethod(IReadOnlyList<ModelVariant> networks) : TrainingMethod
{
    internal const int OfficialSide = 800;
    private const int OfficialLongSide = 1333;

    /// <inheritdoc/>
    public override string Name => "detr";

    /// <inheritdoc/>
    public override string Purpose =>
        "objects are found with boxes, and with masks by panoptic networks. The data are COCO's layout (annotations/instances_train….json "
        + "and instances_val….json, or panoptic_….json, and the pictures), " +
        "train.json and val.json in COCO's format, one such file, or a Pascal VOC folder";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DetrSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("detr_resnet50 --data coco/ --out run5 --pretrained detr-r50-e632da11.pth --epochs 50 --size 480",
            "a detector of your own objects"),
        ("detr_resnet50 --data coco/ --out run5 --trunk resnet50-0676ba61.pth", "from an ImageNet trunk, as the paper did"),
        ("detr_resnet50_panoptic --data coco/ --out run6 --detector run5/best.ckpt --epochs 25", "masks for a detector that is trained"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => networks.Any(known => known.Name == variant.Name);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<DetectionBatch>.Open(owned => DetrRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        bool masks = network.Variant.Get<DetrDetector>().GivesMasks;
        string place = data ?? network.Configuration?.Data
            ?? throw new SettingsException("data", called => $"{called} is missing: the folder of pictures with objects");
        var (set, remarks) = AskedPictures.Of(network, data, place, masks);
        int[] labels = AskedPictures.Labels(network, set, place);
        using var module = Load(network);
        int side = network.Size ?? OfficialSide;
        var evaluation = DetrEvaluation.Run(module, set, labels, side, LongSide(side), progress, cancellation);
        var rows = new List<(string, IReadOnlyList<double>)>();
        IReadOnlyList<double>[] columns =
            [.. new[] { evaluation.Boxes.ByClass(), evaluation.Masks?.ByClass(),
                evaluation.Panoptic?.ByClass() }.OfType<IReadOnlyList<double>>()];
        for (int c = 0; c < set.Classes.Count; c++) rows.Add((set.Classes[c], [.. columns.Select(column => column[c])]));
        return new EvaluationReport(place, set.Count, evaluation.Figures())
        {
            Remarks = remarks,
            Columns = ((string[])["AP", "mask AP", "PQ"])[..columns.Length],
            Rows = rows,
        };
    }

    /// <summary>
    /// At most so many pixels on the longer side, where the shorter one is to have <paramref name="side"/>: in the official proportion.
    /// </summary>
    internal static int LongSide(int side) => (int)Math.Round((double)side * OfficialLongSide / OfficialSide);

    /// <summary>Builds it with its weights, in evaluation, where it is to be asked.</summary>
    internal static Module<PaddedImages, DetrOutput> Load(TrainedNetwork network)
    {
        var module = network.Variant.CreateTrained<Module<PaddedImages, DetrOutput>>(network.Weights,
            new ModelOptions(Classes: network.Classes?.Count));
        module.To(network.RunsOn);
        return module;
    }
}
