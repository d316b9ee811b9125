using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Generation.DiffAugment;

/// <summary><c>--method diffaugment</c>: any generator of the catalogue that has a discriminator, on few pictures. 2006.10738.</summary>
public sealed class DiffAugmentMethod : TrainingMethod
{
    private const string Policy = "color,translation,cutout";

    /// <inheritdoc/>
    public override string Name => "diffaugment";

    /// <inheritdoc/>
    public override string Purpose =>
        "a generator learns from a hundred pictures, without labels: it and its discriminator see augmented pictures only";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<AdversarialTrainingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("dcgan --method diffaugment --data photos/ --out run1", "from few pictures; samples in run1/samples"),
        ("stylegan2_256 --method diffaugment --data photos/ --augment color,translation", "StyleGAN2, without holes"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) =>
        variant.Find<ImageGenerator>() is { Opponent: not null };

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new AdversarialRun(setup, new AdversarialPlan(this) { Augment = Policy });

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        AdversarialEvaluation.Run(network, data, batch, cancellation);

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate;
}
