using System.Globalization;
using Sconce.Data;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>What is said, and when.</summary>
/// <param name="Start">In seconds.</param>
/// <param name="End">In seconds.</param>
/// <param name="Text">The words.</param>
internal sealed record Line(double Start, double End, string Text);

/// <summary>SubRip files: a number, <c>00:00:01,500 --> 00:00:04,000</c>, words, an empty line.</summary>
internal static class Subtitles
{
    private const string Arrow = "-->";

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It is missing, or a line is none of the form.</exception>
    internal static IReadOnlyList<Line> Read(string path)
    {
        if (!File.Exists(path)) throw new DataException(path, "there is no such file of subtitles");
        string[] rows = File.ReadAllLines(path);
        var lines = new List<Line>();
        for (int k = 0; k < rows.Length;)
        {
            if (!rows[k].Contains(Arrow, StringComparison.Ordinal))
            {
                // A number or an empty line stands before the times.
                string row = rows[k++].Trim('\uFEFF', ' ', '\t');
                if (row.Length == 0 || row.All(char.IsAsciiDigit)) continue;
                throw new DataException(path, $"line {k}: '{row}' where a number or 00:00:01,500 --> 00:00:04,000 is wanted");
            }

            string[] times = rows[k].Split(Arrow, 2);
            var (start, end) = (Seconds(times[0], path, k + 1), Seconds(times[1], path, k + 1));
            if (end <= start) throw new DataException(path, $"line {k + 1}: it ends before it begins");
            var words = new List<string>();
            for (k++; k < rows.Length && rows[k].Trim().Length > 0; k++) words.Add(rows[k].Trim());
            if (words.Count > 0) lines.Add(new Line(start, end, string.Join(' ', words)));
        }

        return lines.Count > 0 ? [.. lines.OrderBy(line => line.Start)] : throw new DataException(path, "it holds no subtitles");
    }

    /// <summary>The words of a translation at the times of the original, line by line.</summary>
    /// <exception cref="DataException">They have other numbers of lines.</exception>
    internal static IReadOnlyList<Line> Timed(IReadOnlyList<Line> original, IReadOnlyList<Line> translation, string path) =>
        original.Count == translation.Count
            ? [.. original.Zip(translation, (times, words) => times with { Text = words.Text })]
            : throw new DataException(path,
                $"it has {translation.Count} lines, but the original has {original.Count}: they belong together one by one");

    private static double Seconds(string text, string path, int row)
    {
        string[] parts = text.Trim().Split(' ')[0].Replace(',', '.').Split(':');
        double sum = 0;
        foreach (string part in parts)
        {
            if (!double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || parts.Length != 3)
            {
                throw new DataException(path, $"line {row}: '{text.Trim()}' is no time such as 00:00:01,500");
            }

            sum = (60 * sum) + value;
        }

        return sum;
    }
}
