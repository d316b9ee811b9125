using Sconce.Abilities;
using Sconce.Data.Augmentations;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary><c>--method swav</c> and <c>--method seer</c>: any classifier of the catalogue, without its head, or the published networks
/// with theirs.</summary>
public sealed class SwavMethod : ViewMethod
{
    /// <summary>The peak rate at 256 pictures a step, and where its rise begins: 4.8 and 0.3 at 4,096.</summary>
    private const double RateAt256 = SwavTraining.PeakRate / 16, FirstShare = 0.3 / SwavTraining.PeakRate, LastShare = 0.001;
    private const int HeadWidth = 128, HeadPrototypes = 300;
    private readonly string prefix;

    private SwavMethod(string name, SwavSettings start)
    {
        (Name, prefix) = (name, name + "_");
        Settings = MethodSettings.Of(start);
    }

    /// <summary>SwAV (2006.09882).</summary>
    public static SwavMethod Swav { get; } = new("swav", new SwavSettings());

    /// <summary>SwAV as SEER trains (2103.01988): ten rounds, four small crops.</summary>
    public static SwavMethod Seer { get; } = new("seer", new SwavSettings { Sinkhorn = 10, LocalViews = 4 });

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Purpose =>
        "an encoder learns from pictures without labels: crops predict each other's place among prototypes that must all be used alike";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => this == Seer
        ?
        [
            ("regnet_y_800mf --method seer --data unsorted-photos/ --out run10", "SwAV with SEER's settings on a RegNet"),
            ("seer_regnet_y_32gf --data unsorted-photos/ --batch 64", "a published network with its own head"),
        ]
        :
        [
            ("resnet18 --method swav --data unsorted-photos/ --queue 3840 --out run10",
                "features without labels, to be taken as they are or as a start"),
            ("swav_resnet50 --data unsorted-photos/ --batch 256 --queue 3840", "the published network with its own head"),
        ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) =>
        !variant.Has<IHasClasses>() && variant.Name.StartsWith(prefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        new ViewRun(setup, new ViewPlan(this, Views, Learner, Optimizer, Schedule) { Settle = Settle });

    /// <inheritdoc/>
    protected override (Module<Tensor, Tensor> Called, Module Shipped, Module? Whole) CreateEncoder(ModelVariant variant, int? size)
    {
        if (variant.Has<ImageClassifier>()) return base.CreateEncoder(variant, size);
        var network = (SwavNetwork)variant.Create(new ModelOptions(null, size));
        return (new SwavFeatures(network), network.Encoder, network);
    }

    private static RunConfiguration Settle(RunConfiguration configuration)
    {
        var given = configuration.Of<SwavSettings>();
        if (given.Queue % configuration.Run.Batch != 0)
        {
            throw new SettingsException("queue",
                called => $"{called} {given.Queue} must be a multiple of the batch, {configuration.Run.Batch}");
        }

        var settled = given with { LocalSize = given.LocalSize ?? Math.Max(8, configuration.ImageSize!.Value * 3 / 7) };
        double? rate = configuration.Optimization.Optimizer == OptimizerKind.Larc ? ConfiguredParts.RateOf(configuration, RateAt256) : null;
        return ConfiguredParts.WithRate(configuration with { Settings = settled }, rate);
    }

    private static IReadOnlyList<Augmentation> Views(ViewRun run)
    {
        int size = run.Configuration.ImageSize!.Value;
        var settings = run.Configuration.Of<SwavSettings>();
        return SwavTraining.Views(size, settings.LocalViews, settings.LocalSize!.Value, blurred: size > 64);
    }

    private static ViewLearner Learner(ViewRun run)
    {
        var settings = run.Configuration.Of<SwavSettings>();
        var state = new SwavState(Network(run), new SwavOptions
        {
            Loss = new SwavLoss { Epsilon = settings.Epsilon, Iterations = settings.Sinkhorn, Temperature = settings.Temperature },
            FrozenSteps = (long)Math.Round(settings.FreezePrototypes * run.StepsPerEpoch),
            QueueLength = settings.Queue,
            QueueStart = (long)Math.Round(settings.QueueStart * run.StepsPerEpoch),
        });
        return new ViewLearner(state, state.Network.Encoder, player => new SwavProgram(state, player, run.Device));
    }

    private static SwavNetwork Network(ViewRun run)
    {
        var settings = run.Configuration.Of<SwavSettings>();
        int? size = run.Configuration.ImageSize;
        if (!run.Variant.Has<ImageClassifier>())
        {
            if ((settings.Prototypes ?? settings.Hidden ?? settings.Embedding) is not null)
            {
                throw new SettingsException("prototypes",
                    called => $"{run.Variant.Name} has its own head: leave {called}, the hidden width and the embedding's out");
            }


            var own = run.Variant.Create(new ModelOptions(null, size)) as SwavNetwork
                ?? throw new UsageException($"{run.Variant.Name} is no classifier whose trunk {run.Configuration.Method} could train, nor "
                    + $"one of SwAV's networks: take one, such as resnet18");
            if (run.Configuration.Run.Pretrained is { } whole) run.Variant.Load(own, whole);
            return own;
        }

        var trunk = ClassifierNetwork.Create(run.Variant, 0, size);
        if (run.Configuration.Run.Pretrained is { } weights) ClassifierNetwork.LoadTrunk(trunk, run.Variant, weights);
        int width = ClassifierNetwork.FeatureWidth(trunk, run.Variant, size);
        int hidden = settings.Hidden ?? width;
        int embedding = settings.Embedding ?? HeadWidth;
        return new SwavTrunk(trunk, new SeerHeadConfig([width, hidden, embedding], [settings.Prototypes ?? HeadPrototypes])
        { UseBatchNorm = true });
    }

    /// <summary>LARC takes all parameters alike, as the official code does.</summary>
    private static Optimizer Optimizer(ViewRun run, Module network) => run.Configuration.Optimization.Optimizer == OptimizerKind.Larc
        ? ConfiguredParts.Optimizer([new ParameterGroup(network.Parameters().Where(parameter => parameter.RequiresGrad))],
            run.Configuration)
        : ConfiguredParts.Optimizer(network, "", run.Configuration);

    private static LearningRateSchedule Schedule(ViewRun run, int stepsPerEpoch) =>
        ConfiguredParts.Schedule(run.Configuration, stepsPerEpoch, FirstShare, LastShare);
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
    public override Module<Tensor, Tensor> Encoder => Trunk;

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
