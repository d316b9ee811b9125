using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>How SwAV is trained beside its loss.</summary>
public sealed record SwavOptions
{
    /// <summary>The loss.</summary>
    public SwavLoss Loss { get; init; } = new();

    /// <summary>Steps at the beginning that leave the prototypes as they are, without gradient, decay or momentum.</summary>
    public long FrozenSteps { get; init; } = SwavTraining.FrozenSteps;

    /// <summary>Embeddings a block of the queue, a multiple of the batch; 0 for none, as with large batches.</summary>
    public int QueueLength { get; init; }

    /// <summary>The step at which the queue begins to fill; epoch 15 in the official code.</summary>
    public long QueueStart { get; init; }
}

/// <summary>All that a run of SwAV has to save: the network, which it takes over and frees, the queue, the steps done.</summary>
public sealed partial class SwavState : Module
{
    /// <summary>A run that begins.</summary>
    /// <param name="network">Has prototypes.</param>
    /// <param name="options">The published run's where left out.</param>
    /// <exception cref="ArgumentException">The network has no prototypes.</exception>
    public SwavState(SwavNetwork network, SwavOptions? options = null)
    {
        if (network.Prototypes.Count == 0)
            throw new ArgumentException("SwAV learns by prototypes, and the network has none", nameof(network));
        Options = options ?? new SwavOptions();
        Network = network;
        Queue = Options.QueueLength > 0
            ? new SwavQueue(Options.Loss.CropsForAssign.Count, Options.QueueLength, network.EmbeddingWidth) : null;
        Steps = new Nn.Buffer(Tensor.Zeros([], DType.Int64));
    }

    /// <summary>What the run was begun with.</summary>
    public SwavOptions Options { get; }

    /// <summary>Steps done.</summary>
    public Nn.Buffer Steps { get; }

    /// <summary>What is trained.</summary>
    public SwavNetwork Network { get; }

    /// <summary>Of small batches.</summary>
    public SwavQueue? Queue { get; }
}

/// <summary>SwAV on batches of crops: prototypes to length 1, all crops through the network, swapped prediction, queue.
/// facebookresearch/swav@06b1b7c main_swav.py <c>train</c>.</summary>
public sealed class SwavProgram : LossProgram<ViewBatch>
{
    private readonly SwavState state;
    private readonly SwavOptions options;
    private readonly Device place;

    /// <summary>Goes on with a run.</summary>
    /// <param name="state">Belongs to the caller; is brought to the device.</param>
    /// <param name="player">Over the state's parameters.</param>
    /// <param name="device">Where it is trained.</param>
    public SwavProgram(SwavState state, Player player, Device? device = null)
        : base(player)
    {
        this.state = state;
        options = state.Options;
        place = device ?? Device.Cpu;
        state.To(place);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Module Module)> Modules => [("", state)];

    /// <inheritdoc/>
    public override Module Product => state.Network.Encoder;

    /// <inheritdoc/>
    public override Tensor Loss(ViewBatch batch)
    {
        using var scope = new TensorScope();
        var network = state.Network;
        int crops = batch.Views.Count;
        long steps = state.Steps.Item<long>();
        network.NormalizePrototypes();
        var output = Forward(network, [.. batch.Views.Select(view => view.To(place))], steps < options.FrozenSteps);
        var queue = steps >= options.QueueStart ? state.Queue : null;
        Tensor? total = null;
        for (int set = 0; set < network.Prototypes.Count; set++)
        {
            var prototypes = network.Prototypes[set].Weight;
            var loss = options.Loss.Compute(output.Scores[set].Float(), crops,
                queue is null ? null : code => queue.Scores(code, prototypes));
            total = total is null ? loss : total + loss;
        }

        queue?.Push(output.Embedding.Float(), batch.Count, options.Loss.CropsForAssign); // used before it is filled
        return scope.Keep(total! / network.Prototypes.Count);
    }

    /// <inheritdoc/>
    public override int Count(ViewBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ViewBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ViewBatch batch) => BatchFaults.Of(batch);

    /// <inheritdoc/>
    protected override void Stepped(long step) => state.Steps.FillInPlace(step);

    /// <summary>Frozen prototypes are left off the tape: without a gradient the optimiser passes them over.</summary>
    private static SwavOutput Forward(SwavNetwork network, IReadOnlyList<Tensor> crops, bool frozen)
    {
        if (!frozen) return network.Crops(crops);
        bool[] before = [.. network.Prototypes.Select(set => set.Weight.RequiresGrad)];
        try
        {
            foreach (var set in network.Prototypes) set.Weight.RequiresGrad = false;
            return network.Crops(crops);
        }
        finally
        {
            for (int k = 0; k < before.Length; k++) network.Prototypes[k].Weight.RequiresGrad = before[k];
        }
    }
}
