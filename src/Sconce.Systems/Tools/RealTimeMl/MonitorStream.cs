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
    ];

    /// <inheritdoc/>
    public override Session<TableFile, MonitorAnswer, MonitorSettings> Open(OpenRequest request) => new MonitorSession();
}

/// <summary>Watches. It keeps nothing between two tables.</summary>
public sealed class MonitorSession : Session<TableFile, MonitorAnswer, MonitorSettings>
{
    private const double LeastRate = 0.02;

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<MonitorAnswer> Answer(
        IReadOnlyList<TableFile> inputs, MonitorSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Watched(input.Read(null, cancellation), settings, cancellation))];

    /// <inheritdoc/>
    protected override void Free()
    {
    }

    internal static MonitorAnswer Watched(Table table, MonitorSettings settings, CancellationToken cancellation)
    {
        string name = settings.Target
            ?? throw new SettingsException("target", called => $"which column says what was right? Name it with {called}");
        var target = table[name];
        string[] truths = [.. Enumerable.Range(0, table.Rows).Select(row => target.Text(row)
            ?? throw new TableException(table.Name, $"the target '{name}' is blank in row {row + 1}"))];
        string[] classes = [.. truths.Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length < 2) throw new TableException(table.Name, $"the target '{name}' is '{classes.FirstOrDefault()}' in every row");
        var answer = settings.Answers is { } own ? Given(table[own]) : Learning(table, classes, truths, settings);
        return Followed(truths, answer, settings, cancellation);
    }

    /// <summary>A model's own answers.</summary>
    private static Func<int, bool, string> Given(TableColumn answers) => (row, _) => answers.Text(row) ?? "";

    /// <summary>A model that is asked about each row, and then told; whether the last row was a change it hears at the next.</summary>
    private static Func<int, bool, string> Learning(Table table, string[] classes, string[] truths, MonitorSettings settings)
    {
        foreach (string column in settings.Without) _ = table[column];
        TableColumn[] seen = [.. table.Columns.Where(column => column.Name != settings.Target && !settings.Without.Contains(column.Name))];
        if (seen.Length == 0) throw new TableException(table.Name, "beside the target there is no column to answer it from");
        var features = new StreamFeatures(seen);
        var learner = new OnlineLogistic(classes.Length, settings.Adapt ? LeastRate : 0);
        return (row, changed) =>
        {
            if (changed && settings.Adapt) learner.BeginAnew();
            double[] input = features.Of(row);
            double[] probabilities = learner.Predict(input);
            learner.Learn(input, Array.IndexOf(classes, truths[row]));
            features.Learn(row);
            return classes[Array.IndexOf(probabilities, probabilities.Max())];
        };
    }

    private static MonitorAnswer Followed(
        string[] truths, Func<int, bool, string> answer, MonitorSettings settings, CancellationToken cancellation)
    {
        var detector = settings.CreateDetector();
        var error = new Prequential(settings.Fading);
        List<IReadOnlyList<object?>> changes = [], trace = [];
        var level = DriftLevel.None;
        for (int row = 0; row < truths.Length; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            string said = answer(row, level == DriftLevel.Drift);
            bool wrong = said != truths[row];
            error.Add(wrong ? 1 : 0);
            level = detector.Update(wrong ? 1 : 0);
            trace.Add([row + 1, said, wrong ? 1 : 0, error.Recent]);
            if (level != DriftLevel.None) changes.Add([row + 1, level == DriftLevel.Drift ? "change" : "warning", error.Recent]);
        }

        var figures = new Rows(
            ["figure", "value"],
            [
                ["rows", truths.Length], ["error", error.Mean], ["recent error", error.Recent],
                ["changes", changes.Count(change => (string)change[1]! == "change")],
            ]);
        return new MonitorAnswer(
            figures, new Rows(["row", "what", "recent error"], changes), new Rows(["row", "answer", "wrong", "recent error"], trace));
    }
}
