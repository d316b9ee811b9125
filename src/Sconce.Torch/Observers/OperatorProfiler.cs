using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sconce.Torch;

/// <summary>The time of one operator's calls.</summary>
/// <param name="Operator">Its name with the namespace.</param>
/// <param name="Calls">How often it was called.</param>
/// <param name="Total">All calls together.</param>
/// <param name="Longest">The longest call.</param>
/// <param name="Share">Of the time of all operators, in [0, 1].</param>
public sealed record OperatorTime(string Operator, long Calls, TimeSpan Total, TimeSpan Longest, double Share)
{
    /// <summary>The time of a call on average.</summary>
    public TimeSpan Mean => Total / Calls;
}

/// <summary>
/// Times each operator called on this thread: <c>using (profiler.Watch()) …; Console.WriteLine(profiler);</c>. A composite operator
/// counts as what was called, so no time is counted twice. On a GPU the times are those of the launch.
/// </summary>
/// <param name="trace">Remember every call, for <see cref="WriteTrace"/>.</param>
public sealed class OperatorProfiler(bool trace = false) : OperatorObserver
{
    private readonly Dictionary<string, Sum> sums = [];
    private readonly List<Event> events = [];

    /// <summary>The time in operators.</summary>
    public TimeSpan Total => Stopwatch.GetElapsedTime(0, sums.Values.Sum(sum => sum.Ticks));

    /// <summary>Operators that went by.</summary>
    public long Calls => sums.Values.Sum(sum => sum.Calls);

    /// <summary>Each operator's time, the longest first.</summary>
    public IReadOnlyList<OperatorTime> ByOperator
    {
        get
        {
            double all = Math.Max(1, sums.Values.Sum(sum => sum.Ticks));
            return
            [
                .. sums.Select(pair => new OperatorTime(pair.Key, pair.Value.Calls, Stopwatch.GetElapsedTime(0, pair.Value.Ticks),
                    Stopwatch.GetElapsedTime(0, pair.Value.Longest), pair.Value.Ticks / all))
                    .OrderByDescending(time => time.Total).ThenBy(time => time.Operator, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Begins again from zero.</summary>
    public void Reset()
    {
        sums.Clear();
        events.Clear();
    }

    /// <summary>A table by operator, the longest first, with a last line of totals, in plain text.</summary>
    /// <param name="rows">At most so many operators.</param>
    public string Table(int rows = int.MaxValue)
    {
        var table = new TextTable("Name", "CPU total %", "CPU total", "CPU time avg", "CPU time max", "# of Calls");
        foreach (var time in ByOperator.Take(rows))
        {
            table.Add(time.Operator, (100 * time.Share).ToString("F2", CultureInfo.InvariantCulture) + "%", Text(time.Total),
                Text(time.Mean), Text(time.Longest), time.Calls.ToString(CultureInfo.InvariantCulture));
        }

        return table.ToString("Total", sums.Count == 0 ? "" : "100.00%", Text(Total), "", "", Calls.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public override string ToString() => Table();

    /// <summary>Writes the calls in Chrome's trace format, which chrome://tracing and Perfetto show on a time line.</summary>
    /// <param name="stream">Left open.</param>
    /// <exception cref="InvalidOperationException">The profiler was made without <c>trace</c>.</exception>
    public void WriteTrace(Stream stream)
    {
        if (!trace) throw new InvalidOperationException("no trace was kept: make the profiler with trace: true");
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        long first = events.Count > 0 ? events[0].Start : 0;
        foreach (var item in events)
        {
            json.WriteStartObject();
            json.WriteString("ph", "X");
            json.WriteString("cat", "cpu_op");
            json.WriteString("name", item.Name);
            json.WriteNumber("pid", Environment.ProcessId);
            json.WriteNumber("tid", item.Thread);
            json.WriteNumber("ts", Stopwatch.GetElapsedTime(first, item.Start).TotalMicroseconds);
            json.WriteNumber("dur", Stopwatch.GetElapsedTime(0, item.Ticks).TotalMicroseconds);
            json.WriteStartObject("args");
            json.WriteStartArray("Input Dims");
            foreach (long[] shape in item.Shapes)
            {
                json.WriteStartArray();
                foreach (long size in shape) json.WriteNumberValue(size);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    protected internal override void Called(in OperatorCall call)
    {
        if (!sums.TryGetValue(call.Operator.Name, out var sum)) sums.Add(call.Operator.Name, sum = new Sum());
        sum.Calls++;
        sum.Ticks += call.Ticks;
        sum.Longest = Math.Max(sum.Longest, call.Ticks);
        if (!trace) return;
        long[][] shapes = new long[call.Arguments.Length][];
        for (int k = 0; k < shapes.Length; k++) shapes[k] = OperatorCall.ShapeOf(call.Arguments[k]).ToArray();
        events.Add(new Event(call.Operator.ToString(), call.Start, call.Ticks, Environment.CurrentManagedThreadId, shapes));
    }

    /// <summary>PyTorch's form: <c>1.234us</c>, <c>1.234ms</c>, <c>1.234s</c>.</summary>
    private static string Text(TimeSpan time)
    {
        double micro = time.TotalMicroseconds;
        return micro >= 1e6 ? FormattableString.Invariant($"{micro / 1e6:F3}s") : micro >= 1e3
            ? FormattableString.Invariant($"{micro / 1e3:F3}ms") : FormattableString.Invariant($"{micro:F3}us");
    }

    private sealed class Sum
    {
        public long Calls;
        public long Ticks;
        public long Longest;
    }

    private sealed record Event(string Name, long Start, long Ticks, int Thread, long[][] Shapes);
}
