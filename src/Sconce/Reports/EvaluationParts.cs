using System.Globalization;
using System.Text;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Training;

namespace Sconce.Reports;

/// <summary>An evaluation on a page: figures, a row a class, who is taken for whom, thresholds, calibration, the worst mistakes.</summary>
internal static class EvaluationParts
{
    private const int MostClasses = 200, LargestMatrix = 40, MostPairs = 30;

    internal static void Add(PageParts page, EvaluationReport report)
    {
        page.Table(["figure", ">value"], report.Figures.Select(figure => Row(figure.Key, figure.Value)));
        if (report.Rows.Count > 0)
        {
            page.Heading("Each class");
            page.Table(
                ["class", .. report.Columns.Select(column => ">" + column)],
                report.Rows.Take(MostClasses).Select(row => (IReadOnlyList<string>)[row.Name, .. row.Values.Select(ClaimFigures.Number)]));
            if (report.Rows.Count > MostClasses) page.Quiet($"and {report.Rows.Count - MostClasses} more");
        }

        if (report.Classifier is { } detail) Classifier(page, detail);
    }

    private static void Classifier(PageParts page, ClassifierDetail detail)
    {
        Confusion(page, detail);
        page.Heading("Is it as sure as it is right?");
        page.Quiet($"Expected calibration error {ClaimFigures.Number(detail.Calibration.ExpectedError)}, the largest of a bin "
            + $"{ClaimFigures.Number(detail.Calibration.MaximumError)}.");
        page.Table(["confidence", ">pictures", ">mean confidence", ">accuracy"], detail.Calibration.Bins.Where(bin => bin.Count > 0)
            .Select(bin => (IReadOnlyList<string>)
            [$"{Number(bin.From)} to {Number(bin.To)}", $"{bin.Count}", ClaimFigures.Number(bin.Confidence),
                ClaimFigures.Number(bin.Accuracy)]));
        page.Heading("If it may say that it does not know");
        page.Table(["least confidence", ">answered", ">accuracy of the answers"], detail.Confidences.Select(row => (IReadOnlyList<string>)
            [Number(row.Threshold), ClaimFigures.Number(row.Answered), ClaimFigures.Number(row.Accuracy)]));
        if (detail.Best is { } best)
        {
            page.Heading($"Thresholds of {detail.Classes[1]}");
            page.Quiet($"The highest F1 is {ClaimFigures.Number(best.F1)}, at {ClaimFigures.Number(best.Threshold)}.");
            page.Table(["threshold", ">precision", ">recall", ">false alarms", ">F1"],
                detail.Thresholds.Select(row => (IReadOnlyList<string>)
                [Number(row.Threshold), .. new[] { row.Precision, row.Recall, row.FalsePositiveRate, row.F1 }.Select(
                    ClaimFigures.Number)]));
        }

        Mistakes(page, detail.Mistakes);
    }

    /// <summary>As pictures where they are some, else as a table.</summary>
    private static void Mistakes(PageParts page, IReadOnlyList<Mistake> mistakes)
    {
        if (mistakes.Any(mistake => mistake.Thumbnail is null))
        {
            page.Heading("The worst mistakes");
            page.Table(["file", "is", "was taken for", ">confidence"], mistakes.Select(mistake => (IReadOnlyList<string>)
                [mistake.Name, mistake.Label, mistake.Answer, ClaimFigures.Number(mistake.Confidence)]));
            return;
        }

        page.Pictures("The worst mistakes", [.. mistakes.Select(mistake => new PagePicture(
            $"{mistake.Label}, taken for {mistake.Answer} ({mistake.Confidence.ToString("0.00", CultureInfo.InvariantCulture)}): "
                + $"{Path.GetFileName(mistake.Name)}",
            mistake.Thumbnail!.Encode(ImageFormat.Png)))]);
    }

    private static void Confusion(PageParts page, ClassifierDetail detail)
    {
        page.Heading("Who is taken for whom");
        if (detail.Classes.Count > LargestMatrix)
        {
            page.Table(["is", "was taken for", ">times"], detail.MixedUp.Take(MostPairs)
                .Select(pair => (IReadOnlyList<string>)[pair.Label, pair.Answer, $"{pair.Count}"]));
            return;
        }

        page.Quiet("A row is a true class, a column what it was taken for.");
        var matrix = new StringBuilder("<div class=\"wide\"><table class=\"matrix\">\n<tr><th></th>");
        foreach (string name in detail.Classes) matrix.Append($"<th>{PageParts.Text(name)}</th>");
        matrix.Append("</tr>\n");
        for (int label = 0; label < detail.Classes.Count; label++)
        {
            matrix.Append($"<tr><th>{PageParts.Text(detail.Classes[label])}</th>");
            for (int answer = 0; answer < detail.Classes.Count; answer++) matrix.Append(Cell(detail.Confusion, label, answer));
            matrix.Append("</tr>\n");
        }

        page.Add(matrix.Append("</table></div>").ToString());
    }

    private static string Cell(ConfusionMatrix confusion, int label, int answer)
    {
        long count = confusion[label, answer];
        string share = (100.0 * count / Math.Max(1, confusion.Labelled(label))).ToString("0", CultureInfo.InvariantCulture);
        string kind = label == answer ? "right" : "wrong";
        return count == 0 ? "<td></td>" : $"<td class=\"{kind}\" style=\"--share: {share}\">{count}</td>";
    }

    private static IReadOnlyList<string> Row(string name, double value) => [name, ClaimFigures.Number(value)];

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
