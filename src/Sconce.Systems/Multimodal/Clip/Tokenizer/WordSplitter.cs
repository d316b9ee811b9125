using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Cuts cleaned text into the pieces that are encoded on their own: a special token, an English contraction, a run of letters, one
/// number character, or a run of anything else that is not white space. Code points are classified, not UTF-16 units.
/// </summary>
ref struct WordSplitter(ReadOnlySpan<char> text)
{
    static readonly string[] Fixed = ["<|startoftext|>", "<|endoftext|>", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    // Case-insensitively this mark is a letter (its other case is the letter iota), so that no part of the official pattern takes it.
    const int Ypogegrammeni = 0x345;

    enum Kind { Space, Letter, Number, Other }

    ReadOnlySpan<char> rest = text;

    /// <summary>The piece last found.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Finds the next piece; false at the end.</summary>
    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            var length = FixedLength(rest);
            var kind = Kind.Other;
            if (length == 0)
            {
                kind = KindAt(rest, out length);
                while (kind is Kind.Letter or Kind.Other && length < rest.Length && KindAt(rest[length..], out var next) == kind)
                    length += next;
            }
            Current = rest[..length];
            rest = rest[length..];
            if (kind != Kind.Space)
                return true;
        }
        return false;
    }

    static int FixedLength(ReadOnlySpan<char> text)
    {
        if (text[0] is not ('<' or '\''))
            return 0;
        foreach (var word in Fixed)
        {
            if (StartsWith(text, word))
                return word.Length;
        }
        return 0;
    }

    // Ignoring case, to which the long s belongs.
    static bool StartsWith(ReadOnlySpan<char> text, string word)
    {
        if (text.Length < word.Length)
            return false;
        for (var i = 0; i < word.Length; i++)
        {
            var c = text[i] == 'ſ' ? 's' : char.IsAsciiLetterUpper(text[i]) ? (char)(text[i] | 0x20) : text[i];
            if (c != word[i])
                return false;
        }
        return true;
    }

    static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        if (Rune.IsLetter(rune))
            return Kind.Letter;
        if (Rune.IsNumber(rune))
            return Kind.Number;
        return PythonText.IsWhiteSpace(rune.Value) || rune.Value == Ypogegrammeni ? Kind.Space : Kind.Other;
    }
}
