using System.Globalization;
using System.Text;
using Sconce.Reports;

namespace Sconce.Cli.Progress;

/// <summary>Progress as one plain line, for logs.</summary>
internal static class ProgressLine
{
    /// <summary>Such as <c>nfnets: training, seed 2: 37 % (370 of 1,000), 2 min left, loss 0.31</c>.</summary>
    public static string Format(string title, WorkProgress? work, TimeSpan elapsed, TimeSpan? left)
    {
        var line = new StringBuilder(title);
        if (work is null) return line.Append($": {ClaimFigures.Words(elapsed)}").ToString();
        if (work.Stage.Length > 0) line.Append($": {work.Stage}");
        if (work.Total > 0) line.Append(CultureInfo.InvariantCulture, $": {Share(work):P0} ({work.Done:N0} of {work.Total:N0})");
        else if (work.Done > 0) line.Append(CultureInfo.InvariantCulture, $": {work.Done:N0}");
        line.Append(left is { } rest ? $", {ClaimFigures.Words(rest)} left" : $", {ClaimFigures.Words(elapsed)} so far");
        if (work.Detail.Length > 0) line.Append($", {work.Detail}");
        return line.ToString();
    }

    /// <summary>The share done, in [0, 1].</summary>
    public static double Share(WorkProgress work) => work.Total <= 0 ? 0 : Math.Clamp(work.Done / (double)work.Total, 0, 1);
}
