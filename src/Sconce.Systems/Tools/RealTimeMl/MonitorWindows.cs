using System.Globalization;
using Sconce.Abilities;
using Sconce.Tables;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>Which windows are told.</summary>
[Settings]
public sealed partial record WindowSettings
{
    /// <summary>Count events and average a column over windows of so many seconds of event time.</summary>
    [Within(0, Above = true)]
    public double? Window { get; init; }

    /// <summary>Seconds from one window's start to the next one's; the window itself where left out, so that windows tumble.</summary>
    [Within(0, Above = true)]
    [LeftOpen]
    public double? Slide { get; init; }

    /// <summary>The column of event times: seconds, or dates and times.</summary>
    [Required]
    public string Time { get; init; } = "";

    /// <summary>The column that says whose an event is; all events are one key where left out.</summary>
    public string? Key { get; init; }

    /// <summary>The column that is averaged; events are only counted where left out.</summary>
    public string? Mean { get; init; }

    /// <summary>Seconds for which events that come out of order are waited for.</summary>
    [Within(0)]
    public double Lateness { get; init; }

    /// <summary>Seconds after which an event counts half, for a decayed count and mean besides; none where left out.</summary>
    [Within(0, Above = true)]
    public double? HalfLife { get; init; }
}

/// <summary>A stream window by window.</summary>
/// <param name="Figures">Rows, windows, late events.</param>
/// <param name="Windows">A row a window and key, as they became complete.</param>
/// <param name="Decayed">A row a key: its decayed count and mean at its last event; none where not asked for.</param>
public sealed record WindowAnswer(Rows Figures, Rows Windows, Rows? Decayed) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => Decayed is { } decayed
        ? [("figures", Figures), ("windows", Windows), ("decayed", decayed)]
        : [("figures", Figures), ("windows", Windows)];
}

/// <summary>Counts and means over windows of event time.</summary>
public sealed class MonitorWindows : Ability<TableFile, WindowAnswer, WindowSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Monitor;

    /// <inheritdoc/>
    public override string AskedBy => "window";

    /// <inheritdoc/>
    public override string Purpose =>
        "tables of events in, in the order in which they came; out, counts and means a key over windows of event time";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("clicks.csv --window 60 --time at --key user --mean price --lateness 5", "a minute at a time, whenever the rows came")];

    /// <inheritdoc/>
    public override Session<TableFile, WindowAnswer, WindowSettings> Open(OpenRequest request) => new WindowSession();
}

/// <summary>Counts. It keeps nothing between two tables.</summary>
public sealed class WindowSession : Session<TableFile, WindowAnswer, WindowSettings>
{
    private const string Everything = "all";

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<WindowAnswer> Answer(
        IReadOnlyList<TableFile> inputs, WindowSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Counted(input.Read(null, cancellation), settings, cancellation))];

    private static WindowAnswer Counted(Table table, WindowSettings settings, CancellationToken cancellation)
    {
        double length = settings.Window ?? throw new SettingsException("window", called => $"{called} is missing: how long is a window?");
        if (settings.Slide > length)
            throw new SettingsException("slide", called => $"{called} {settings.Slide}: it is at most the window of {length} seconds");
        TableColumn times = table[settings.Time];
        var keys = settings.Key is { } key ? table[key] : null;
        var values = settings.Mean is { } mean ? table[mean] : null;
        if (values is { IsNumber: false })
            throw new TableException(table.Name, $"'{settings.Mean}' holds texts, of which there is no mean");
        var windows = new EventWindows(length, settings.Slide ?? length, settings.Lateness);
        var decayed = settings.HalfLife is { } half ? new DecayedMeans(half) : null;
        var told = new List<WindowFigure>();
        var last = new SortedDictionary<string, (double Count, double Mean)>(StringComparer.Ordinal);
        for (int row = 0; row < table.Rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            double time = Seconds(table, times, row), value = values is null ? double.NaN : values.Numbers[row];
            string whose = keys is null ? Everything : keys.Text(row) ?? "";
            told.AddRange(windows.Add(time, whose, value));
            if (decayed is not null && !double.IsNaN(value)) last[whose] = decayed.Add(time, whose, value);
            else if (decayed is not null && values is null) last[whose] = decayed.Add(time, whose, 1);
        }

        told.AddRange(windows.End());
        var figures = new Rows(["figure", "value"],
            [["rows", table.Rows], ["windows", told.Select(figure => figure.Start).Distinct().Count()], ["late", windows.Late]]);
        return new WindowAnswer(
            figures,
            new Rows(["from", "to", "key", "count", "mean"], [.. told.Select(figure => (IReadOnlyList<object?>)
                [figure.Start, figure.Start + length, figure.Key, figure.Count, double.IsNaN(figure.Mean) ? null : figure.Mean])]),
            decayed is null ? null : new Rows(["key", "count", "mean"],
                [.. last.Select(entry => (IReadOnlyList<object?>)[entry.Key, entry.Value.Count, entry.Value.Mean])]));
    }

    private static double Seconds(Table table, TableColumn times, int row)
    {
        if (times.IsNumber && !times.IsBlank(row)) return times.Numbers[row];
        string text = times.Text(row) ?? throw new TableException(table.Name, $"the time '{times.Name}' is blank in row {row + 1}");
        bool isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        return isTime ? time.ToUnixTimeMilliseconds() / 1000.0
            : throw new TableException(table.Name, $"row {row + 1}: '{text}' is no time: seconds, or 2020-12-24T18:00:00");
    }
}
