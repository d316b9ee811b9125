using System.Globalization;
using Sconce.Claims;

namespace Sconce.Reports;

/// <summary>Figures of claims as texts, alike in the terminal, the report and the ledger.</summary>
public static class ClaimFigures
{
    /// <summary>A verdict in words: <c>holds</c>, <c>does not hold</c>, <c>undecided</c>, or <c>could not run</c> for none.</summary>
    public static string Words(Verdict? verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.DoesNotHold => "does not hold",
        Verdict.Undecided => "undecided",
        _ => "could not run",
    };

    /// <summary>The mean, and the sample standard deviation where there are several seeds: <c>0.9123 ± 0.0041</c>.</summary>
    /// <param name="values">One a seed; NaN where the run diverged.</param>
    public static string MeanAndSpread(IReadOnlyList<double> values)
    {
        int diverged = values.Count(value => !double.IsFinite(value));
        if (diverged > 0) return diverged == values.Count ? "diverged" : $"diverged in {diverged} of {values.Count}";
        var row = new ClaimRow("", "", values);
        if (values.Count == 0) return "–";
        if (values.Count == 1 || row.Spread == 0) return Number(row.Mean) + (values.Count > 1 ? " ± 0" : "");
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(row.Spread)), 0, 12);
        if (Math.Abs(row.Mean) >= 1e9 || decimals > 9)
            return $"{Number(row.Mean)} ± {row.Spread.ToString("G2", CultureInfo.InvariantCulture)}";
        return $"{row.Mean.ToString($"F{decimals}", CultureInfo.InvariantCulture)} ± "
            + $"{row.Spread.ToString($"F{decimals}", CultureInfo.InvariantCulture)}";
    }

    /// <summary>One number with four significant digits.</summary>
    public static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsInfinity(value) ? (value > 0 ? "∞" : "-∞")
        : value == Math.Round(value) && Math.Abs(value) < 1e9 ? value.ToString("F0", CultureInfo.InvariantCulture)
        : value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A duration in words: <c>45 s</c>, <c>12 min</c>, <c>3 h 20 min</c>.</summary>
    public static string Words(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 10 => $"{duration.TotalSeconds:0.0} s",
        < 99.5 => $"{duration.TotalSeconds:0} s",
        < 5970 => $"{duration.TotalMinutes:0} min",
        _ => $"{Math.Floor(Math.Round(duration.TotalMinutes) / 60):0} h {Math.Round(duration.TotalMinutes) % 60:0} min",
    };
}
