using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Tests.Training;

/// <summary>Transitions of a corridor: place, whether the step went right, reward, next place. None while the buffer is filling.</summary>
internal sealed record Transitions(long[] Places, long[] Moves, float[] Rewards, long[] Next);

/// <summary>
/// A corridor in which the agent acts, and the ring of its past transitions: what cannot be replayed, and is saved. It acts by the network
/// that is learning.
/// </summary>
internal sealed class Corridor(Module<Tensor, Tensor> network, int capacity, int warmUp, int batchesPerEpoch)
    : IBatchSource<Transitions>, ISavedState, IDisposable
{
    public const int Length = 6;
    private const int Batch = 8;
    private readonly Generator random = new(7);
    private readonly float[] ring = new float[capacity * 4];
    private long written, place;

    public int BatchesPerEpoch => batchesPerEpoch;

    public void Save(SavedState state)
    {
        state.Set("ring", Tensor.From(ring)).Set("written", written).Set("place", place).Set("random", random);
        state.New("corridor").Set("length", Length).Set("name", "straight").Set("open", true);
    }

    public void Load(SavedState state)
    {
        if (state.Part("corridor").Count("length") != Length) throw new ArgumentException("another corridor");
        var saved = state.Tensor("ring", ring.Length).ToArray<float>();
        (written, place) = (state.Count("written"), state.Count("place"));
        saved.CopyTo(ring, 0);
        state.Restore("random", random);
    }

    public async IAsyncEnumerable<Transitions> Epoch(int epoch, int first = 0, [System.Runtime.CompilerServices.EnumeratorCancellation]
        CancellationToken cancellationToken = default)
    {
        for (int k = first; k < batchesPerEpoch; k++)
        {
            await Task.CompletedTask;
            for (int act = 0; act < 4; act++) Act();
            yield return Draw();
        }
    }

    private void Act()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        bool explores = Tensor.Rand([1], random).Item<double>() < 0.3;
        long move = explores ? Tensor.Randint(2, [], random, DType.Int64).Item<long>() : network.Call(Tensor.From([place]))
            .Argmax(-1).Item<long>();
        long next = Math.Clamp(place + (move == 1 ? 1 : -1), 0, Length - 1);
        float reward = next == Length - 1 ? 1 : 0;
        int at = (int)(written++ % capacity) * 4;
        (ring[at], ring[at + 1], ring[at + 2], ring[at + 3]) = (place, move, reward, next);
        place = reward > 0 ? 0 : next;
    }

    private Transitions Draw()
    {
        if (written < warmUp) return new Transitions([], [], [], []);
        using var scope = new TensorScope();
        long[] drawn = Tensor.Randint(Math.Min(written, capacity), [Batch], random, DType.Int64).ToArray<long>();
        return new Transitions(
            [.. drawn.Select(k => (long)ring[k * 4])], [.. drawn.Select(k => (long)ring[(k * 4) + 1])],
            [.. drawn.Select(k => ring[(k * 4) + 2])], [.. drawn.Select(k => (long)ring[(k * 4) + 3])]);
    }

    public void Dispose() => random.Dispose();
}

/// <summary>Values of the two moves at each place. <c>(N) -> (N, 2)</c></summary>
internal sealed partial class CorridorValues : Module<Tensor, Tensor>
{
    Embedding Table { get; } = new(Corridor.Length, 2);

    protected override Tensor Forward(Tensor places) => Table.Call(places);
}

/// <summary>Q-learning with a target network that follows now and then.</summary>
internal sealed class CorridorProgram(CorridorValues values, CorridorValues target, Optimizer optimizer) : TrainingProgram<Transitions>
{
    private readonly Player player = new("values", values, optimizer, LearningRateSchedule.Constant(0.05));

    public override IReadOnlyList<Player> Players => [player];

    public override IReadOnlyList<(string Name, Module Module)> Modules => [("values", values), ("target", target)];

    public override Module Product => values;

    protected internal override void Step(Transitions batch, TrainingStep step)
    {
        if (batch.Places.Length == 0) return;
        step.Update(player, () =>
        {
            Tensor wanted;
            using (Gradients.Off())
            {
                var ends = Tensor.From(batch.Rewards);
                wanted = ends + ((1 - ends) * 0.9 * target.Call(Tensor.From(batch.Next)).Max(-1).Values);
            }

            var found = values.Call(Tensor.From(batch.Places)).Gather(1, Tensor.From(batch.Moves).Unsqueeze(1)).Squeeze(1);
            return Functional.MeanSquaredError(found, wanted);
        });
    }

    protected internal override void Stepped(long step)
    {
        if (step % 5 != 0) return;
        foreach (var (own, other) in values.Parameters().Zip(target.Parameters())) other.CopyInPlace(own);
    }
}
