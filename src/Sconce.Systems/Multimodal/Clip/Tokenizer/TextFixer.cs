using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// What the official tokeniser asks of the package ftfy (version 6.3.1, rspeer/python-ftfy@74dd045, <c>fix_text</c> with its defaults):
/// references, misread encodings, odd characters and NFC, line by line, each line until nothing changes.
/// </summary>
static class TextFixer
{
    const int LongestSegment = 1_000_000;

    /// <summary>The text, repaired. Lone surrogates become U+FFFD; nothing throws.</summary>
    public static string Fix(string text)
    {
        if (NeedsNothing(text))
            return text;
        var budget = new RepairBudget(text.Length);
        var output = new StringBuilder(text.Length);
        var unescape = true;
        for (var position = 0; position < text.Length;)
        {
            var segment = text[position..SegmentEnd(text, position)];
            // A "<" means markup, in which references are meant: none are resolved from this line on.
            unescape &= !segment.Contains('<');
            output.Append(FixSegment(segment, unescape, budget));
            position += segment.Length;
        }
        return output.ToString();
    }

    static bool NeedsNothing(string text)
    {
        foreach (var c in text)
        {
            if (c is '&' or >= '\u007F' or < '\t' or (> '\n' and < ' '))
                return false;
        }
        return true;
    }

    // The end of the line, or of a million code points of it.
    static int SegmentEnd(string text, int start)
    {
        var feed = text.IndexOf('\n', start);
        var end = feed < 0 ? text.Length : feed + 1;
        if (end - start <= LongestSegment)
            return end;
        var i = start;
        for (var points = 0; i < end && points < LongestSegment; points++)
            i += char.IsHighSurrogate(text[i]) && i + 1 < end && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
        return i;
    }

    static string FixSegment(string text, bool unescape, RepairBudget budget)
    {
        var encoding = new EncodingRepair(budget);
        while (budget.Spend(text.Length))
        {
            var before = text;
            if (unescape)
                text = HtmlText.UnescapeClosed(text);
            text = encoding.Fix(text);
            text = CharacterRepair.Fix(text);
            text = CanonicalForms.Compose(text);
            if (text == before)
                return text;
        }
        return CanonicalForms.Compose(CharacterRepair.Fix(text));
    }
}
