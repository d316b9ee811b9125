using System.Globalization;
using System.Text;
using Sconce.Catalogue;

namespace Sconce.Training;

/// <summary>One setting that only a method of training has. On the command line <c>minWidth</c> is <c>--min-width</c>; in <c>config.json</c> it lies under <c>methodOptions</c>.</summary>
/// <param name="Name">In camel case.</param>
/// <param name="Help">One line: what it does.</param>
/// <param name="Default">As it is written; null for none.</param>
/// <param name="Range">What it may be, in words: <c>a number above 0 and below 1</c>.</param>
/// <param name="Read">The text in its one right form, or null where it is out of range.</param>
public sealed record MethodOption(string Name, string Help, string? Default, string Range, Func<string, string?> Read)
{
    /// <summary>As it is typed: <c>--min-width</c>.</summary>
    public string Typed { get; } = CommandLineName(Name);

    /// <summary>Whether it is a folder or file, which is made absolute where it is typed.</summary>
    public bool IsPath { get; init; }

    /// <summary>A number between bounds, each of which counts or not.</summary>
    public static MethodOption Real(string name, string help, double? value, double least, double most, bool above = false, bool below = false)
    {
        string low = Text(least), high = Text(most);
        string range = (double.IsInfinity(most), above, below) switch
        {
            (true, true, _) => $"a number above {low}",
            (true, false, _) => $"a number from {low} on",
            (_, true, true) => $"a number above {low} and below {high}",
            (_, true, false) => $"a number above {low}, at most {high}",
            (_, false, true) => $"a number from {low} on, below {high}",
            _ => $"a number from {low} to {high}",
        };
        return new MethodOption(name, help, value is { } number ? Text(number) : null, range, text =>
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number)) return null;
            return (above ? number > least : number >= least) && (below ? number < most : number <= most) ? Text(number) : null;
        });
    }

    /// <summary>A whole number between bounds that count.</summary>
    public static MethodOption Count(string name, string help, long? value, long least, long most = int.MaxValue)
    {
        string range = most == int.MaxValue ? $"a whole number from {least} on" : $"a whole number from {least} to {most}";
        return new MethodOption(name, help, value?.ToString(CultureInfo.InvariantCulture), range, text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? number.ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Whole numbers with commas between, one at least, each between bounds that count.</summary>
    public static MethodOption Counts(string name, string help, string? value, long least, long most = int.MaxValue) =>
        new(name, help, value, $"whole numbers from {least}{(most == int.MaxValue ? " on" : $" to {most}")} with commas between, such as {value ?? $"{least},{least}"}", text =>
        {
            string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
            return parts.All(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most) ? string.Join(',', parts) : null;
        });

    /// <summary>One of a few names.</summary>
    public static MethodOption Choice(string name, string help, string value, params IReadOnlyList<string> choices) =>
        new(name, help, value, $"one of {string.Join(", ", choices)}", text => choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Any text.</summary>
    public static MethodOption Words(string name, string help, string? value, string range = "a text") => new(name, help, value, range, text => text.Length > 0 ? text : null);

    /// <summary>A file or folder.</summary>
    public static MethodOption Path(string name, string help) => new(name, help, null, "a file or folder", text => text.Length > 0 ? text : null) { IsPath = true };

    /// <summary>The text in its right form.</summary>
    /// <param name="text">As it was typed or read.</param>
    /// <param name="called">What errors call the option.</param>
    /// <exception cref="UsageException">It means nothing here; the message says what would.</exception>
    public string Checked(string text, string called) => Read(text) ?? throw new UsageException($"{called} takes {Range}, not '{text}'");

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string CommandLineName(string name)
    {
        var text = new StringBuilder("--");
        foreach (char letter in name)
        {
            if (char.IsUpper(letter)) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
