using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Science.HumanError;

/// <summary>Where annotators err.</summary>
public enum AnnotatorMatrices
{
    /// <summary>Differently at every pixel of every picture, as in the paper.</summary>
    Pixel,

    /// <summary>Alike everywhere: one matrix for each, which few pictures are enough for.</summary>
    Global,
}

/// <summary>How a segmentation is learned from annotators who err; 2007.15963 §3.</summary>
[Settings]
public sealed partial record HumanErrorSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 5e-3,
        WeightDecay = 2e-5
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The annotators' folders; all beside the pictures where left out.</summary>
    public IReadOnlyList<string> Annotators { get; init; } = [];

    /// <summary>Where annotators err: differently at every pixel, or alike everywhere.</summary>
    public AnnotatorMatrices Matrices { get; init; }

    /// <summary>How much unreliable annotators are preferred (λ); 0 until the annotations are explained, or classes may swap.</summary>
    [Within(0, 10)]
    public double Trace { get; init; } = 0.01;

    /// <summary>Epochs before the trace counts.</summary>
    [Within(0)]
    public int TraceFrom { get; init; } = 5;

    /// <summary>Mirror half of the pictures.</summary>
    public bool Flip { get; init; } = true;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary><c>sconce train human_error --data scans/</c>: pictures, and a folder of masks for each annotator.</summary>
public sealed class HumanErrorMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "human_error";

    /// <inheritdoc/>
    public override string Purpose =>
        "a segmentation is learned from several annotators who err, and how each errs: a folder images, and beside it one of masks for "
            + "each";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<HumanErrorSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("human_error --data scans/ --out run7", "the true masks, and each annotator's confusion matrix and reliability in the report"),
    ];

    /// <inheritdoc/>
    public override bool HasDetail => true;

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant?.Name == HumanErrorVariants.Own;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<AnnotatedBatch>.Open(owned => HumanErrorTraining.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var run = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run knows its annotators");
        var settings = run.Of<HumanErrorSettings>();
        var folder = AnnotatedFolder.Open(data ?? run.Data, settings.Annotators);
        var numbers = network.IsOwn(data) ? HumanErrorTraining.Parts(folder, run, network.Kept).HeldOut
            : [.. Enumerable.Range(0, folder.Pictures.Count)];
        using var module = HumanErrorVariants.Annotated(settings, folder.Annotators.Count, run.Classes!.Count);
        Weights.ModelWeights.Load(module, network.Weights);
        module.To(network.RunsOn);
        var recipe = new AnnotatedRecipe(folder, numbers, run.ImageSize!.Value, flips: false);
        var found = AnnotatorEvaluation.Run(module, recipe, batch, folder, network.RunsOn, progress, cancellation);
        return found.Report(data ?? run.Data);
    }
}
