using Sconce.Abilities;
using Sconce.Data.Augmentations;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary><c>--method barlow_twins</c>: any classifier of the catalogue, without its head, or the published model.</summary>
public sealed class BarlowTwinsMethod : ViewMethod
{
    private const string Published = "barlow_twins_resnet50";

    /// <inheritdoc/>
    public override string Name => "barlow_twins";

    /// <inheritdoc/>
    public override string Purpose =>
        "an encoder learns from pictures without labels: two distorted views must agree, and no two components may say the same";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<BarlowTwinsSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("resnet18 --method barlow_twins --data unsorted-photos/ --out run9",
            "features without labels, to be taken as they are or as a start"),
        ("barlow_twins_resnet50 --data unsorted-photos/ --batch 256 --epochs 1000", "the published model"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name == Published;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        new ViewRun(setup, new ViewPlan(this, Views, Learner, Optimizer, Schedule) { Settle = Settle });

    /// <inheritdoc/>
    protected override (Module<Tensor, Tensor> Called, Module Shipped, Module? Whole) CreateEncoder(ModelVariant variant, int? size)
    {
        if (variant.Name != Published) return base.CreateEncoder(variant, size);
        var network = (BarlowTwins)variant.Create(new ModelOptions(null, size));
        return (new BarlowTwinsFeatures(network), network.Backbone, network);
    }

    private static RunConfiguration Settle(RunConfiguration configuration)
    {
        bool small = configuration.ImageSize <= 64;
        int layer = configuration.Network == Published ? 8192 : small ? 512 : 2048;
        var given = configuration.Of<BarlowTwinsSettings>();
        var settled = given with
        {
            Projector = given.Projector ?? [layer, layer, layer],
            LeastArea = given.LeastArea ?? (small ? 0.2 : 0.08)
        };
        double? rate = configuration.Optimization.Optimizer == OptimizerKind.Lars
            ? ConfiguredParts.RateOf(configuration, BarlowTwinsTraining.WeightRate) : null;
        return ConfiguredParts.WithRate(configuration with { Settings = settled }, rate);
    }

    private static IReadOnlyList<Augmentation> Views(ViewRun run)
    {
        int size = run.Configuration.ImageSize!.Value;
        return BarlowTwinsViews.Create(size, run.Configuration.Of<BarlowTwinsSettings>().LeastArea!.Value, blurred: size > 64);
    }

    private static ViewLearner Learner(ViewRun run)
    {
        var settings = run.Configuration.Of<BarlowTwinsSettings>();
        int? size = run.Configuration.ImageSize;
        var sizes = settings.Projector!;
        BarlowTwins model;
        if (run.Variant.Name == Published)
        {
            model = new BarlowTwins(sizes);
            if (run.Configuration.Run.Pretrained is { } whole) run.Variant.Load(model, whole);
        }
        else
        {
            if (!run.Variant.Has<ImageClassifier>())
                throw new UsageException($"{run.Variant.Name} is no classifier whose trunk barlow_twins could train: take one, such as "
                    + $"resnet18, or {Published}");
            var trunk = ClassifierNetwork.Create(run.Variant, 0, size);
            if (run.Configuration.Run.Pretrained is { } weights) ClassifierNetwork.LoadTrunk(trunk, run.Variant, weights);
            model = new BarlowTwins(trunk, ClassifierNetwork.FeatureWidth(trunk, run.Variant, size), sizes);
        }

        return new ViewLearner(model, model.Backbone,
            player => new BarlowTwinsProgram(model, player, settings.RedundancyWeight, run.Device));
    }

    private static Optimizer Optimizer(ViewRun run, Module network) =>
        ConfiguredParts.Optimizer(network, "", run.Configuration, run.Configuration.Optimization.Optimizer == OptimizerKind.Lars
            ? BarlowTwinsTraining.VectorRate / BarlowTwinsTraining.WeightRate : 1);

    /// <summary>The official one rises from 0 and ends at a thousandth of the peak.</summary>
    private static LearningRateSchedule Schedule(ViewRun run, int stepsPerEpoch) =>
        ConfiguredParts.Schedule(run.Configuration, stepsPerEpoch, firstShare: 0, lastShare: 0.001);
}

/// <summary>The published model as its features. <c>(N, 3, H, W) -> (N, 2048)</c></summary>
/// <param name="network">The whole model, which this owns.</param>
internal sealed partial class BarlowTwinsFeatures(BarlowTwins network) : Module<Tensor, Tensor>
{
    /// <summary>The whole model.</summary>
    BarlowTwins Network { get; } = network;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Network.Backbone.Call(pictures);
}
