using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>GradAug's step: the full network's pass and those of its sub-networks make one update.</summary>
internal sealed class GradAugProgram : TrainingProgram<ImageBatch>
{
    private readonly Module<Tensor, Tensor> network;
    private readonly ISubNetworks widths;
    private readonly Player player;
    private readonly LabelLoss labels;
    private readonly GradAugRegularizer regularizer;
    private readonly Device place;

    /// <exception cref="UsageException">The network holds no smaller ones.</exception>
    internal GradAugProgram(ClassifierRun run)
    {
        (network, player, labels, place) = (run.Network, run.Player, run.Labels, run.Device);
        widths = network as ISubNetworks ?? throw new UsageException(
            $"{run.Variant.Name} cannot be narrowed, and gradaug trains sub-networks: take "
                + $"{string.Join(", ", GradAugVariants.All.Select(variant => variant.Name))} (resnet50 stands for the first)");
        var settings = run.Configuration.Of<GradAugSettings>();
        regularizer = new GradAugRegularizer(settings.MinWidth!.Value, settings.Resolutions!, settings.SubNetworks);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Player> Players => [player];

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch) => BatchFaults.Of(batch);

    /// <inheritdoc/>
    protected override void Step(ImageBatch batch, TrainingStep step)
    {
        // Widths and sizes come from libtorch's generator, whose state is in the checkpoint.
        var random = new Random(Tensor.Randint(int.MaxValue, [], dtype: DType.Int64).Item<int>());
        var passes = regularizer.Draw(random);
        step.Update(player, several => GradAugRegularizer.Accumulate(network, widths, batch.Images.To(place),
            logits => labels.Of(logits, batch), passes, several.Add));
    }

    /// <summary>The full network's pass; what the smaller ones see is no part of its statistics.</summary>
    protected override void Forward(ImageBatch batch) => labels.Of(network.Call(batch.Images.To(place)).Float(), batch);
}
