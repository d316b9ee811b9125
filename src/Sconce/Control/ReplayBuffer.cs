using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sconce.Control;

/// <summary>Steps drawn from a <see cref="ReplayBuffer"/>.</summary>
/// <param name="Observations">Row by row.</param>
/// <param name="Actions">One a row.</param>
/// <param name="Rewards">The discounted sums over n steps.</param>
/// <param name="Next">The observation n steps later, row by row; zeros where the episode ended before.</param>
/// <param name="Discounts">γ to the power of the steps, 0 where the episode ended.</param>
public sealed record ReplayBatch(float[] Observations, long[] Actions, float[] Rewards, float[] Next, float[] Discounts);

/// <summary>
/// The last steps of an agent, for drawing at random; n-step returns are summed when drawn. Its whole state, with its random numbers', can
/// be written and
/// read, so that a run goes on bit for bit. Not for several threads at once.
/// </summary>
public sealed class ReplayBuffer
{
    private const uint Magic = 0x42504C52; // "RLPB"
    private const int Version = 1;
    private readonly int capacity, width, steps;
    private readonly double discount;
    private readonly float[] observations, rewards;
    private readonly byte[] actions, flags;
    private ulong random;
    private int next;

    /// <summary>Makes an empty one.</summary>
    /// <param name="capacity">Steps kept; the oldest are overwritten.</param>
    /// <param name="width">Numbers of an observation.</param>
    /// <param name="steps">n of the n-step returns, 1 at least, less than the capacity.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="seed">Of what is drawn.</param>
    public ReplayBuffer(int capacity, int width, int steps, double discount, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(capacity, steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (discount is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(discount), discount, "a discount lies in [0, 1]");
        if ((long)capacity * width > Array.MaxLength)
        {
            throw new ArgumentException(
                $"a replay of {capacity} steps of {width} numbers is larger than an array may be: {Array.MaxLength / width} steps are " +
                    $"the most");
        }
        (this.capacity, this.width, this.steps, this.discount, random) = (capacity, width, steps, discount, seed);
        (observations, rewards, actions, flags) =
            (new float[capacity * width], new float[capacity], new byte[capacity], new byte[capacity]);
    }

    /// <summary>Steps in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a step.</summary>
    /// <param name="observation">What was seen before acting.</param>
    /// <param name="action">What was done, 0 to 255.</param>
    /// <param name="result">What it came to.</param>
    public void Add(ReadOnlySpan<float> observation, int action, in StepResult result)
    {
        if (observation.Length != width)
        {
            throw new ArgumentException($"replay: an observation of {observation.Length} numbers instead of {width}");
        }
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(action, byte.MaxValue);
        observation.CopyTo(observations.AsSpan(next * width));
        (actions[next], rewards[next], flags[next]) =
            ((byte)action, (float)result.Reward, (byte)((result.Ends ? 1 : 0) | (result.Stops ? 2 : 0)));
        next = (next + 1) % capacity;
        Count = Math.Min(Count + 1, capacity);
    }

    /// <summary>Draws steps with replacement, evenly among those whose n following steps are known.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public ReplayBatch Sample(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!AnyUsable()) throw new InvalidOperationException($"replay: no step of {Count} has {steps} that follow it");
        var batch = new ReplayBatch(new float[count * width], new long[count], new float[count], new float[count * width],
            new float[count]);
        for (int row = 0; row < count; row++)
        {
            int place;
            float reward, factor;
            int after;
            do
            {
                place = (Oldest + (int)(Draw() % (ulong)Count)) % capacity;
            }
            while (!Follow(place, out reward, out factor, out after));

            observations.AsSpan(place * width, width).CopyTo(batch.Observations.AsSpan(row * width));
            if (factor > 0) observations.AsSpan(after * width, width).CopyTo(batch.Next.AsSpan(row * width));
            (batch.Actions[row], batch.Rewards[row], batch.Discounts[row]) = (actions[place], reward, factor);
        }

        return batch;
    }

    /// <summary>Writes everything.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], capacity);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], width);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], steps);
        BinaryPrimitives.WriteInt32LittleEndian(head[20..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[24..], next);
        BinaryPrimitives.WriteUInt64LittleEndian(head[32..], random);
        BinaryPrimitives.WriteDoubleLittleEndian(head[40..], discount);
        stream.Write(head);
        foreach (var part in Parts()) stream.Write(part.Span);
    }

    /// <summary>
    /// Reads what <see cref="Save"/> wrote from a buffer of the same capacity, width, steps and discount; where it fails nothing is
    /// changed.
    /// </summary>
    /// <exception cref="InvalidDataException">It is something else, of other sizes, or cut off.</exception>
    public void Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> head = stackalloc byte[HeadBytes];
        if (stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic)
        {
            throw new InvalidDataException("this is no saved replay");
        }
        int version = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (version != Version) throw new InvalidDataException($"a replay of version {version}; {Version} is read");
        var (savedCapacity, savedWidth, savedSteps) =
            (BinaryPrimitives.ReadInt32LittleEndian(head[8..]), BinaryPrimitives.ReadInt32LittleEndian(head[12..]),
                BinaryPrimitives.ReadInt32LittleEndian(head[16..]));
        if ((savedCapacity, savedWidth, savedSteps) != (capacity, width, steps) || !BinaryPrimitives.ReadDoubleLittleEndian(head[40..])
            .Equals(discount))
        {
            throw new InvalidDataException(
                $"a replay of {savedCapacity} steps of {savedWidth} numbers with {savedSteps}-step returns; this one has {capacity}, " +
                    $"{width} and {steps}, and another discount perhaps");
        }

        var (count, place) = (BinaryPrimitives.ReadInt32LittleEndian(head[20..]), BinaryPrimitives.ReadInt32LittleEndian(head[24..]));
        if (count < 0 || count > capacity || place < 0 || place >= capacity || (count < capacity && place != count))
        {
            throw new InvalidDataException("the replay's counters are damaged");
        }
        var read = new ReplayBuffer(capacity, width, steps, discount, 0) { Count = count };
        foreach (var part in read.Parts())
        {
            if (stream.ReadAtLeast(part.Span, part.Length, throwOnEndOfStream: false) < part.Length)
            {
                throw new InvalidDataException("the replay is cut off");
            }
        }

        read.observations.CopyTo(observations, 0);
        read.rewards.CopyTo(rewards, 0);
        read.actions.CopyTo(actions, 0);
        read.flags.CopyTo(flags, 0);
        (Count, next, random) = (count, place, BinaryPrimitives.ReadUInt64LittleEndian(head[32..]));
    }

    private const int HeadBytes = 48;

    private int Oldest => Count < capacity ? 0 : next;

    /// <summary>The used part of each array as bytes.</summary>
    private Part[] Parts() =>
    [
        new(() => MemoryMarshal.AsBytes(observations.AsSpan(0, Count * width))),
        new(() => MemoryMarshal.AsBytes(rewards.AsSpan(0, Count))),
        new(() => actions.AsSpan(0, Count)),
        new(() => flags.AsSpan(0, Count)),
    ];

    private bool AnyUsable() => Enumerable.Range(0, Count).Any(k => Follow((Oldest + k) % capacity, out _, out _, out _));

    /// <summary>Sums the rewards of up to n steps from a place; no where they are not all known.</summary>
    private bool Follow(int place, out float reward, out float factor, out int after)
    {
        double sum = 0, power = 1;
        (reward, factor, after) = (0, 0, place);
        for (int k = 0; k < steps; k++)
        {
            int at = (place + k) % capacity;
            sum += power * rewards[at];
            power *= discount;
            if ((flags[at] & 1) != 0)
            {
                reward = (float)sum;
                return true;
            }

            after = (at + 1) % capacity;
            // What follows the newest is the oldest, and what follows a stop belongs to another episode.
            if (after == next || (flags[at] & 2) != 0) return false;
        }

        (reward, factor) = ((float)sum, (float)power);
        return true;
    }

    /// <summary>SplitMix64: one word of state.</summary>
    private ulong Draw()
    {
        ulong x = random += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private delegate Span<byte> Bytes();

    private readonly struct Part(Bytes bytes)
    {
        internal Span<byte> Span => bytes();

        internal int Length => bytes().Length;
    }
}
