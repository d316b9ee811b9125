namespace Sconce.Control;

/// <summary>Steps drawn from a <see cref="ReplayBuffer"/>.</summary>
/// <param name="Observations">Row by row.</param>
/// <param name="Actions">One a row.</param>
/// <param name="Rewards">The discounted sums over n steps.</param>
/// <param name="Next">The observation n steps later, row by row; zeros where the episode ended before.</param>
/// <param name="Discounts">γ to the power of the steps, 0 where the episode ended.</param>
public sealed record ReplayBatch(float[] Observations, long[] Actions, float[] Rewards, float[] Next, float[] Discounts)
{
    /// <summary>Told each step's loss before what is added next, so that a prioritised replay draws those with large ones more often; null
    /// where it draws evenly.</summary>
    public Action<float[]>? Learned { get; init; }
}

/// <summary>
/// The last steps of an agent, for drawing at random; n-step returns are summed when drawn. Its whole state, with its random numbers', can
/// be written and read, so that a run goes on bit for bit. Not for several threads at once.
/// </summary>
public sealed partial class ReplayBuffer
{
    private const double LeastLoss = 1e-10;
    private readonly int capacity, width, steps;
    private readonly double discount;
    private readonly float[] observations, rewards;
    private readonly byte[] actions, flags;
    private readonly PriorityTree? priorities;
    private double highest = 1;
    private ulong random;
    private int next;

    /// <summary>Makes an empty one.</summary>
    /// <param name="capacity">Steps kept; the oldest are overwritten.</param>
    /// <param name="width">Numbers of an observation.</param>
    /// <param name="steps">n of the n-step returns, 1 at least, less than the capacity.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <param name="prioritised">
    /// Whether steps are drawn in proportion to the roots of the losses that they last had, new ones as the highest so far: 1511.05952 with
    /// the exponent of google/dopamine@5873f54 jax/agents/quantile/quantile_agent.py, whose gradients are not weighted in return either.
    /// </param>
    public ReplayBuffer(int capacity, int width, int steps, double discount, ulong seed, bool prioritised = false)
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
        if (prioritised) priorities = new PriorityTree(capacity);
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
        if (priorities is not null) priorities[next] = highest;
        next = (next + 1) % capacity;
        Count = Math.Min(Count + 1, capacity);
    }

    /// <summary>Draws steps with replacement among those whose n following steps are known: evenly, or by their priorities.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public ReplayBatch Sample(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!AnyUsable()) throw new InvalidOperationException($"replay: no step of {Count} has {steps} that follow it");
        int[] places = new int[count];
        var batch = new ReplayBatch(new float[count * width], new long[count], new float[count], new float[count * width],
            new float[count])
        {
            Learned = priorities is null ? null : losses => Prioritise(places, losses),
        };
        for (int row = 0; row < count; row++)
        {
            float reward, factor;
            int place = Drawn(row, count), after;
            while (!Follow(place, out reward, out factor, out after)) place = Drawn(0, 1);
            places[row] = place;
            observations.AsSpan(place * width, width).CopyTo(batch.Observations.AsSpan(row * width));
            if (factor > 0) observations.AsSpan(after * width, width).CopyTo(batch.Next.AsSpan(row * width));
            (batch.Actions[row], batch.Rewards[row], batch.Discounts[row]) = (actions[place], reward, factor);
        }

        return batch;
    }

    private int Oldest => Count < capacity ? 0 : next;

    private void Prioritise(int[] places, float[] losses)
    {
        if (losses.Length != places.Length)
            throw new ArgumentException($"replay: {losses.Length} losses of {places.Length} steps");
        for (int row = 0; row < places.Length; row++)
        {
            double priority = Math.Sqrt(Math.Max(losses[row], 0) + LeastLoss);
            if (!double.IsFinite(priority)) continue;    // whoever trains says so
            priorities![places[row]] = priority;
            highest = Math.Max(highest, priority);
        }
    }

    /// <summary>A place: evenly, or by priority in one of some equal parts of their sum, so that a batch spreads over all.</summary>
    private int Drawn(int part, int parts)
    {
        if (priorities is null) return (Oldest + (int)(Draw() % (ulong)Count)) % capacity;
        double share = (Draw() >> 11) * (1.0 / (1UL << 53));
        return Math.Min(priorities.Find((part + share) / parts), Count - 1);
    }

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
}
