using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Tables;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>How rows are answered.</summary>
[Settings]
public sealed partial record TablePredictSettings
{
    /// <summary>A column of the rows that is written beside each answer: their number, say.</summary>
    public string? Key { get; init; }
}

/// <summary>Answers the rows of tables: a number each, or the likeliest class with each class's probability.</summary>
public sealed class TablePredict : Ability<TableFile, Rows, TablePredictSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Predict;

    /// <inheritdoc/>
    public override string Purpose =>
        "tables in (CSV, Parquet); out, for each, a row an answer: a number, or the likeliest class and all probabilities";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<TablePredictor>();

    /// <inheritdoc/>
    public override Session<TableFile, Rows, TablePredictSettings> Open(OpenRequest request) => new TablePredictSession(request);
}

/// <summary>A run's model, loaded.</summary>
public sealed class TablePredictSession : Session<TableFile, Rows, TablePredictSettings>
{
    private readonly TableModel model;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">There is no run.</exception>
    public TablePredictSession(OpenRequest request) => model = TableModel.Open((request as CatalogueRequest)?.Run
        ?? throw new UsageException($"{request.Name} answers nothing before it has learnt from a table: name the folder of a run"));

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>What a person should know of a column that is unlike training.</summary>
    internal static string Remark(PreparationNote note)
    {
        string unseen = note.UnseenKinds > 0 ? $"{note.UnseenKinds} rows of a kind that training did not have" : "";
        string blanks = note.NewBlanks > 0 ? $"{note.NewBlanks} blanks where training had none" : "";
        return $"the column '{note.Column}' has {unseen}{(unseen.Length > 0 && blanks.Length > 0 ? " and " : "")}{blanks}";
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Rows> Answer(
        IReadOnlyList<TableFile> inputs, TablePredictSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var options = new TableOptions { TextColumns = model.Preparation.TextColumns };
        return [.. inputs.Select(input => Answered(input.Read(options, cancellation), settings, progress))];
    }

    /// <inheritdoc/>
    protected override void Free() => model.Dispose();

    private Rows Answered(Table table, TablePredictSettings settings, IProgress<WorkProgress>? progress)
    {
        var key = settings.Key is { } name ? table[name] : null;
        double[] answers = model.Answer(table, out var notes);
        foreach (var note in notes)
            progress?.Report(new WorkProgress("predicting", table.Rows, table.Rows, Remark(note)));
        var (target, classes) = (model.Target.Name, model.Target.Classes);
        string[] before = key is null ? [] : [key.Name];
        IReadOnlyList<string> columns = [.. before, target, .. classes?.Select(kind => $"p({kind})") ?? []];
        var items = new List<IReadOnlyList<object?>>(table.Rows);
        for (int row = 0; row < table.Rows; row++)
        {
            object?[] named = key is null ? [] : [key.Text(row)];
            if (classes is null)
            {
                items.Add([.. named, answers[row]]);
                continue;
            }

            double[] own = answers[(row * classes.Count)..((row + 1) * classes.Count)];
            items.Add([.. named, classes[Array.IndexOf(own, own.Max())], .. own.Cast<object?>()]);
        }

        return new Rows(columns, items);
    }
}
