using Sconce.Data;
using Sconce.Metrics;
using Sconce.Tables;
using Sconce.Training;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>A table for training: rows to learn from, rows that are held out, and what is answered.</summary>
/// <param name="Training">Rows to learn from.</param>
/// <param name="HeldOut">Rows to be asked about.</param>
/// <param name="Target">What is answered.</param>
internal sealed record TableData(Table Training, Table HeldOut, TableTarget Target)
{
    /// <summary>Reads and divides it.</summary>
    /// <exception cref="SettingsException">No table or no target is named, or a column that there is not.</exception>
    /// <exception cref="TableException">The table cannot be used.</exception>
    public static TableData Open(RunConfiguration configuration, ITabularSettings settings, CancellationToken cancellation)
    {
        if (configuration.Data.Length == 0)
            throw new SettingsException("data", called => $"which table? Name a CSV or Parquet file with {called}");
        var whole = Read(configuration.Data, settings.Table, cancellation);
        string name = settings.Table.Target
            ?? throw new SettingsException(
                "target", called => $"which column is to be answered? Name it with {called}; there are {Some(whole)}");
        foreach (string column in settings.Table.Categories.Append(name)) _ = whole[column];
        var target = TableTarget.Learn(whole, name, settings.Table.AsClasses);
        if (whole.Columns.Count < 2)
            throw new TableException(whole.Name, $"beside the target '{name}' there is no column to answer it from");
        if (whole.Rows < 5) throw new TableException(whole.Name, $"{whole.Rows} rows are too few to learn from and to be asked about");
        int[] order = AugmentationRandom.Permutation(whole.Rows, configuration.Run.Seed, 0);
        int held = Math.Clamp((int)Math.Round(configuration.Run.Validation * whole.Rows), 1, whole.Rows - 2);
        return new TableData(whole.Select([.. order[held..].Order()]), whole.Select([.. order[..held].Order()]), target);
    }

    /// <summary>Reads a table without the columns that are left out.</summary>
    public static Table Read(string path, TableSettings settings, CancellationToken cancellation)
    {
        var table = Table.Read(path, new TableOptions { TextColumns = settings.Categories }, cancellation);
        foreach (string column in settings.Without) _ = table[column];
        return settings.Without.Count == 0
            ? table
            : new Table(path, [.. table.Columns.Where(column => !settings.Without.Contains(column.Name))]);
    }

    /// <summary>The figures of answers: R² and errors of numbers, accuracy, log loss and AUROC of classes.</summary>
    public static FigureSet Figures(TableTarget target, double[] truths, double[] answers)
    {
        var figures = new FigureSet();
        if (target.Classes is not { } classes)
        {
            figures.Add("R2", TabularMetrics.R2(truths, answers));
            figures.Add("rmse", TabularMetrics.RootMeanSquaredError(truths, answers), FigureDirection.LowerIsBetter);
            figures.Add("mae", TabularMetrics.MeanAbsoluteError(truths, answers), FigureDirection.LowerIsBetter);
            return figures;
        }

        int[] labels = [.. truths.Select(truth => (int)truth)];
        figures.Add("accuracy", TabularMetrics.Accuracy(labels, answers, classes.Count));
        figures.Add("log loss", TabularMetrics.LogLoss(labels, answers, classes.Count), FigureDirection.LowerIsBetter);
        if (classes.Count > 2) return figures;
        double[] scores = [.. labels.Select((_, row) => answers[(2 * row) + 1])];
        figures.Add("auroc", RankingMetrics.Auroc(scores, [.. labels.Select(label => label == 1)]));
        return figures;
    }

    /// <summary>The figure by which the best is told where none is named.</summary>
    public static string Watched(TableTarget target, string? asked) => WatchedFigure.Settle(
        asked, target.Classes is null ? "R2" : "log loss",
        target.Classes switch
        {
            null => ["R2", "rmse", "mae"],
            { Count: 2 } => ["accuracy", "log loss", "auroc"],
            _ => ["accuracy", "log loss"],
        });

    private static string Some(Table table) =>
        string.Join(", ", table.Columns.Take(12).Select(column => column.Name)) + (table.Columns.Count > 12 ? ", …" : "");
}
