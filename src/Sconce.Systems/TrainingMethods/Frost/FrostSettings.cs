using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>How a classifier learns from few labels.</summary>
[Settings]
public sealed partial record FrostSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new();

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } =
        new() { LearningRate = 0.03, WeightDecay = 5e-4, WarmUpEpochs = 0, Averaging = Averaging.Exponential };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>Pictures of each class that keep their label, chosen by the seed.</summary>
    [Within(1)]
    public int LabelsPerClass { get; init; } = 4;

    /// <summary>
    /// A text file that lists the pictures that keep their label, a path a line relative to the data, in place of a number a class.
    /// </summary>
    [FilePath]
    public string? Labelled { get; init; }

    /// <summary>
    /// A folder of pictures that a person decided on, a subfolder a label, such as serving/review/decided/run1: all of them keep their
    /// label, beside those that are chosen, and what is held out stays as it is.
    /// </summary>
    [FilePath]
    public string? Decisions { get; init; }

    /// <summary>What the number of labels a class grows by, twice in a run, from the surest guesses; 1 for never.</summary>
    [Within(1, 1000)]
    public int Bootstrap { get; init; } = 4;

    /// <summary>Batches of unlabelled pictures a step.</summary>
    [Within(1, 64)]
    public int UnlabelledRatio { get; init; } = 7;

    /// <summary>The confidence from which on a guess counts.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>
    /// Against guesses of a few classes only: 0 nothing, 1 and 4 lower thresholds for rare classes, 2 and 3 less weight for frequent ones.
    /// </summary>
    [Within(0, 4)]
    public int Balance { get; init; }

    /// <summary>By how much the threshold of the rarest class falls where rare classes have lower ones.</summary>
    [Within(0, 1)]
    public double Relief { get; init; } = 0.2;

    /// <summary>What the labels' loss counts.</summary>
    [Within(0, Above = true)]
    public double LabelledWeight { get; init; } = 1;

    /// <summary>What the guesses' loss counts.</summary>
    [Within(0)]
    public double UnlabelledWeight { get; init; } = 1;

    /// <summary>What the contrastive loss counts.</summary>
    [Within(0)]
    public double ContrastiveWeight { get; init; } = 1;

    /// <summary>Of the contrastive loss.</summary>
    [Within(0, Above = true)]
    public double Temperature { get; init; } = 0.5;

    /// <summary>
    /// Numbers of the contrastive loss' projections, for networks that have no projection head of their own (frost_wrn28_2 has 128).
    /// </summary>
    [Within(2, 65536)]
    public int Projection { get; init; } = 128;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
