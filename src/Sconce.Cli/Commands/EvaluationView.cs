using System.Globalization;
using Sconce.Reports;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>Writes an evaluation for people: figures, classes, who is taken for whom, calibration, thresholds.</summary>
internal static class EvaluationView
{
    private const int MostClasses = 50, MostPairs = 10, WidestMatrix = 10;

    public static void Write(Terminal terminal, EvaluationReport report)
    {
        terminal.Write(Columns.Facts(
            [(report.Items, $"{report.Count}"), .. report.Figures.Select(figure => (figure.Key, ClaimFigures.Number(figure.Value)))]));
        if (report.Rows.Count is > 0 and <= MostClasses)
        {
            terminal.Write(Columns.Line());
            var table = Columns.Of(["class", .. report.Columns.Select(column => ">" + column)]);
            foreach (var (name, values) in report.Rows) table.Add([name, .. values.Select(ClaimFigures.Number)]);
            terminal.Write(table);
        }

        if (report.Classifier is not { } detail) return;
        Confusion(terminal, detail);
        Calibration(terminal, detail);
        Thresholds(terminal, detail);
    }

    private static void Confusion(Terminal terminal, ClassifierDetail detail)
    {
        var mixed = detail.MixedUp;
        if (mixed.Count == 0) return;
        terminal.Write(Columns.Line());
        if (detail.Classes.Count > WidestMatrix || detail.Classes.Sum(name => name.Length + 2) > 60)
        {
            var pairs = Columns.Of("is", "was taken for", ">times");
            foreach (var (label, answer, count) in mixed.Take(MostPairs)) pairs.Add(label, answer, $"{count}");
            terminal.Write(pairs);
            if (mixed.Count > MostPairs) terminal.Write(Columns.Line($"and {mixed.Count - MostPairs} more pairs (--json, --out)"));
            return;
        }

        var matrix = Columns.Of(["is \\ was taken for", .. detail.Classes.Select(name => ">" + name)]);
        for (int label = 0; label < detail.Classes.Count; label++)
        {
            int row = label;
            matrix.Add([detail.Classes[row], .. Enumerable.Range(0, detail.Classes.Count)
                .Select(answer => $"{detail.Confusion[row, answer]}")]);
        }

        terminal.Write(matrix);
    }

    private static void Calibration(Terminal terminal, ClassifierDetail detail)
    {
        terminal.Write(Columns.Line());
        terminal.Write(Columns.Line($"expected calibration error {ClaimFigures.Number(detail.Calibration.ExpectedError)}"));
        var table = Columns.Of("confidence", ">pictures", ">mean confidence", ">accuracy");
        foreach (var bin in detail.Calibration.Bins.Where(bin => bin.Count > 0))
        {
            table.Add(
                $"{Short(bin.From)} to {Short(bin.To)}", bin.Count.ToString(CultureInfo.InvariantCulture),
                ClaimFigures.Number(bin.Confidence), ClaimFigures.Number(bin.Accuracy));
        }

        terminal.Write(table);
    }

    private static void Thresholds(Terminal terminal, ClassifierDetail detail)
    {
        terminal.Write(Columns.Line());
        if (detail.Best is { } best)
        {
            terminal.Write(Columns.Line(
                $"{detail.Classes[1]}: the highest F1 is {ClaimFigures.Number(best.F1)}, at the threshold "
                    + $"{ClaimFigures.Number(best.Threshold)}"));
            var two = Columns.Of("threshold", ">precision", ">recall", ">false alarms", ">F1");
            foreach (var row in detail.Thresholds)
            {
                two.Add([Short(row.Threshold), .. new[] { row.Precision, row.Recall, row.FalsePositiveRate, row.F1 }.Select(
                    ClaimFigures.Number)]);
            }

            terminal.Write(two);
            return;
        }

        var table = Columns.Of("least confidence", ">answered", ">accuracy of these");
        foreach (var row in detail.Confidences) table.Add(Short(row.Threshold), ClaimFigures.Number(row.Answered),
            ClaimFigures.Number(row.Accuracy));
        terminal.Write(table);
    }

    private static string Short(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
