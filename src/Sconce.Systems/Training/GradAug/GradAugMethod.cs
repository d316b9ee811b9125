using System.Globalization;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Training.GradAug;

/// <summary><c>--method gradaug</c>: any of the slimmable networks on a person's own pictures. What it leaves is a plain classifier, asked at full width.</summary>
public sealed class GradAugMethod : ClassifierMethod
{
    private const double RateAt256 = 0.2;

    /// <inheritdoc/>
    public override string Name => "gradaug";

    /// <inheritdoc/>
    public override string Purpose => "a classifier learns its labels, and its narrower sub-networks learn its answers on resized pictures, in each step (a step takes about four times as long)";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Count("subNetworks", "Sub-networks a step", 3, 1, 16),
        MethodOption.Real("minWidth", "The width of the narrowest sub-network, which is in every step; 0.9 for photographs, 0.8 for small pictures", null, 0, 1, above: true, below: true),
        MethodOption.Counts("resolutions", "The sides to which sub-networks see pictures resized; 4 to 7 sevenths of the size for photographs, 6 to 8 eighths for small pictures", null, 8, 4096),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("sconce train resnet50 --method gradaug --data photos/ --out run5", "with sub-networks as regularisers (gradaug_resnet50, the slimmable twin)"),
        ("sconce train gradaug_wrn28_10 --method gradaug --data cifar-10-batches-bin --min-width 0.8 --resolutions 32,28,24", "the released configuration for small pictures"),
    ];

    /// <inheritdoc/>
    public override ModelVariant StandIn(ModelVariant variant) => variant.Name == "resnet50" ? GradAugVariants.All.First(twin => twin.Name == "gradaug_resnet50") : variant;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ClassifierRun(setup, new ClassifierPlan { Method = this, Settle = Settle, Objective = run => new GradAugObjective(run) });

    private static TrainingConfiguration Settle(TrainingConfiguration configuration)
    {
        int size = configuration.ImageSize!.Value;
        bool small = size <= 64;
        var given = configuration.MethodOptions;
        int[] sides = small ? [size, size * 7 / 8, size * 6 / 8] : [size, size * 6 / 7, size * 5 / 7, size * 4 / 7];
        return configuration with
        {
            LearningRate = configuration.LearningRate ?? (configuration.Optimizer == OptimizerKind.Sgd ? ConfiguredParts.RateOf(configuration, RateAt256) : null),
            MethodOptions = given.Or("minWidth", small ? "0.8" : "0.9").Or("resolutions", string.Join(',', sides.Select(side => side.ToString(CultureInfo.InvariantCulture)))),
        };
    }
}

/// <summary>GradAug's step as the trainer takes it.</summary>
internal sealed class GradAugObjective : Objective<ImageBatch>, ISeveralPasses<ImageBatch>
{
    private readonly Module<Tensor, Tensor> network;
    private readonly ISubNetworks widths;
    private readonly ClassifierObjective labels;
    private readonly GradAugRegularizer regularizer;
    private readonly Device place;

    /// <exception cref="UsageException">The network holds no smaller ones.</exception>
    internal GradAugObjective(ClassifierRun run)
    {
        network = run.Network;
        widths = network as ISubNetworks ?? throw new UsageException(
            $"{run.Variant.Name} cannot be narrowed, and gradaug trains sub-networks: take {string.Join(", ", GradAugVariants.All.Select(variant => variant.Name))} (resnet50 stands for the first)");
        labels = new ClassifierObjective(network, run.Data.Classes.Count, run.Configuration.LabelSmoothing, run.Device);
        var options = run.Configuration.MethodOptions;
        regularizer = new GradAugRegularizer(options.Real("minWidth"), options.Counts("resolutions"), options.Count("subNetworks"));
        place = run.Device;
    }

    /// <inheritdoc/>
    public override Module Network => network;

    /// <summary>The full network's; what the smaller ones learn has no part in it.</summary>
    public override Tensor Loss(ImageBatch batch) => labels.Loss(batch);

    /// <inheritdoc/>
    public double Accumulate(ImageBatch batch, double share, Func<Func<Tensor>, Tensor> forward)
    {
        using var scope = new TensorScope();
        // Widths and sizes come from libtorch's generator, whose state is in the checkpoint.
        var random = new Random(Tensor.Randint(int.MaxValue, [], dtype: DType.Int64).Item<int>());
        var (full, sub) = GradAugRegularizer.Accumulate(network, widths, batch.Images.To(place), logits => labels.Loss(logits, batch), regularizer.Draw(random), share, forward);
        return full + sub.Sum();
    }

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => labels.Describe(batch);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch) => labels.Fault(batch);
}
