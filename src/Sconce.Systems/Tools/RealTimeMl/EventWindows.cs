namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>One key's count and mean in one window.</summary>
/// <param name="Start">When it begins, in seconds; it ends before the start of the one that follows it.</param>
/// <param name="Key">Whose.</param>
/// <param name="Count">Events.</param>
/// <param name="Mean">Of their values; NaN where none has one.</param>
public readonly record struct WindowFigure(double Start, string Key, long Count, double Mean);

/// <summary>
/// Counts and means a key over windows of event time: an event belongs to the windows of the time at which it happened, whenever it
/// comes. A window is told when no event so old is waited for any more; what comes later still is counted as late and left out.
/// </summary>
/// <param name="length">Of a window, in seconds.</param>
/// <param name="slide">
/// From one window's start to the next one's, in seconds, at most the length; the same makes windows that tumble.
/// </param>
/// <param name="lateness">How long events are waited for behind the newest, in seconds.</param>
public sealed class EventWindows(double length, double slide, double lateness)
{
    private readonly double span = length > 0 ? length : throw new ArgumentOutOfRangeException(nameof(length), length, "more than 0");
    private readonly double hop = slide > 0 && slide <= length ? slide
        : throw new ArgumentOutOfRangeException(nameof(slide), slide, $"more than 0 and at most the length of {length}");

    private readonly SortedDictionary<long, SortedDictionary<string, (long Count, long Valued, double Mean)>> open = [];
    private double newest = double.NegativeInfinity;
    private long told = long.MinValue;

    /// <summary>Events that came too late for every window of theirs.</summary>
    public long Late { get; private set; }

    /// <summary>Takes an event.</summary>
    /// <param name="time">When it happened, in seconds.</param>
    /// <param name="key">Whose it is.</param>
    /// <param name="value">What is averaged; NaN for nothing.</param>
    /// <returns>The windows that are complete by now, the oldest first.</returns>
    public IReadOnlyList<WindowFigure> Add(double time, string key, double value)
    {
        if (!double.IsFinite(time)) throw new ArgumentOutOfRangeException(nameof(time), time, "an event happens at a time");
        long last = (long)Math.Floor(time / hop), first = (long)Math.Floor((time - span) / hop) + 1;
        bool counted = false;
        for (long window = Math.Max(first, told == long.MinValue ? first : told + 1); window <= last; window++)
        {
            if (!open.TryGetValue(window, out var keys)) open[window] = keys = new(StringComparer.Ordinal);
            var (count, valued, mean) = keys.GetValueOrDefault(key);
            bool hasValue = !double.IsNaN(value);
            valued += hasValue ? 1 : 0;
            keys[key] = (count + 1, valued, hasValue ? mean + ((value - mean) / valued) : mean);
            counted = true;
        }

        if (!counted) Late++;
        newest = Math.Max(newest, time);
        return Complete(newest - lateness);
    }

    /// <summary>The windows that are still open, the oldest first: the stream has ended.</summary>
    public IReadOnlyList<WindowFigure> End() => Complete(double.PositiveInfinity);

    private List<WindowFigure> Complete(double until)
    {
        var complete = new List<WindowFigure>();
        while (open.Count > 0 && open.First() is var (window, keys) && (window * hop) + span <= until)
        {
            complete.AddRange(keys.Select(entry => new WindowFigure(
                window * hop, entry.Key, entry.Value.Count, entry.Value.Valued > 0 ? entry.Value.Mean : double.NaN)));
            open.Remove(window);
            told = window;
        }

        return complete;
    }
}

/// <summary>Counts and means a key in which what is old counts less: by half after each half-life of event time.</summary>
/// <param name="halfLife">In seconds.</param>
public sealed class DecayedMeans(double halfLife)
{
    private readonly double half = halfLife > 0 ? halfLife
        : throw new ArgumentOutOfRangeException(nameof(halfLife), halfLife, "more than 0");

    private readonly Dictionary<string, (double Time, double Count, double Sum)> keys = new(StringComparer.Ordinal);

    /// <summary>Takes an event; one that comes out of order counts as much less as it is older.</summary>
    /// <returns>The key's count and mean at its newest event.</returns>
    public (double Count, double Mean) Add(double time, string key, double value)
    {
        if (!keys.TryGetValue(key, out var state)) state = (time, 0, 0);
        double now = Math.Max(time, state.Time), before = Math.Pow(0.5, (now - state.Time) / half);
        double weight = Math.Pow(0.5, (now - time) / half);
        state = (now, (state.Count * before) + weight, (state.Sum * before) + (weight * value));
        keys[key] = state;
        return (state.Count, state.Sum / state.Count);
    }
}
