using System.Runtime.CompilerServices;
using Sconce.Control;
using Sconce.Data;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Control.Loon;

/// <summary>
/// Worlds in which the pilot flies while it learns, and what they remember. It cannot be read twice, so it is saved: the replays whole; of
/// each world its seed and the actions of this episode, by which it is flown again when the run goes on. What is drawn depends on the run's
/// seed and the number of the step alone.
/// </summary>
internal sealed class LoonReplay : IBatchSource<ReplayBatch>, ISavedState
{
    private const int SeedsApart = 100_003, UnseenFrom = 10_000_000;
    private readonly QuantileNetwork network;
    private readonly LoonSettings settings;
    private readonly bool small;
    private readonly IEnvironment[] worlds;
    private readonly ReplayBuffer[] replays;
    private readonly LoonExplorer[] explorers;
    private readonly int[] seeds;
    private readonly List<byte>[] actions;
    private readonly float[] seen;
    private long turns, episodes;

    /// <summary>Begins every world.</summary>
    /// <param name="network">Who flies, as it is when it is asked.</param>
    /// <param name="pilot">Which worlds.</param>
    /// <param name="settings">Settled.</param>
    public LoonReplay(QuantileNetwork network, BalloonPilot pilot, LoonSettings settings)
    {
        (this.network, this.settings, small) = (network, settings, pilot.Small);
        int count = settings.Worlds;
        bool isPrioritised = settings.Draw == ReplayDraw.Prioritised;
        (worlds, replays, explorers) = (new IEnvironment[count], new ReplayBuffer[count], new LoonExplorer[count]);
        (seeds, actions) = (new int[count], new List<byte>[count]);
        for (int k = 0; k < count; k++)
        {
            worlds[k] = pilot.World();
            replays[k] = new ReplayBuffer(
                Math.Max(settings.Replay / count, settings.Returns!.Value + 2), worlds[k].Observations, settings.Returns!.Value,
                settings.Discount!.Value, unchecked((settings.Run.Seed * 1_000_003) + (ulong)k), isPrioritised);
            explorers[k] = new LoonExplorer();
            actions[k] = [];
            Begin(k);
        }

        seen = new float[count * worlds[0].Observations];
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch => settings.Updates;

    /// <summary>The first seed of worlds that no run learns from.</summary>
    public static int Unseen => UnseenFrom;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReplayBatch> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int k = first; k < settings.Updates; k++)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            do Turn();
            while (turns * worlds.Length < settings.LearnAfter || turns <= settings.Returns);
            yield return Draw();
        }
    }

    /// <inheritdoc/>
    public void Save(SavedState state)
    {
        state.Set("turns", turns).Set("episodes", episodes);
        for (int k = 0; k < worlds.Length; k++)
        {
            using var memory = new MemoryStream();
            replays[k].Save(memory);
            var world = state.New($"world{k}");
            world.Set("seed", (long)seeds[k]).Set("actions", (ReadOnlySpan<byte>)[.. actions[k]]);
            world.Set("replay", memory.GetBuffer().AsSpan(0, (int)memory.Length));
            explorers[k].Save(world);
        }
    }

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        for (int k = 0; k < worlds.Length; k++)
        {
            var world = state.Part($"world{k}");
            using var memory = new MemoryStream(world.Bytes("replay"));
            replays[k].Load(memory);
            byte[] flown = world.Bytes("actions");
            if (flown.Any(action => action > 2)) throw new ArgumentException("the saved flight holds an action that is none");
            seeds[k] = checked((int)world.Count("seed"));
            actions[k].Clear();
            actions[k].AddRange(flown);
            worlds[k].Reset(seeds[k]);
            foreach (byte action in flown) worlds[k].Step(action);
            explorers[k].Load(world);
        }

        (turns, episodes) = (state.Count("turns"), state.Count("episodes"));
    }

    /// <summary>A step in every world.</summary>
    private void Turn()
    {
        int width = worlds[0].Observations;
        for (int k = 0; k < worlds.Length; k++) worlds[k].Observe(seen.AsSpan(k * width, width));
        long[] best = Best();
        for (int k = 0; k < worlds.Length; k++)
        {
            var random = Draws(k);
            int action = small
                ? Chance(random, (int)best[k])
                : explorers[k].Act(((LoonEnvironment)worlds[k]).Balloon, (int)best[k], random);
            var result = worlds[k].Step(action);
            replays[k].Add(seen.AsSpan(k * width, width), action, result);
            actions[k].Add((byte)action);
            if (result.Stops) Begin(k);
        }

        turns++;
    }

    private long[] Best()
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return network.Values(Tensor.From(seen, [worlds.Length, seen.Length / worlds.Length])).Argmax(-1).ToArray<long>();
    }

    /// <summary>In the small world the share of chance falls from 1 to 0.05 within 1,200 turns.</summary>
    private int Chance(Random random, int best)
    {
        double explore = Math.Max(0.05, 1 - (0.95 * turns / 1200));
        return random.NextDouble() < explore ? random.Next(3) : best;
    }

    private ReplayBatch Draw()
    {
        int batch = settings.Run.Batch;
        int Share(int k) => ((k + 1) * batch / worlds.Length) - (k * batch / worlds.Length);
        var parts = Enumerable.Range(0, worlds.Length).Where(k => Share(k) > 0)
            .Select(k => replays[(int)((k + turns) % worlds.Length)].Sample(Share(k))).ToList();
        return new ReplayBatch(
            [.. parts.SelectMany(part => part.Observations)], [.. parts.SelectMany(part => part.Actions)],
            [.. parts.SelectMany(part => part.Rewards)], [.. parts.SelectMany(part => part.Next)],
            [.. parts.SelectMany(part => part.Discounts)])
        {
            Learned = settings.Draw == ReplayDraw.Prioritised ? losses => Tell(parts, losses) : null,
        };
    }

    /// <summary>Each world's replay hears of its own steps; a batch has as many of each, whatever their losses.</summary>
    private static void Tell(IEnumerable<ReplayBatch> parts, float[] losses)
    {
        int first = 0;
        foreach (var part in parts)
        {
            part.Learned?.Invoke(losses[first..(first + part.Actions.Length)]);
            first += part.Actions.Length;
        }
    }

    private void Begin(int world)
    {
        seeds[world] = (int)((((long)(settings.Run.Seed % 97) * SeedsApart) + episodes++) % UnseenFrom);
        actions[world].Clear();
        worlds[world].Reset(seeds[world]);
        if (!small) explorers[world].Begin(new Random(Mixed(seeds[world], 7)), settings.Exploring);
    }

    private Random Draws(int world) => new(Mixed(turns, world));

    /// <summary>A seed of two numbers and the run's; the same in every process.</summary>
    private int Mixed(long first, long second)
    {
        ulong mixed = unchecked(
            ((ulong)first * 0x9E3779B97F4A7C15) ^ ((ulong)second * 0xBF58476D1CE4E5B9) ^ (settings.Run.Seed * 0x94D049BB133111EB));
        mixed ^= mixed >> 29;
        return unchecked((int)(mixed ^ (mixed >> 32)));
    }
}
