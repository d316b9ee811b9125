using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Takes text that was decoded in the wrong encoding back to what it was (ftfy 6.3.1's <c>fix_encoding</c>): bytes again, then UTF-8;
/// where that fails for the whole, for the runs that look like misread UTF-8.
/// </summary>
sealed class EncodingRepair(RepairBudget budget)
{
    [Flags]
    enum Clue : byte
    {
        None = 0,
        LeadsTwo = 1,
        LeadsThree = 2,
        LeadsFour = 4,
        Continues = 8,
        ContinuesStrictly = 16,
    }

    // Punctuation that may continue a sequence but stands for itself often enough.
    const string AmbiguousPunctuation = "–—―‘’‚“”„•…";

    static readonly Dictionary<char, Clue> Clues = FindClues();

    /// <summary>Repairs until nothing changes.</summary>
    public string Fix(string text)
    {
        while (!Ascii.IsValid(text) && Badness.IsBad(text) && budget.Spend(text.Length))
        {
            var next = Step(text);
            if (next == text)
                break;
            text = next;
        }
        return text;
    }

    string Step(string text)
    {
        foreach (var page in Codepages.Misread)
        {
            if (page.Encode(text) is not { } bytes)
                continue;
            if (page != Codepages.MacRoman)
                bytes = DamagedUtf8.RestoreNoBreakSpaces(bytes);
            if (page.IsLossy)
                bytes = DamagedUtf8.ReplaceLossySequences(bytes);
            if (Utf8Variants.Decode(bytes) is { } decoded)
                return decoded;
        }

        var runs = FixRuns(text);
        return runs != text ? runs : ReadControlsAsWindows1252(text);
    }

    static string ReadControlsAsWindows1252(string text) =>
        string.Create(text.Length, text, static (output, input) =>
        {
            for (var i = 0; i < output.Length; i++)
                output[i] = CharacterRepair.FromControl(input[i]);
        });

    string FixRuns(string text)
    {
        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = i > 0 && Has(text, i - 1, Clue.ContinuesStrictly) ? 0 : RunLength(text, i);
            if (length == 0)
            {
                output.Append(text[i++]);
                continue;
            }
            var run = text.Substring(i, length);
            output.Append(length < text.Length && Badness.IsBad(run) ? Fix(run) : run);
            i += length;
        }
        return output.ToString();
    }

    // Sequences that look like misread UTF-8, one after the other.
    static int RunLength(string text, int start)
    {
        var i = start;
        while (i < text.Length)
        {
            var length = Clues.GetValueOrDefault(text[i]) switch
            {
                var c when (c & Clue.LeadsTwo) != 0 => 2,
                var c when (c & Clue.LeadsThree) != 0 => 3,
                var c when (c & Clue.LeadsFour) != 0 => 4,
                _ => 0,
            };
            if (length == 0)
                break;
            for (var k = 1; k < length; k++)
            {
                if (!Has(text, i + k, Clue.Continues))
                    return i - start;
            }
            i += length;
        }
        return i - start;
    }

    static bool Has(string text, int i, Clue clue) => i < text.Length && (Clues.GetValueOrDefault(text[i]) & clue) != 0;

    // What the bytes of UTF-8 sequences become in the encodings that resemble Latin-1.
    static Dictionary<char, Clue> FindClues()
    {
        var clues = new Dictionary<char, Clue>();
        void Add(int first, int last, Clue clue)
        {
            foreach (var page in Codepages.Latin1Like)
            {
                for (var b = first; b <= last; b++)
                    clues[page[b]] = clues.GetValueOrDefault(page[b]) | clue;
            }
        }
        Add(0xC2, 0xDF, Clue.LeadsTwo);
        Add(0xE0, 0xEF, Clue.LeadsThree);
        Add(0xF0, 0xF0, Clue.LeadsFour);
        Add(0xF3, 0xF3, Clue.LeadsFour);
        Add(0x80, 0xBF, Clue.Continues | Clue.ContinuesStrictly);
        foreach (var c in AmbiguousPunctuation)
            clues[c] &= ~Clue.ContinuesStrictly;
        clues[' '] = Clue.Continues; // a no-break space that lost its nature
        return clues;
    }
}
