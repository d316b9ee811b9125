namespace Sconce.Common;

/// <summary>Finds the names that a misspelt one was probably meant to be.</summary>
public static class NearestNames
{
    const int Compared = 200;    // of longer names only so many characters are compared: the distance costs their product

    /// <summary>
    /// The Damerau-Levenshtein distance in its optimal-string-alignment form: insertions, deletions, substitutions and swaps of neighbours,
    /// case-sensitive, over the first 200 characters of each.
    /// </summary>
    public static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => Distance(a, b, int.MaxValue);

    /// <summary>The distance, or anything greater than the limit once it is certain to exceed that.</summary>
    static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int limit)
    {
        if (a.Length > Compared)
            a = a[..Compared];
        if (b.Length > Compared)
            b = b[..Compared];
        Span<int> before = stackalloc int[b.Length + 1], previous = stackalloc int[b.Length + 1], current = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            var least = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, before[j - 2] + 1);
                current[j] = best;
                least = Math.Min(least, best);
            }
            if (least > limit)
                return least;
            var oldest = before;
            before = previous;
            previous = current;
            current = oldest;
        }
        return previous[b.Length];
    }

    /// <summary>The candidates nearest to a name, best first: those that end or begin with it (or it with them), then those within a third
    /// of its length in edits, case aside.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="candidates">What there is.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<string> Find(string name, IEnumerable<string> candidates, int count = 3)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);
        var asked = name.ToLowerInvariant();
        return [.. candidates
            .Select(candidate => (candidate, Score: Score(asked, candidate.ToLowerInvariant())))
            .Where(c => c.Score < int.MaxValue)
            .OrderBy(c => c.Score).ThenBy(c => c.candidate, StringComparer.Ordinal)
            .Select(c => c.candidate)
            .Distinct()
            .Take(count)];
    }

    /// <summary>A sentence such as <c>Did you mean vit or vat?</c>, or nothing where no name is near.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="candidates">What there is.</param>
    /// <param name="count">How many at most.</param>
    public static string Suggest(string name, IEnumerable<string> candidates, int count = 3)
    {
        var near = Find(name, candidates, count);
        return near.Count switch
        {
            0 => "",
            1 => $"Did you mean {near[0]}?",
            _ => $"Did you mean {string.Join(", ", near.SkipLast(1))} or {near[^1]}?",
        };
    }

    static int Score(string asked, string candidate)
    {
        if (asked == candidate)
            return 0;
        var extra = Math.Abs(candidate.Length - asked.Length);
        if (IsPart(asked, candidate))
            return 1 + Math.Min(extra, Compared) / 16;    // whole segments more, in front or behind
        if (IsPart(candidate, asked))
            return 4 + Math.Min(extra, Compared) / 16;    // whole segments fewer
        var longest = Math.Min(Compared, Math.Max(asked.Length, candidate.Length));
        var allowed = Math.Max(1, longest / 3);
        if (extra > allowed)
            return int.MaxValue;
        if (Unlike(asked, candidate) > allowed)
            return int.MaxValue;
        var distance = Distance(asked, candidate, allowed);
        return distance <= allowed ? 1 + distance : int.MaxValue;
    }

    /// <summary>Characters of one that the other lacks, order aside: never more than the distance, and much cheaper.</summary>
    static int Unlike(string a, string b)
    {
        Span<int> counts = stackalloc int[64];
        counts.Clear();
        foreach (var c in a.AsSpan(0, Math.Min(a.Length, Compared)))
            counts[c & 63]++;
        foreach (var c in b.AsSpan(0, Math.Min(b.Length, Compared)))
            counts[c & 63]--;
        int more = 0, less = 0;
        foreach (var n in counts)
        {
            more += Math.Max(0, n);
            less += Math.Max(0, -n);
        }
        return Math.Max(more, less);
    }

    /// <summary>Whether <paramref name="part"/> is the end or the beginning of the whole, cut at a separator.</summary>
    static bool IsPart(string part, string whole) =>
        part.Length >= 2 && whole.Length > part.Length
        && (whole.EndsWith(part, StringComparison.Ordinal) && IsSeparator(whole[^(part.Length + 1)])
            || whole.StartsWith(part, StringComparison.Ordinal) && IsSeparator(whole[part.Length]));

    static bool IsSeparator(char c) => c is '.' or '/' or '-' or '_' or ' ';
}
