using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>How pictures and captions are learned; 2103.00020 §2.4, table 18.</summary>
[Settings]
public sealed partial record ClipTrainingSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 30, Batch = 64 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new() { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.2, ClipNorm = 1 };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>
    /// The tokeniser's file, bpe_simple_vocab_16e6.txt.gz of the CLIP repository; a copy is kept beside the run's weights.
    /// </summary>
    [FilePath]
    public string? Vocabulary { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary><c>sconce train clip --data captions.csv</c>: from scratch, or from published weights.</summary>
public sealed class ClipMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "clip";

    /// <inheritdoc/>
    public override string Purpose => "pictures and their captions learn to point the same way: a table with columns image and caption";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<ClipTrainingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("clip --data captions.csv --vocabulary bpe_simple_vocab_16e6.txt.gz --out run7", "a small one from scratch"),
        ("ViT-B/32 --data captions.csv --pretrained official --lr 1e-5 --epochs 5 --vocabulary bpe_simple_vocab_16e6.txt.gz", "fine-tuned"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant is not null && ClipVariants.IsClip(variant.Name);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<CaptionBatch>.Open(owned => ClipRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var run = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run knows its tokeniser");
        var file = CaptionFile.Read(data ?? run.Data);
        using var model = ClipModel.Load(network.Weights);
        model.To(network.RunsOn);
        var (tokens, _) = ClipRun.Tokens(file, run.Of<ClipTrainingSettings>(), model.Config.Text.ContextLength);
        IReadOnlyList<int> numbers = network.IsOwn(data) ? file.Split(run.Run.Validation, run.Run.Seed).HeldOut
            : [.. Enumerable.Range(0, file.Pairs.Count)];
        var recipe = new CaptionRecipe(file, numbers, tokens, model.Config.ImageResolution, crops: false);
        var figures = ClipEvaluation.Run(model, recipe, batch, network.RunsOn, progress, cancellation);
        return new EvaluationReport(file.Path, recipe.Count, figures) { Items = "pairs" };
    }
}
