using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary><c>--method gradaug</c>: any of the slimmable networks on a person's own pictures. What it leaves is a plain classifier, asked
/// at full width.</summary>
public sealed class GradAugMethod : ClassifierMethod
{
    private const double RateAt256 = 0.2;

    /// <inheritdoc/>
    public override string Name => "gradaug";

    /// <inheritdoc/>
    public override string Purpose =>
        "a classifier learns its labels, and its narrower sub-networks learn its answers on resized pictures, in each step (a step takes "
        + "about four times as long)";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<GradAugSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("resnet50 --method gradaug --data photos/ --out run5", "with sub-networks as regularisers (gradaug_resnet50, the slimmable twin)"),
        ("gradaug_wrn28_10 --method gradaug --data cifar-10-batches-bin --min-width 0.8 --resolutions 32,28,24",
            "the released configuration for small pictures"),
    ];

    /// <inheritdoc/>
    public override ModelVariant StandIn(ModelVariant variant) =>
        variant.Name == "resnet50" ? GradAugVariants.All.First(twin => twin.Name == "gradaug_resnet50") : variant;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        new ClassifierRun(setup, new ClassifierPlan { Method = this, Settle = Settle, Program = run => new GradAugProgram(run) });

    private static RunConfiguration Settle(RunConfiguration configuration)
    {
        int size = configuration.ImageSize!.Value;
        bool small = size <= 64;
        var given = configuration.Of<GradAugSettings>();
        int[] sides = small ? [size, size * 7 / 8, size * 6 / 8] : [size, size * 6 / 7, size * 5 / 7, size * 4 / 7];
        var settled = given with { MinWidth = given.MinWidth ?? (small ? 0.8 : 0.9), Resolutions = given.Resolutions ?? sides };
        double? rate = configuration.Optimization.Optimizer == OptimizerKind.Sgd ? ConfiguredParts.RateOf(configuration, RateAt256) : null;
        return ConfiguredParts.WithRate(configuration with { Settings = settled }, rate);
    }
}
