using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The decoder of style transfer learns from photos and paintings, the encoder fixed; 1703.06868 §5.</summary>
internal sealed class AdaInMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "adain";

    /// <inheritdoc/>
    public override string Purpose => "a decoder learns to give photos the styles of paintings: a folder of each, without labels";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<AdaInSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("adain --data photos/ --styles art/ --encoder vgg_normalised.pth --out run21", "the published way"),
        ("adain --data photos/ --styles art/ --crop 64 --out run22", "coarse styles, without another file"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name == "adain";

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<StyleBatch>.Open(owned => AdaInRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        PlannedEvaluation.Of<StyleBatch>(
            network, this, data, (setup, owned) => AdaInRun.Plan(Asking(setup), this, owned), progress, cancellation);

    /// <summary>The encoder lies in the weights that are asked; its file may be gone.</summary>
    private static TrainingSetup Asking(TrainingSetup setup)
    {
        var settings = setup.Configuration.Of<AdaInSettings>();
        return setup with { Configuration = setup.Configuration with { Settings = settings with { Encoder = null } } };
    }
}
