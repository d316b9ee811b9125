using Sconce.Data.Augmentations;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary><c>--method relabel</c>: an annotator looks at every picture once and leaves a map of labels; each random crop learns what the
/// map says of it.</summary>
public sealed class ReLabelMethod : ClassifierMethod
{
    private const double AdamPRateAt256 = 5e-4;

    /// <inheritdoc/>
    public override string Name => "relabel";

    /// <inheritdoc/>
    public override string Purpose =>
        "a classifier learns, for each random crop, the labels of what is in it, from maps that a strong annotator makes once";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<ReLabelSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("resnet18 --method relabel --annotator run1 --data photos/ --out run8",
            "run1 looks at every picture once; crops learn what is in them"),
        ("resnet50 --method relabel --annotator run1 --data photos/ --cutmix 1 --optimizer adamp --epochs 300",
            "the paper's recipe with CutMix"),
        ("resnet50 --method relabel --maps imagenet-labelmaps/ --data imagenet/", "with the published maps"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ClassifierRun(setup, new ClassifierPlan
    {
        Method = this,
        Settle = configuration => Settle(configuration, setup),
        Augmentation = Augmentation,
        UnmixedEpochs = run => run.Configuration.Of<ReLabelSettings>().UnmixedEpochs,
    });

    private static RunConfiguration Settle(RunConfiguration configuration, TrainingSetup setup)
    {
        var given = configuration.Of<ReLabelSettings>();
        if (given.Annotator is null && given.Maps is null)
        {
            throw new SettingsException("annotator",
                called => $"{called} is missing: a run's folder, or a checkpoint with its network; or the maps, where they lie already");
        }

        if (given.Maps is null && setup.Folder is null)
            throw new SettingsException("maps", called => $"{called} is missing: a run in memory has no folder for the label maps");
        double? rate = configuration.Optimization.Optimizer is OptimizerKind.AdamP
            ? ConfiguredParts.RateOf(configuration, AdamPRateAt256) : null;
        var settled = given with
        {
            Maps = given.Maps ?? Path.Combine(Path.GetFullPath(setup.Folder!), "maps"),
            LeastArea = given.LeastArea ?? (configuration.ImageSize <= 64 ? 0.35 : 0.08),
        };
        return ConfiguredParts.WithRate(configuration with { Settings = settled }, rate);
    }

    private static Pipeline Augmentation(ClassifierRun run)
    {
        var settings = run.Configuration.Of<ReLabelSettings>();
        var maps = Annotation.Maps(run);
        int size = run.Configuration.ImageSize!.Value;
        var crop = new RandomResizedCrop(size) { MinimumArea = settings.LeastArea!.Value };
        List<Augmentation> steps = [new ReLabelCrop(crop, maps, run.Data.Classes.Count), new RandomHorizontalFlip(),
            .. TrainingAugmentation.Added(settings.Augmentation)];
        if (size > 64) steps.Add(new ColorLighting(0.1));
        return new Pipeline(steps);
    }
}
