using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>How actions in clips are learned; 2102.05095 §4.</summary>
[Settings]
public sealed partial record TimeSformerTrainingSettings : IFileSettings, IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 15, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 3e-4,
        WeightDecay = 0.05,
        ClipNorm = 1
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <inheritdoc/>
    public LabelSettings Labels { get; init; } = new();

    /// <inheritdoc/>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Mirror half of the clips; false where left and right tell actions apart, as in Something-Something.</summary>
    public bool Flip { get; init; } = true;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary><c>sconce train timesformer_small --data clips/</c>: a folder of clips, a subfolder an action.</summary>
public sealed class TimeSformerMethod : FileClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "timesformer";

    /// <inheritdoc/>
    public override string Purpose => "actions in clips are learned: a folder of clips with a subfolder an action";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<TimeSformerTrainingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("timesformer_small --data clips/ --out run7", "from scratch, a network that a processor can train"),
        ("timesformer_divst_8x32_224_k400 --data clips/ --pretrained official --epochs 5", "fine-tuned from Kinetics' weights"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant is not null && TimeSformerVariants.Recipe(variant.Name) is not null;

    /// <inheritdoc/>
    public override FileForm FormOf(ModelVariant variant, int? size, ITrainingSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(variant);
        var recipe = TimeSformerVariants.Recipe(variant.Name)
            ?? throw new UsageException($"{variant.Name} reads no clips: the method {Name} trains TimeSformers");
        bool flips = (settings as TimeSformerTrainingSettings)?.Flip ?? true;
        return new ClipForm(recipe, size ?? recipe.Config.ImageSize.Height) { Flips = flips };
    }

    /// <inheritdoc/>
    public override void Begin(Module<Tensor, Tensor> network)
    {
        if (network is VideoTransformer { Config.Width: < NarrowInit.Below } narrow) NarrowInit.Apply(narrow);
    }
}
