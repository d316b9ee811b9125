using System.Globalization;
using System.Text;

namespace Sconce.Systems.Tools.Wit;

/// <summary>
/// Words of any language as numbers, without a vocabulary: runs of letters and digits, ideographs and syllables of writings without blanks
/// each by itself, brought to so many numbers by a hash (FNV-1a). Text is taken as it is, capitals and all.
/// </summary>
/// <param name="buckets">Numbers of words; different words may share one.</param>
/// <param name="length">Numbers of a text, start and end included.</param>
internal sealed class HashedWords(int buckets, int length)
{
    private const char Between = '\u001F';

    /// <summary>What may be put between the parts of a text.</summary>
    public const string Separator = "\u001F";

    /// <summary>Padding, words, separator, start and end, which is the highest.</summary>
    public int Vocabulary => buckets + 4;

    /// <summary>The numbers of a text, cut to the length; what follows the end is 0.</summary>
    public long[] Encode(string text)
    {
        var numbers = new long[length];
        numbers[0] = buckets + 2;
        int at = 1;
        foreach (string word in Words(text))
        {
            if (at == length - 1) break;
            numbers[at++] = word[0] == Between ? buckets + 1 : 1 + (Hash(word) % (uint)buckets);
        }

        numbers[at] = buckets + 3;
        return numbers;
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            bool isAlone = rune.Value == Between || IsWithoutBlanks(rune);
            bool isPart = !isAlone && (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark);
            if (isPart) word.Append(rune.ToString());
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }

            if (isAlone) yield return rune.ToString();
        }

        if (word.Length > 0) yield return word.ToString();
    }

    /// <summary>Han, kana, Thai, Lao, Khmer: writings that put no blanks between words.</summary>
    private static bool IsWithoutBlanks(Rune rune) => rune.Value is
        (>= 0x0E00 and <= 0x0EFF) or (>= 0x1780 and <= 0x17FF) or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or >= 0x20000;

    private static uint Hash(string word)
    {
        uint hash = 2166136261;
        foreach (byte part in Encoding.UTF8.GetBytes(word)) hash = unchecked((hash ^ part) * 16777619);
        return hash;
    }
}
