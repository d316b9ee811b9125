using System.Globalization;
using Sconce.Catalogue;
using Sconce.Data.Augmentations;
using Sconce.Training;

namespace Sconce.Systems.Training.ReLabel;

/// <summary><c>--method relabel</c>: an annotator looks at every picture once and leaves a map of labels; each random crop learns what the map says of it.</summary>
public sealed class ReLabelMethod : ClassifierMethod
{
    private const double AdamPRateAt256 = 5e-4;

    /// <inheritdoc/>
    public override string Name => "relabel";

    /// <inheritdoc/>
    public override string Purpose => "a classifier learns, for each random crop, the labels of what is in it, from maps that a strong annotator makes once";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Path("annotator", "Who makes the maps: a run's folder, or a checkpoint with --annotator-network, of the data's classes"),
        MethodOption.Words("annotatorNetwork", "The network of the annotator's checkpoint", null),
        MethodOption.Count("annotatorSize", "The side to which the annotator sees whole pictures resized; its own where left out", null, 8, 4096),
        MethodOption.Path("maps", "Where the maps are kept, or lie already as the published ones do (CLASS/NAME.pt); a folder in the run's"),
        MethodOption.Count("top", "Classes kept a cell of a map", LabelMaps.PublishedTop, 1, 1000),
        MethodOption.Real("leastArea", "The least share of a picture that a crop shows; 0.08 for photographs, 0.35 for small pictures", null, 0, 1, above: true),
        MethodOption.Count("unmixedEpochs", "Epochs at the end without MixUp, CutMix and erasing", ReLabelTraining.EpochsWithoutCutMix, 0),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("sconce train resnet18 --method relabel --annotator run1 --data photos/ --out run8", "run1 looks at every picture once; crops learn what is in them"),
        ("sconce train resnet50 --method relabel --annotator run1 --data photos/ --cutmix 1 --optimizer adamp --epochs 300", "the paper's recipe with CutMix"),
        ("sconce train resnet50 --method relabel --maps imagenet-labelmaps/ --data imagenet/", "with the published maps"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ClassifierRun(setup, new ClassifierPlan
    {
        Method = this,
        Settle = configuration => Settle(configuration, setup),
        Augmentation = Augmentation,
        UnmixedEpochs = run => run.Configuration.MethodOptions.Count("unmixedEpochs"),
    });

    private static TrainingConfiguration Settle(TrainingConfiguration configuration, TrainingSetup setup)
    {
        var options = configuration.MethodOptions;
        if (!options.Has("annotator") && !options.Has("maps")) throw new UsageException("--annotator is missing: a run's folder, or a checkpoint with --annotator-network; or --maps, where the maps lie already");
        if (!options.Has("maps") && setup.Folder is null) throw new UsageException("--maps is missing: a run in memory has no folder for the label maps");
        string leastArea = (configuration.ImageSize <= 64 ? 0.35 : 0.08).ToString(CultureInfo.InvariantCulture);
        bool isAdamP = configuration.Optimizer is OptimizerKind.AdamP;
        return configuration with
        {
            LearningRate = configuration.LearningRate ?? (isAdamP ? ConfiguredParts.RateOf(configuration, AdamPRateAt256) : null),
            MethodOptions = options.Has("maps") ? options.Or("leastArea", leastArea) : options.Or("maps", Path.Combine(Path.GetFullPath(setup.Folder!), "maps")).Or("leastArea", leastArea),
        };
    }

    private static Pipeline Augmentation(ClassifierRun run)
    {
        var configuration = run.Configuration;
        var options = configuration.MethodOptions;
        var maps = Annotation.Maps(run);
        int size = configuration.ImageSize!.Value;
        List<Augmentation> steps = [new ReLabelCrop(new RandomResizedCrop(size) { MinimumArea = options.Real("leastArea") }, maps, run.Data.Classes.Count), new RandomHorizontalFlip()];
        if (configuration.RandAugment is { } magnitude) steps.Add(new RandAugment(Magnitude: magnitude));
        if (configuration.ColorJitter is > 0 and var amount) steps.Add(new ColorJitter(amount, amount, amount));
        if (size > 64) steps.Add(new ColorLighting(0.1));
        return new Pipeline(steps);
    }
}
