using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Tables;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>Which stations are watched, and when an alarm is raised.</summary>
[Settings]
public sealed partial record WarnSettings
{
    /// <summary>Recordings: a CSV file, a folder of such, or - for a stream on standard input.</summary>
    [Required]
    public string? Stations { get; init; }

    /// <summary>Seconds between two looks.</summary>
    [Within(0.01, 3600)]
    public double Every { get; init; } = 1;

    /// <summary>Looks in a row that must show less before an alarm is lowered or cleared; one look raises it.</summary>
    [Within(1, 10_000)]
    public int Patience { get; init; } = 5;

    /// <summary>Live stations below which no alarm is raised.</summary>
    [Within(1, 100_000)]
    public int Least { get; init; } = 3;
}

/// <summary>Raises alarms from recordings or a stream of many stations.</summary>
public sealed class Warn : Ability<Nothing, ToldLines, WarnSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Warn;

    /// <inheritdoc/>
    public override string Purpose =>
        "recordings of stations (CSV with time, station, kind, e, n, u) or a stream of them; out, a JSON line for " +
        "each alarm: time, class, votes";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--stations recordings/", "alarms of a folder's recordings")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<EarthquakeWarning>();

    /// <inheritdoc/>
    public override Session<Nothing, ToldLines, WarnSettings> Open(OpenRequest request) => new WarnSession(request);
}

/// <summary>An early warning, loaded.</summary>
public sealed class WarnSession : Session<Nothing, ToldLines, WarnSettings>
{
    private const string StandardInput = "-";
    private readonly EarlyWarning model;
    private readonly DmseewSettings learnt;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">There is no run.</exception>
    public WarnSession(OpenRequest request)
    {
        var run = (request as CatalogueRequest)?.Run;
        learnt = run?.Configuration?.Settings as DmseewSettings
            ?? throw new UsageException($"{request.Name} knows no earthquakes before it has learnt: name the folder of a run");
        model = EarlyWarning.Read(run!.Weights);
    }

    /// <summary>Alarms of readings as they come.</summary>
    /// <param name="text">CSV; read as far as it is written.</param>
    /// <param name="settings">How often and by how many.</param>
    /// <param name="remark">Told of clocks that are off, and of stations whose lines cannot be read.</param>
    public ToldLines Watch(TextReader text, WarnSettings settings, Action<string>? remark = null) =>
        new(Stream(settings, remark).Lines(SensorReadings.Read(text, "standard input", LeftOut(remark)), null));

    /// <inheritdoc/>
    protected override IReadOnlyList<ToldLines> Answer(
        IReadOnlyList<Nothing> inputs, WarnSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        void Remark(string said) => progress?.Report(new WorkProgress("watching", 0, 0) { Remark = said });
        string place = settings.Stations!;
        if (place == StandardInput) return [Watch(Console.In, settings, Remark)];
        string[] files = Directory.Exists(place) ? [.. Directory.EnumerateFiles(place, "*.csv").Order(StringComparer.Ordinal)]
            : File.Exists(place) ? [place]
            : throw new SettingsException("stations", called => $"{called}: there is no file or folder '{place}'");
        if (files.Length == 0) throw new SettingsException("stations", called => $"{called}: '{place}' holds no CSV file");
        return [new ToldLines(files.SelectMany(file => Of(file, settings, Remark, cancellation)))];
    }

    private IEnumerable<string> Of(string file, WarnSettings settings, Action<string> remark, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var text = new StreamReader(file);
        var readings = SensorReadings.Read(text, file, LeftOut(remark)).GroupBy(reading => reading.Station).ToList();
        // A file has all stations one after the other, or by time: it is played by time, clocks that are off where they begin.
        if (readings.Count == 0) yield break;
        double start = EventRecording.Middle(readings.Select(station => station.First().Time));
        var played = readings.SelectMany(station =>
        {
            double first = station.First().Time, off = Math.Abs(first - start) > learnt.Samples / learnt.Rate ? first - start : 0;
            if (off != 0) remark($"{file}: the clock of '{station.Key}' is {off:0} s off; its own beginning is taken");
            return station.Select(reading => reading with { Time = reading.Time - off });
        }).OrderBy(reading => reading.Time);
        foreach (string line in Stream(settings, remark).Lines(played, Path.GetFileName(file))) yield return line;
    }

    /// <summary>Tells of a station's first line that cannot be read; the others are watched all the same.</summary>
    private static Action<string, TableException> LeftOut(Action<string>? remark)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        return (station, fault) =>
        {
            if (told.Add(station)) remark?.Invoke($"{fault.Message}; such lines of '{station}' are left out");
        };
    }

    private AlarmStream Stream(WarnSettings settings, Action<string>? remark) =>
        new(model, learnt.Rate, learnt.Samples, settings, remark);
}
