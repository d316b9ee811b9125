using Sconce.Abilities;
using Sconce.Tables;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>A stream as it went.</summary>
/// <param name="Figures">The error over all rows, and at the end.</param>
/// <param name="Changes">A row a change or warning: where, and the recent error there.</param>
/// <param name="Trace">A row a row: the answer, whether it was wrong, the recent error.</param>
public sealed record MonitorAnswer(Rows Figures, Rows Changes, Rows Trace) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("figures", Figures), ("changes", Changes), ("trace", Trace)];
}

/// <summary>Watches a table row by row, as it would come in, and says when the world has changed.</summary>
public sealed class MonitorStream : Ability<TableFile, MonitorAnswer, MonitorSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Monitor;

    /// <inheritdoc/>
    public override string Purpose =>
        "tables in, oldest row first; out, where a model's errors changed, whether it is yours (its answers a column) or learns on the way";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("stream.csv --target y", "a model learns row by row; where did that become harder?"),
        ("answers.csv --target y --answers p --detector ddm", "the errors of a model of your own"),
        ("today.csv --target y --state learner.json", "what was learnt yesterday goes on today"),
    ];

    /// <inheritdoc/>
    public override Session<TableFile, MonitorAnswer, MonitorSettings> Open(OpenRequest request) => new MonitorSession();
}

/// <summary>Watches. It keeps nothing between two tables.</summary>
public sealed class MonitorSession : Session<TableFile, MonitorAnswer, MonitorSettings>
{
    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<MonitorAnswer> Answer(
        IReadOnlyList<TableFile> inputs, MonitorSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Watched(input, settings, cancellation))];

    /// <inheritdoc/>
    protected override void Free()
    {
    }

    internal static MonitorAnswer Watched(
        Table table, MonitorSettings settings, CancellationToken cancellation, MonitorMemory? before = null)
    {
        string name = TargetOf(settings);
        var target = table[name];
        string[] truths = [.. Enumerable.Range(0, table.Rows).Select(row => target.Text(row)
            ?? throw new TableException(table.Name, $"the target '{name}' is blank in row {row + 1}"))];
        string[] classes = [.. before?.Classes ?? [], .. truths.Except(before?.Classes ?? []).Order(StringComparer.Ordinal)];
        if (classes.Length < 2) throw new TableException(table.Name, $"the target '{name}' is '{classes.FirstOrDefault()}' in every row");
        var watched = new WatchedModel(table, classes, truths, settings, before);
        var (answer, end) = Followed(truths, watched, settings, before?.Watch, cancellation);
        if (settings.State is { } file)
            new MonitorMemory(name, classes, settings.Detector, end, watched.Learner, watched.Features).Write(file, cancellation);
        return answer;
    }

    private static MonitorAnswer Watched(TableFile input, MonitorSettings settings, CancellationToken cancellation)
    {
        _ = TargetOf(settings);
        var before = MonitorMemory.Read(settings);
        // What was text yesterday is text today, even where all of today's are digits.
        var options = before?.Features is { } known ? new TableOptions { TextColumns = known.Texts } : null;
        return Watched(input.Read(options, cancellation), settings, cancellation, before);
    }

    private static string TargetOf(MonitorSettings settings) => settings.Target
        ?? throw new SettingsException("target", called => $"which column says what was right? Name it with {called}");

    private static (MonitorAnswer Answer, WatchMemory End) Followed(
        string[] truths, WatchedModel model, MonitorSettings settings, WatchMemory? before, CancellationToken cancellation)
    {
        var detector = settings.CreateDetector();
        var error = new Prequential(settings.Fading);
        if (before is not null) (((IRemembers)detector).Numbers, error.Numbers) = (before.Detector, before.Error);
        long earlier = error.Count, quietUntil = before?.QuietUntil ?? 0;
        List<IReadOnlyList<object?>> changes = [], trace = [];
        var level = before?.Changed == true ? DriftLevel.Drift : DriftLevel.None;
        for (int row = 0; row < truths.Length; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            string said = model.Answer(row, level == DriftLevel.Drift);
            bool wrong = said != truths[row];
            error.Add(wrong ? 1 : 0);
            level = detector.Update(wrong ? 1 : 0);
            if (error.Count <= quietUntil) level = DriftLevel.None;
            if (level == DriftLevel.Drift) quietUntil = error.Count + settings.CoolDown;
            int place = (int)(earlier + row + 1);
            trace.Add([place, said, wrong ? 1 : 0, error.Recent]);
            if (level != DriftLevel.None) changes.Add([place, level == DriftLevel.Drift ? "change" : "warning", error.Recent]);
        }

        var figures = new Rows(
            ["figure", "value"],
            [
                ["rows", (int)error.Count], ["error", error.Mean], ["recent error", error.Recent],
                ["changes", changes.Count(change => (string)change[1]! == "change")],
            ]);
        var answer = new MonitorAnswer(
            figures, new Rows(["row", "what", "recent error"], changes), new Rows(["row", "answer", "wrong", "recent error"], trace));
        return (answer, new WatchMemory(((IRemembers)detector).Numbers, error.Numbers, level == DriftLevel.Drift, quietUntil));
    }
}
