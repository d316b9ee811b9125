using System.Globalization;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Data.Augmentations;
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
    public override string Purpose => "an encoder learns from pictures without labels: two distorted views must agree, and no two components may say the same";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Counts("projector", "Sizes of the projector's layers; 8192,8192,8192 for barlow_twins_resnet50, 2048,2048,2048 for others, 512,512,512 for small pictures", null, 1, 65536),
        MethodOption.Real("redundancyWeight", "What repeated components count in the loss", BarlowTwinsLoss.OfficialRedundancyWeight, 0, double.PositiveInfinity, below: true),
        MethodOption.Real("leastArea", "The least share of a picture that a view shows; 0.08 for photographs, 0.2 for small pictures, which are not blurred either", null, 0, 1, above: true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("sconce train resnet18 --method barlow_twins --data unsorted-photos/ --out run9", "features without labels; then sconce features run9, or --pretrained run9/best.ckpt"),
        ("sconce train barlow_twins_resnet50 --data unsorted-photos/ --batch 256 --epochs 1000", "the published model"),
        ("sconce eval run9 --data photos/", "a linear probe on the features"),
    ];

    /// <inheritdoc/>
    public override TrainingConfiguration Start => new() { Method = Name, Optimizer = OptimizerKind.Lars, WeightDecay = 1e-6, Watched = "loss", Epochs = 100 };

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name == Published;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ViewRun(setup, new ViewPlan(this, Views, Objective, Optimizer, Schedule) { Settle = Settle });

    /// <inheritdoc/>
    protected override (Module<Tensor, Tensor> Called, Module Shipped, Module? Whole) CreateEncoder(ModelVariant variant, int? size)
    {
        if (variant.Name != Published) return base.CreateEncoder(variant, size);
        var network = (BarlowTwins)variant.Create(new ModelOptions(null, size));
        return (new BarlowTwinsFeatures(network), network.Backbone, network);
    }

    private static TrainingConfiguration Settle(TrainingConfiguration configuration)
    {
        bool small = configuration.ImageSize <= 64;
        int layer = configuration.Network == Published ? 8192 : small ? 512 : 2048;
        return configuration with
        {
            LearningRate = configuration.LearningRate ?? (configuration.Optimizer == OptimizerKind.Lars ? ConfiguredParts.RateOf(configuration, BarlowTwinsTraining.WeightRate) : null),
            MethodOptions = configuration.MethodOptions
                .Or("projector", string.Create(CultureInfo.InvariantCulture, $"{layer},{layer},{layer}"))
                .Or("leastArea", small ? "0.2" : "0.08"),
        };
    }

    private static IReadOnlyList<Augmentation> Views(ViewRun run)
    {
        int size = run.Configuration.ImageSize!.Value;
        return BarlowTwinsViews.Create(size, run.Configuration.MethodOptions.Real("leastArea"), blurred: size > 64);
    }

    private static BarlowTwinsObjective Objective(ViewRun run)
    {
        var options = run.Configuration.MethodOptions;
        int? size = run.Configuration.ImageSize;
        var sizes = options.Counts("projector");
        BarlowTwins model;
        if (run.Variant.Name == Published)
        {
            model = new BarlowTwins(sizes);
            if (run.Configuration.Pretrained is { } whole) run.Variant.Load(model, whole);
        }
        else
        {
            if (!CatalogueClassifier.IsClassifier(run.Variant)) throw new UsageException($"{run.Variant.Name} is no classifier whose trunk barlow_twins could train: take one, such as resnet18, or {Published}");
            var trunk = CatalogueClassifier.Create(run.Variant, 0, size);
            if (run.Configuration.Pretrained is { } weights) CatalogueClassifier.LoadTrunk(trunk, run.Variant, weights);
            model = new BarlowTwins(trunk, CatalogueClassifier.FeatureWidth(trunk, run.Variant, size), sizes);
        }

        return new BarlowTwinsObjective(model, options.Real("redundancyWeight"), run.Device);
    }

    private static Optimizer Optimizer(ViewRun run, Module network) =>
        ConfiguredParts.Optimizer(network, "", run.Configuration, run.Configuration.Optimizer == OptimizerKind.Lars ? BarlowTwinsTraining.VectorRate / BarlowTwinsTraining.WeightRate : 1);

    /// <summary>The official one rises from 0 and ends at a thousandth of the peak.</summary>
    private static LearningRateSchedule Schedule(ViewRun run, int stepsPerEpoch) => ConfiguredParts.Schedule(run.Configuration, stepsPerEpoch, firstShare: 0, lastShare: 0.001);
}

/// <summary>Barlow Twins on batches of two views; what is used afterwards is the backbone.</summary>
/// <param name="model">The backbone with its projector.</param>
/// <param name="redundancyWeight">λ.</param>
/// <param name="device">Where it is trained.</param>
public sealed class BarlowTwinsObjective(BarlowTwins model, double redundancyWeight = BarlowTwinsLoss.OfficialRedundancyWeight, Device? device = null) : Objective<ViewBatch>
{
    private readonly Device place = device ?? Device.Cpu;

    /// <inheritdoc/>
    public override Module Network => model;

    /// <inheritdoc/>
    public override Module Product => model.Backbone;

    /// <inheritdoc/>
    public override Tensor Loss(ViewBatch batch)
    {
        if (batch.Count < 2) throw new TrainingException("Barlow Twins correlates components over a batch: it needs two pictures at least");
        return model.Loss(batch.Views[0].To(place), batch.Views[1].To(place), redundancyWeight);
    }

    /// <inheritdoc/>
    public override int Count(ViewBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ViewBatch batch) => ClassifierObjective.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ViewBatch batch) => ViewFaults.Of(batch);
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
