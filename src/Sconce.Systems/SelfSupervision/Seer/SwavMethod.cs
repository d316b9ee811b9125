using System.Globalization;
using Sconce.Catalogue;
using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary><c>--method swav</c> and <c>--method seer</c>: any classifier of the catalogue, without its head, or the published networks with theirs.</summary>
public sealed class SwavMethod : ViewMethod
{
    /// <summary>The peak rate at 256 pictures a step, and where its rise begins: 4.8 and 0.3 at 4,096.</summary>
    private const double RateAt256 = SwavTraining.PeakRate / 16, FirstShare = 0.3 / SwavTraining.PeakRate, LastShare = 0.001;
    private const int HeadWidth = 128, HeadPrototypes = 300;
    private readonly string prefix;

    private SwavMethod(string name, int iterations, int localViews)
    {
        (Name, prefix) = (name, name + "_");
        Options =
        [
            MethodOption.Count("prototypes", $"Prototypes, for networks that have none of their own ({HeadPrototypes} there)", null, 2, 1_000_000),
            MethodOption.Count("hidden", "The projection's hidden width, for networks that have none of their own (that of the features there)", null, 1, 65536),
            MethodOption.Count("embedding", $"Numbers of an embedding, for networks that have none of their own ({HeadWidth} there)", null, 2, 65536),
            MethodOption.Real("freezePrototypes", "Epochs, fractions too, at the beginning that leave the prototypes as they are", 1, 0, double.PositiveInfinity, below: true),
            MethodOption.Count("queue", "Embeddings that are remembered to spread codes evenly, a multiple of the batch: for batches below a thousand or so; 0 for none", 0, 0),
            MethodOption.Real("queueStart", "The epoch, fractions too, at which the queue begins to fill", 15, 0, double.PositiveInfinity, below: true),
            MethodOption.Real("epsilon", "The smoothing of the codes", 0.05, 0, double.PositiveInfinity, above: true, below: true),
            MethodOption.Count("sinkhorn", "Rounds of Sinkhorn and Knopp's scaling", iterations, 0, 1000),
            MethodOption.Real("temperature", "What the scores of predictions are divided by", 0.1, 0, double.PositiveInfinity, above: true, below: true),
            MethodOption.Count("localViews", "Small crops beside the two large ones", localViews, 0, 32),
            MethodOption.Count("localSize", "The small crops' side in pixels; three sevenths of the large ones'", null, 8, 4096),
        ];
    }

    /// <summary>SwAV (2006.09882).</summary>
    public static SwavMethod Swav { get; } = new("swav", 3, 6);

    /// <summary>SwAV as SEER trains (2103.01988): ten rounds, four small crops.</summary>
    public static SwavMethod Seer { get; } = new("seer", 10, 4);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Purpose => "an encoder learns from pictures without labels: crops predict each other's place among prototypes that must all be used alike";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => this == Seer
        ?
        [
            ("sconce train regnet_y_800mf --method seer --data unsorted-photos/ --out run10", "SwAV with SEER's settings on a RegNet"),
            ("sconce train seer_regnet_y_32gf --data unsorted-photos/ --batch 64", "a published network with its own head"),
        ]
        :
        [
            ("sconce train resnet18 --method swav --data unsorted-photos/ --queue 3840 --out run10", "features without labels; then sconce features run10, or --pretrained run10/best.ckpt"),
            ("sconce train swav_resnet50 --data unsorted-photos/ --batch 256 --queue 3840", "the published network with its own head"),
        ];

    /// <inheritdoc/>
    public override TrainingConfiguration Start => new() { Method = Name, Optimizer = OptimizerKind.Larc, WeightDecay = 1e-6, Watched = "loss", Epochs = 100 };

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Classes == 0 && variant.Name.StartsWith(prefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ViewRun(setup, new ViewPlan(this, Views, Objective, Optimizer, Schedule) { Settle = Settle });

    /// <inheritdoc/>
    protected override (Module<Tensor, Tensor> Called, Module Shipped, Module? Whole) CreateEncoder(ModelVariant variant, int? size)
    {
        if (CatalogueClassifier.IsClassifier(variant)) return base.CreateEncoder(variant, size);
        var network = (SwavNetwork)variant.Create(new ModelOptions(null, size));
        return (new SwavFeatures(network), network.Encoder, network);
    }

    private static TrainingConfiguration Settle(TrainingConfiguration configuration)
    {
        int size = configuration.ImageSize!.Value, queue = configuration.MethodOptions.Count("queue");
        if (queue % configuration.Batch != 0) throw new UsageException($"--queue {queue} must be a multiple of the batch, {configuration.Batch}");
        return configuration with
        {
            LearningRate = configuration.LearningRate ?? (configuration.Optimizer == OptimizerKind.Larc ? ConfiguredParts.RateOf(configuration, RateAt256) : null),
            MethodOptions = configuration.MethodOptions.Or("localSize", Math.Max(8, size * 3 / 7).ToString(CultureInfo.InvariantCulture)),
        };
    }

    private static IReadOnlyList<Augmentation> Views(ViewRun run)
    {
        int size = run.Configuration.ImageSize!.Value;
        var options = run.Configuration.MethodOptions;
        return SwavTraining.Views(size, options.Count("localViews"), options.Count("localSize"), blurred: size > 64);
    }

    private static SwavObjective Objective(ViewRun run)
    {
        var options = run.Configuration.MethodOptions;
        var state = new SwavState(Network(run), new SwavOptions
        {
            Loss = new SwavLoss { Epsilon = options.Real("epsilon"), Iterations = options.Count("sinkhorn"), Temperature = options.Real("temperature") },
            FrozenSteps = (long)Math.Round(options.Real("freezePrototypes") * run.StepsPerEpoch),
            QueueLength = options.Count("queue"),
            QueueStart = (long)Math.Round(options.Real("queueStart") * run.StepsPerEpoch),
        });
        return new SwavObjective(state, run.Device);
    }

    private static SwavNetwork Network(ViewRun run)
    {
        var options = run.Configuration.MethodOptions;
        int? size = run.Configuration.ImageSize;
        if (!CatalogueClassifier.IsClassifier(run.Variant))
        {
            if (options.Has("prototypes") || options.Has("hidden") || options.Has("embedding")) throw new UsageException($"{run.Variant.Name} has its own head: leave --prototypes, --hidden and --embedding out");
            var own = run.Variant.Create(new ModelOptions(null, size)) as SwavNetwork ?? throw new UsageException($"{run.Variant.Name} is no classifier whose trunk {run.Configuration.Method} could train, nor one of SwAV's networks: take one, such as resnet18");
            if (run.Configuration.Pretrained is { } whole) run.Variant.Load(own, whole);
            return own;
        }

        var trunk = CatalogueClassifier.Create(run.Variant, 0, size);
        if (run.Configuration.Pretrained is { } weights) CatalogueClassifier.LoadTrunk(trunk, run.Variant, weights);
        int width = CatalogueClassifier.FeatureWidth(trunk, run.Variant, size);
        int hidden = options.Has("hidden") ? options.Count("hidden") : width;
        int embedding = options.Has("embedding") ? options.Count("embedding") : HeadWidth;
        return new SwavTrunk(trunk, new SeerHeadConfig([width, hidden, embedding], [options.Has("prototypes") ? options.Count("prototypes") : HeadPrototypes]) { UseBatchNorm = true });
    }

    /// <summary>LARC takes all parameters alike, as the official code does.</summary>
    private static Optimizer Optimizer(ViewRun run, Module network) => run.Configuration.Optimizer == OptimizerKind.Larc
        ? ConfiguredParts.Optimizer([new ParameterGroup(network.Parameters().Where(parameter => parameter.RequiresGrad))], run.Configuration)
        : ConfiguredParts.Optimizer(network, "", run.Configuration);

    private static LearningRateSchedule Schedule(ViewRun run, int stepsPerEpoch) => ConfiguredParts.Schedule(run.Configuration, stepsPerEpoch, FirstShare, LastShare);
}

/// <summary>Any encoder with SwAV's head.</summary>
/// <param name="trunk"><c>(N, 3, H, W) -> (N, width)</c></param>
/// <param name="head">Begins with the trunk's width.</param>
internal sealed partial class SwavTrunk(Module<Tensor, Tensor> trunk, SeerHeadConfig head) : SwavNetwork
{
    /// <summary>The encoder.</summary>
    Module<Tensor, Tensor> Trunk { get; } = trunk;

    /// <summary>Projection and prototypes.</summary>
    [Key("heads.0")]
    SeerHead ProjectionHead { get; } = new(head);

    /// <inheritdoc/>
    public override Module Encoder => Trunk;

    /// <inheritdoc/>
    public override IReadOnlyList<Linear> Prototypes => ProjectionHead.Prototypes;

    /// <inheritdoc/>
    public override int EmbeddingWidth => ProjectionHead.Width;

    /// <inheritdoc/>
    public override Tensor Features(Tensor pictures) => Trunk.Call(pictures);

    /// <inheritdoc/>
    public override SwavOutput Head(Tensor features) => ProjectionHead.Call(features);
}

/// <summary>A network of SwAV as an encoder. <c>(N, 3, H, W) -> (N, width)</c></summary>
internal sealed partial class SwavFeatures(SwavNetwork network) : Module<Tensor, Tensor>
{
    /// <summary>The whole network.</summary>
    SwavNetwork Network { get; } = network;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Network.Features(pictures);
}
