using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Character references to characters, in the two ways that the official text cleaning uses.</summary>
static class HtmlText
{
    // What numeric references 128-159 mean to a browser: Windows-1252 (HTML, "Numeric character reference end state").
    const string Windows1252 = "€\u0081‚ƒ„…†‡\u02C6‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    const int LongestLooseName = 24;

    /// <summary>
    /// Python's <c>html.unescape</c>: names with or without their semicolon, the longest known prefix of a name
    /// (<c>&amp;copy2</c>), decimal and hexadecimal numbers with or without a semicolon.
    /// </summary>
    public static string Unescape(string text)
    {
        var next = text.IndexOf('&', StringComparison.Ordinal);
        if (next < 0)
            return text;
        var output = new StringBuilder(text.Length);
        var copied = 0;
        while (next >= 0)
        {
            var length = ReadReference(text.AsSpan(next), out var characters);
            if (length > 0)
            {
                output.Append(text, copied, next - copied).Append(characters);
                copied = next + length;
            }
            var from = next + Math.Max(length, 1);
            next = from < text.Length ? text.IndexOf('&', from) : -1;
        }
        return output.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>ftfy's stricter reading: only references that end in a semicolon, names also in capitals.</summary>
    public static string UnescapeClosed(string text)
    {
        var next = text.IndexOf('&', StringComparison.Ordinal);
        if (next < 0)
            return text;
        var output = new StringBuilder(text.Length);
        var copied = 0;
        while (next >= 0)
        {
            var length = ClosedReferenceLength(text.AsSpan(next));
            if (length > 0 && TryReadClosed(text.AsSpan(next, length), out var characters))
            {
                output.Append(text, copied, next - copied).Append(characters);
                copied = next + length;
            }
            var from = next + Math.Max(length, 1);
            next = from < text.Length ? text.IndexOf('&', from) : -1;
        }
        return output.Append(text, copied, text.Length - copied).ToString();
    }

    // The length of &name; or &#name; with 1 to 24 ASCII letters and digits, or 0.
    static int ClosedReferenceLength(ReadOnlySpan<char> text)
    {
        var start = text.Length > 1 && text[1] == '#' ? 2 : 1;
        var i = start;
        while (i < text.Length && i - start < LongestLooseName && char.IsAsciiLetterOrDigit(text[i]))
            i++;
        return i > start && i < text.Length && text[i] == ';' ? i + 1 : 0;
    }

    static bool TryReadClosed(ReadOnlySpan<char> reference, out string characters)
    {
        if (reference[1] != '#')
        {
            var name = reference[1..^1];
            return HtmlEntities.TryGetClosed(name, out characters) || HtmlEntities.TryGetCapitals(name, out characters);
        }
        // A number that stops early, or one that is itself a semicolon, stays as it was written.
        return ReadReference(reference, out characters) == reference.Length && characters != ";";
    }

    // The length of the reference at the start of the text, which is an ampersand; 0 if there is none.
    static int ReadReference(ReadOnlySpan<char> text, out string characters)
    {
        if (text.Length > 1 && text[1] == '#')
            return ReadNumber(text, out characters);
        var name = text[1..];
        var length = name[..Math.Min(name.Length, 33)].IndexOfAnyExcept(AsciiAlphanumeric);
        if (length > 0 && name[length] == ';' && HtmlEntities.TryGetClosed(name[..length], out characters))
            return length + 2;
        var bare = HtmlEntities.LongestBarePrefix(name, out characters);
        return bare == 0 ? 0 : bare + 1;
    }

    static readonly System.Buffers.SearchValues<char> AsciiAlphanumeric =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    static int ReadNumber(ReadOnlySpan<char> text, out string characters)
    {
        var hexadecimal = text.Length > 2 && text[2] is 'x' or 'X';
        var start = hexadecimal ? 3 : 2;
        var i = start;
        var number = 0;
        while (i < text.Length && (hexadecimal ? char.IsAsciiHexDigit(text[i]) : char.IsAsciiDigit(text[i])))
        {
            var digit = char.IsAsciiDigit(text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10;
            number = Math.Min(number * (hexadecimal ? 16 : 10) + digit, 0x110000);
            i++;
        }
        characters = "";
        if (i == start)
            return 0;
        characters = FromNumber(number);
        return i < text.Length && text[i] == ';' ? i + 1 : i;
    }

    static string FromNumber(int number) => number switch
    {
        0 => "\uFFFD",
        '\r' => "\r",
        >= 0x80 and <= 0x9F => Windows1252[number - 0x80].ToString(),
        > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) => "\uFFFD",
        (>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
        _ when (number & 0xFFFE) == 0xFFFE => "",
        _ => char.ConvertFromUtf32(number),
    };
}
