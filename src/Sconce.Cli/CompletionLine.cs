using System.Globalization;

namespace Sconce.Cli;

/// <summary>A shell completes whole lines, the program's name included, which may be <c>./sconce</c> or an alias; the parser wants what
/// follows.</summary>
internal static class CompletionLine
{
    /// <summary>The directive and the line without the first word, the cursor's position moved with it.</summary>
    /// <param name="directive"><c>[suggest:N]</c>, N the cursor's position in the line.</param>
    /// <param name="line">Everything typed so far.</param>
    public static IReadOnlyList<string> WithoutProgram(string directive, string line)
    {
        string digits = directive["[suggest:".Length..].TrimEnd(']');
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int cursor)) return [directive, line];
        int name = line.Length - line.TrimStart().Length;
        while (name < line.Length && line[name] != ' ') name++;
        if (name < line.Length) name++;
        string rest = line[name..];
        return [$"[suggest:{Math.Clamp(cursor - name, 0, rest.Length)}]", rest];
    }
}
