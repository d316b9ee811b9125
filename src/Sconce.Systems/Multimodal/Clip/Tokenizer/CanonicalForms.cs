using System.Globalization;
using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Unicode's Normalization Form C (UAX 15), from our own table: <see cref="string.Normalize()"/> does nothing where globalization is
/// invariant, and tokens must not depend on the machine's ICU.
/// </summary>
static class CanonicalForms
{
    // Below this code point nothing decomposes into, combines with or follows anything but what it is (UAX 15 §9).
    const char FirstOfInterest = '\u0300';

    // Hangul syllables are arithmetic (Unicode §3.12).
    const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    static readonly Lazy<Tables> All = new(Load);

    sealed record Tables(Dictionary<int, int[]> Decompositions, Dictionary<(int, int), int> Compositions, Dictionary<int, byte> Classes);

    /// <summary>The text in NFC.</summary>
    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstOfInterest, char.MaxValue) < 0)
            return text;
        var tables = All.Value;
        var points = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, points, tables);
        Order(points, tables);
        Recompose(points, tables);

        var output = new StringBuilder(points.Count);
        foreach (var point in points)
            output.Append(new Rune(point).ToString());
        return output.ToString();
    }

    static void Decompose(int point, List<int> output, Tables tables)
    {
        var syllable = point - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            output.Add(LeadBase + syllable / (Vowels * Tails));
            output.Add(VowelBase + syllable % (Vowels * Tails) / Tails);
            if (syllable % Tails != 0)
                output.Add(TailBase + syllable % Tails);
        }
        else if (tables.Decompositions.TryGetValue(point, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, output, tables);
        }
        else
        {
            output.Add(point);
        }
    }

    // Sorts each run of marks by combining class, equal classes staying in order.
    static void Order(List<int> points, Tables tables)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end], tables) != 0)
                end++;
            if (end - start > 1)
            {
                var run = points[start..end];
                var sorted = run.OrderBy(p => ClassOf(p, tables)).ToArray();
                for (var i = 0; i < sorted.Length; i++)
                    points[start + i] = sorted[i];
            }
            start = end;
        }
    }

    static void Recompose(List<int> points, Tables tables)
    {
        var starter = -1;
        var lastClass = -1; // of what stands between the starter and the next one; -1 for nothing
        var written = 0;
        foreach (var point in points.ToArray())
        {
            var ownClass = ClassOf(point, tables);
            if (starter >= 0 && lastClass < ownClass && TryCompose(points[starter], point, tables, out var composed))
            {
                points[starter] = composed;
                continue;
            }
            if (ownClass == 0)
            {
                starter = written;
                lastClass = -1;
            }
            else
            {
                lastClass = ownClass;
            }
            points[written++] = point;
        }
        points.RemoveRange(written, points.Count - written);
    }

    static bool TryCompose(int first, int second, Tables tables, out int composed)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
        {
            composed = SyllableBase + ((first - LeadBase) * Vowels + second - VowelBase) * Tails;
            return true;
        }
        var syllable = first - SyllableBase;
        if (syllable is >= 0 and < Syllables && syllable % Tails == 0 && second is > TailBase and < TailBase + Tails)
        {
            composed = first + second - TailBase;
            return true;
        }
        return tables.Compositions.TryGetValue((first, second), out composed);
    }

    static int ClassOf(int point, Tables tables) => point < FirstOfInterest ? 0 : tables.Classes.GetValueOrDefault(point);

    static Tables Load()
    {
        var tables = new Tables(new(2100), new(1000), new(1000));
        foreach (var line in TokenizerResource.Lines("CanonicalForms"))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
                AddDecomposition(tables, Hexadecimal(line.AsSpan(0, equals)), line[(equals + 1)..]);
            else
                AddClass(tables, line);
        }
        return tables;
    }

    static void AddDecomposition(Tables tables, int point, string parts)
    {
        var decomposition = TokenizerResource.CodePoints(parts.TrimEnd('!'));
        tables.Decompositions.Add(point, decomposition);
        if (decomposition.Length == 2 && !parts.EndsWith('!'))
            tables.Compositions.Add((decomposition[0], decomposition[1]), point);
    }

    static void AddClass(Tables tables, string line)
    {
        var dash = line.IndexOf('-', StringComparison.Ordinal);
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var combiningClass = byte.Parse(line.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        for (var p = Hexadecimal(line.AsSpan(0, dash)); p <= Hexadecimal(line.AsSpan(dash + 1, colon - dash - 1)); p++)
            tables.Classes.Add(p, combiningClass);
    }

    static int Hexadecimal(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
