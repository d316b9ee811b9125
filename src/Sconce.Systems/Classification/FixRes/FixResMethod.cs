using Sconce.Data.Augmentations;
using Sconce.Training;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>How a trained classifier is re-fitted to a test resolution; 1906.06423 §4.</summary>
[Settings]
public sealed partial record FixResSettings : IClassifierSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 11 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new() { WeightDecay = 1e-4, WarmUpEpochs = 0 };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <inheritdoc/>
    public PictureAugmentationSettings Augmentation { get; init; } = new();

    /// <inheritdoc/>
    public LabelSettings Labels { get; init; } = new();

    /// <inheritdoc/>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Mirror half of the pictures, as the second release does.</summary>
    public bool Flip { get; init; } = true;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary>
/// <c>--method fixres</c>: the classifier and the last norm's statistics of a trained network are re-fitted at the resolution of the test,
/// with the transform of the test; all else stays as it is.
/// </summary>
public sealed class FixResMethod : ClassifierMethod
{
    // The released rate: 8 · 1e-3 · batch / 512.
    private const double BaseRate = 8e-3 / 512;

    /// <inheritdoc/>
    public override string Name => "fixres";

    /// <inheritdoc/>
    public override string Purpose =>
        "a trained classifier's head and last norm are re-fitted to larger pictures: name the weights with pretrained, the test's side "
            + "with size";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<FixResSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("resnet18 --method fixres --pretrained run1 --size 288 --data photos/ --out run2", "a run at 224 px, tested at 288"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        if (setup.Configuration.Run.Pretrained is null)
            throw new SettingsException("pretrained", called =>
                $"{called} is missing: the method {Name} re-fits a network that is trained");
        FixResFineTuning? tuning = null;
        return new ClassifierRun(setup, new ClassifierPlan
        {
            Method = this,
            Settle = configuration => ConfiguredParts.WithRate(configuration,
                BaseRate * configuration.Run.Batch * configuration.Optimization.Accumulation),
            Augmentation = run => [new Preprocess(run.Preprocessing), .. run.Configuration.Of<FixResSettings>().Flip
                ? (Augmentation[])[new RandomHorizontalFlip()] : [],
                .. TrainingAugmentation.Added(run.Configuration.Of<FixResSettings>().Augmentation)],
            Prepare = (network, variant) => tuning = new FixResFineTuning(network, FixResLayers.Of(network, variant)),
            Program = run => new FixResProgram(tuning!, run.Player, run.Labels, run.Device),
        });
    }
}
