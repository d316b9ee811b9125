using System.Globalization;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.Detr;

/// <summary><c>sconce train detr_resnet50 --data COCO_FOLDER</c>: DETR learns boxes, and its panoptic networks masks too, by the official recipe.</summary>
/// <param name="networks">Those that it trains where no method is named.</param>
public sealed class DetrMethod(IReadOnlyList<ModelVariant> networks) : TrainingMethod
{
    internal const string DropAfter = "dropAfter", TrunkRate = "trunkRate", NoObject = "noObject", Trunk = "trunk", Detector = "detector", Things = "things";
    internal const string NoThings = "none";
    private const int OfficialSide = 800, OfficialLongSide = 1333, Epochs = 300, Batch = 2;

    /// <inheritdoc/>
    public override string Name => "detr";

    /// <inheritdoc/>
    public override string Purpose =>
        "objects are found with boxes, and with masks by panoptic networks. The data are COCO's layout (annotations/instances_train….json and instances_val….json, or panoptic_….json, and the pictures), " +
        "train.json and val.json in COCO's format, one such file, or a Pascal VOC folder";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Path(Trunk, "a checkpoint of the trunk as a classifier (torchvision's keys), to start from without --pretrained; its norms are constants from then on"),
        MethodOption.Count(DropAfter, "epochs after which the rate falls to a tenth (two thirds of all), with --schedule step", null, 1),
        MethodOption.Real(TrunkRate, "the trunk's share of the learning rate", DetrTraining.TrunkFactor, 0, 1),
        MethodOption.Real(NoObject, "the weight of \"no object\" in the classes' loss", 0.1, 0, double.PositiveInfinity, above: true),
        MethodOption.Path(Detector, "a trained network of boxes from which a panoptic one starts: it stays as it is, and the masks are learned"),
        new MethodOption(Things, "the numbers of the classes whose objects are counted apart, with commas between, or none; panoptic data say it themselves", null, "whole numbers from 0 on with commas between, or none", text =>
            text == NoThings || text.Split(',').All(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? text : null),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("sconce train detr_resnet50 --data coco/ --out run5 --pretrained detr-r50-e632da11.pth --epochs 50 --size 480", "a detector of your own objects"),
        ("sconce train detr_resnet50 --data coco/ --out run5 --trunk resnet50-0676ba61.pth", "from an ImageNet trunk, as the paper did"),
        ("sconce train detr_resnet50_panoptic --data coco/ --out run6 --detector run5/best.ckpt --epochs 25", "masks for a detector that is trained"),
        ("sconce eval run5", "average precision on the part that was held out; with masks, theirs and the panoptic quality"),
    ];

    /// <inheritdoc/>
    public override TrainingConfiguration Start => base.Start with
    {
        Epochs = Epochs,
        Batch = Batch,
        Optimizer = OptimizerKind.AdamW,
        LearningRate = DetrTraining.Rate,
        WeightDecay = DetrTraining.Decay,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0,
        ClipNorm = DetrTraining.ClipNorm,
        ImageSize = OfficialSide,
    };

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => networks.Any(known => known.Name == variant.Name);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new DetrRun(setup, this);

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        bool masks = DetrVariants.GivesMasks(network.Variant);
        string place = data ?? network.Configuration?.Data ?? throw new UsageException("--data is missing: the folder of pictures with objects");
        var set = data is not null || network.Configuration is not { } own ? DetectionFolder.OpenTest(place, masks) : DetectionFolder.Open(place, masks, own.Validation, own.Seed).Test;
        int[] labels = Labels(network, set, place);
        using var module = Load(network);
        int side = network.Size ?? OfficialSide;
        var evaluation = DetrEvaluation.Run(module, set, labels, side, LongSide(side), progress, cancellation);
        var rows = new List<(string, IReadOnlyList<double>)>();
        IReadOnlyList<double>[] columns = [.. new[] { evaluation.Boxes.ByClass(), evaluation.Masks?.ByClass(), evaluation.Panoptic?.ByClass() }.OfType<IReadOnlyList<double>>()];
        for (int c = 0; c < set.Classes.Count; c++) rows.Add((set.Classes[c], [.. columns.Select(column => column[c])]));
        return new EvaluationReport(place, set.Count, evaluation.Figures()) { Columns = ((string[])["AP", "mask AP", "PQ"])[..columns.Length], Rows = rows };
    }

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(TrainedNetwork network, IReadOnlyList<string> inputs, int most, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        PredictorFor(network).Predict(new PredictRequest(null, null, inputs, new Dictionary<string, string>()), progress, cancellation).Select(result => result with { Predictions = [.. result.Predictions.Take(most)] });

    /// <inheritdoc/>
    public override Predictor PredictorFor(TrainedNetwork network) => new DetrPredictor(network);

    /// <summary>At most so many pixels on the longer side, where the shorter one is to have <paramref name="side"/>: in the official proportion.</summary>
    internal static int LongSide(int side) => (int)Math.Round((double)side * OfficialLongSide / OfficialSide);

    /// <summary>Builds it with its weights, in evaluation, on the best device.</summary>
    internal static Module<PaddedImages, DetrOutput> Load(TrainedNetwork network)
    {
        var module = network.Variant.CreateTrained<Module<PaddedImages, DetrOutput>>(network.Weights, new ModelOptions(Classes: network.Classes?.Count));
        module.To(TorchRuntime.BestDevice);
        return module;
    }

    /// <summary>Which classes of a run are things; null where it does not say.</summary>
    internal static IReadOnlyList<int>? ThingsOf(TrainingConfiguration configuration) =>
        configuration.MethodOptions.Values.GetValueOrDefault(Things) switch
        {
            null => null,
            NoThings => [],
            var numbers => [.. numbers.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))],
        };

    /// <summary>The network's number of each class of a set: by name for a run, by category for published weights.</summary>
    private static int[] Labels(TrainedNetwork network, DetectionDataset set, string place)
    {
        if (network.Classes is not { } names)
        {
            return set.Categories.FirstOrDefault(category => category < 0 || category >= network.Variant.Classes, -1) is >= 0 and var unknown
                ? throw new DataException(place, $"it has the category {unknown}, but {network.Variant.Name} knows {network.Variant.Classes}, by COCO's numbers")
                : [.. set.Categories.Select(category => (int)category)];
        }

        var numbers = names.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number);
        return [.. set.Classes.Select(name => numbers.TryGetValue(name, out int number) ? number : throw new DataException(place, $"it has the class '{name}', which the network does not know. {NearestNames.Suggest(name, names)} It knows {string.Join(", ", names)}"))];
    }
}
