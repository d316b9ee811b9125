namespace Sconce.Systems.Tools.Wit;

/// <summary>Which rows are worth learning from, and what text goes with their picture; 2103.01913 §3.</summary>
public static class WitPairs
{
    private const int LeastSide = 100, LeastText = 3;

    private static readonly HashSet<string> Formats = ["image/jpeg", "image/png", "image/tiff", "image/webp", "image/svg+xml"];

    /// <summary>Why a row is left out: format, small, no text; null where it stays.</summary>
    public static string? Dropped(WitRow row)
    {
        if (!Formats.Contains(row.MimeType)) return "format";
        if (Math.Min(row.Height, row.Width) < LeastSide) return "small";
        bool isDescribed = Says(row.ReferenceCaption) || Says(row.AttributionCaption) || Says(row.AltText);
        return isDescribed ? null : "no text";
    }

    /// <summary>
    /// The caption below the picture, else what its own page says in this language, else its alternative text; null for none of them.
    /// </summary>
    public static string? Text(WitRow row)
    {
        if (Says(row.ReferenceCaption)) return row.ReferenceCaption.Trim();
        if (row.AttributionIsInLanguage == true && Says(row.AttributionCaption)) return WithoutLanguage(row.AttributionCaption.Trim());
        return Says(row.AltText) ? row.AltText.Trim() : null;
    }

    /// <summary>The rows of one picture, in every language, in the order of their pictures' first rows.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<WitRecord>> ByImage(IEnumerable<WitRecord> kept) =>
        kept.Where(record => record.Row is not null).GroupBy(record => record.Row!.ImageUrl)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<WitRecord>)[.. group]);

    /// <summary>How many rows each language has.</summary>
    public static IReadOnlyDictionary<string, int> ByLanguage(IEnumerable<WitRecord> kept) =>
        kept.Where(record => record.Row is not null).CountBy(record => record.Row!.Language).ToDictionary();

    /// <summary>Three characters at least, counted as Unicode counts them.</summary>
    private static bool Says(string text) => text.Trim().EnumerateRunes().Take(LeastText).Count() == LeastText;

    /// <summary>"English: A ridge" is "A ridge".</summary>
    private static string WithoutLanguage(string text)
    {
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && !text.AsSpan(0, colon).ContainsAny(' ', '\t', '\n') ? text[(colon + 2)..].Trim() : text;
    }
}
