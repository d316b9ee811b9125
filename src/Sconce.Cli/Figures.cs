using System.Globalization;
using Sconce.Catalogue;
using Sconce.Networks;

namespace Sconce.Cli;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    /// <summary>A count with three digits: <c>25.6 M</c>; an en dash for 0, which stands for unknown.</summary>
    public static string Count(long count) => count switch
    {
        0 => "–",
        < 10_000 => count.ToString("N0", CultureInfo.InvariantCulture),
        < 1_000_000 => Three(count / 1e3, "k"),
        < 1_000_000_000 => Three(count / 1e6, "M"),
        < 1_000_000_000_000 => Three(count / 1e9, "G"),
        _ => Three(count / 1e12, "T"),
    };

    /// <summary>Bytes: <c>97.8 MiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1L << 20 => Three(bytes / 1024.0, "KiB"),
        < 1L << 30 => Three(bytes / (double)(1L << 20), "MiB"),
        _ => Three(bytes / (double)(1L << 30), "GiB"),
    };

    /// <summary>A shape: <c>3 × 224 × 224</c>; an en dash where one tensor does not say it.</summary>
    public static string Shape(ModelVariant variant) =>
        variant.Find<TensorInput>() is { } input ? string.Join(" × ", input.Shape) : "–";

    /// <summary>A paper as it is cited.</summary>
    public static string Citation(Paper paper) => $"{paper.Title}. {paper.Authors}, {paper.Year}";

    private static string Three(double value, string unit) =>
        $"{value.ToString(value < 9.995 ? "F2" : value < 99.95 ? "F1" : "F0", CultureInfo.InvariantCulture)} {unit}";
}
