using System.Globalization;

namespace Sconce.Training;

/// <summary>
/// One setting that a sweep goes over: values one by one (<c>batch=8,16,32</c>), or a range from which each trial draws
/// (<c>lr=log:0.001..0.3</c>, <c>momentum=0.5..0.99</c>).
/// </summary>
/// <param name="Name">As it is typed or saved.</param>
/// <param name="Values">The values; none for a range.</param>
/// <param name="From">The lower end of a range.</param>
/// <param name="To">The upper end.</param>
/// <param name="IsLogarithmic">Whether equal factors are equally likely rather than equal differences.</param>
public sealed record SweepAxis(string Name, IReadOnlyList<string> Values, double From, double To, bool IsLogarithmic)
{
    private const string Logarithmic = "log:", Through = "..";

    /// <summary>Whether trials draw from it.</summary>
    public bool IsRange => Values.Count == 0;

    /// <summary>Reads one as it is typed.</summary>
    /// <param name="text">Such as <c>lr=log:0.001..0.3</c>.</param>
    /// <exception cref="UsageException">It is none; the message says what would be.</exception>
    public static SweepAxis Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int sign = text.IndexOf('=');
        string name = sign > 0 ? text[..sign].Trim().TrimStart('-') : "", what = text[(sign + 1)..].Trim();
        if (name.Length == 0 || what.Length == 0)
            throw new UsageException($"'{text}' is nothing to go over: write batch=8,16,32 or lr=log:0.001..0.3");
        bool isLogarithmic = what.StartsWith(Logarithmic, StringComparison.OrdinalIgnoreCase);
        string range = isLogarithmic ? what[Logarithmic.Length..] : what;
        if (!isLogarithmic && !range.Contains(Through, StringComparison.Ordinal))
        {
            string[] values = [.. what.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
            return values.Length > 0 ? new SweepAxis(name, values, 0, 0, false) : throw new UsageException($"'{text}' names no value");
        }

        string[] ends = range.Split(Through);
        if (ends.Length != 2 || !Number(ends[0], out double from) || !Number(ends[1], out double to) || !(from < to))
            throw new UsageException(
                $"'{text}' is no range: write {name}={(isLogarithmic ? Logarithmic : "")}LOW..HIGH with two rising numbers");
        if (isLogarithmic && from <= 0) throw new UsageException($"'{text}': a logarithmic range begins above 0");
        return new SweepAxis(name, [], from, to, isLogarithmic);
    }

    /// <summary>The value at a place of the range.</summary>
    /// <param name="share">In [0, 1].</param>
    public double At(double share) => IsLogarithmic ? From * Math.Pow(To / From, share) : From + (share * (To - From));

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
