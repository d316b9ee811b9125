using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Sconce.Data;
using Sconce.Systems.Multimodal.Clip;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// The words of captions as tokens: text is repaired and lower-cased, cut into words, and their bytes are merged by byte-pair encoding
/// (1508.07909) that was learned from the captions. Every text can be said, since single bytes are tokens. Token 0 is padding.
/// </summary>
internal sealed class CaptionVocabulary
{
    private const int LeastPairs = 2;
    private const string OnlyWords = "words";
    private readonly IReadOnlyList<(string Left, string Right)> merges;
    private readonly HashSet<string> words;
    private readonly ClipTokenizer? tokenizer;
    private readonly IReadOnlyList<string> listed = [];

    private CaptionVocabulary(IReadOnlyList<(string Left, string Right)> merges, HashSet<string> words) =>
        (this.merges, this.words, tokenizer) = (merges, words, new ClipTokenizer(merges));

    private CaptionVocabulary(IReadOnlyList<string> listed) => (merges, this.listed, words) = ([], listed, [.. listed]);

    /// <summary>The least number of tokens: padding, the bytes, those that end a word, start and end, which are not used.</summary>
    internal static int Least => 256 + 256 + 2 + 1;

    /// <summary>How many tokens there are, padding among them.</summary>
    internal int Count => (tokenizer?.VocabularySize ?? listed.Count) + 1;

    /// <summary>One token a word, from 1 on, and none for any other word: what the claim's captions are made of.</summary>
    internal static CaptionVocabulary OfWords(IReadOnlyList<string> words) => new(words);

    /// <summary>Learns merges: the most frequent pair first, until there are enough, or none comes twice.</summary>
    /// <param name="captions">Texts.</param>
    /// <param name="size">How many tokens there may be.</param>
    internal static CaptionVocabulary Learn(IEnumerable<string> captions, int size)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string caption in captions)
        {
            foreach (string word in Words(caption)) CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
        }

        var spelled = counts.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => (Symbols: Symbols(entry.Key), Count: entry.Value)).ToList();
        List<(string Left, string Right)> merges = [];
        while (merges.Count + Least < size && MostFrequent(spelled) is { } best)
        {
            merges.Add(best);
            foreach (var (symbols, _) in spelled) Merge(symbols, best);
        }

        return new CaptionVocabulary(merges, [.. counts.Keys]);
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    internal static CaptionVocabulary Parse(ReadOnlySpan<byte> content)
    {
        string[] lines = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > 1 && lines[0] == OnlyWords) return new CaptionVocabulary(lines[1..]);
        if (lines.Length == 0 || !int.TryParse(lines[0], out int count) || count < 0 || count >= lines.Length)
            throw new InvalidDataException("the vocabulary is damaged: it does not begin with the number of its merges");
        var merges = lines[1..(count + 1)].Select(line => line.Split(' ') is [var left, var right]
            ? (left, right)
            : throw new InvalidDataException($"the vocabulary is damaged: '{line}' is no pair")).ToList();
        return new CaptionVocabulary(merges, [.. lines[(count + 1)..]]);
    }

    /// <summary>As a text: the number of merges, a line a merge, a line a word of the captions; or "words" and a line a word.</summary>
    internal byte[] ToBytes()
    {
        if (tokenizer is null) return Encoding.UTF8.GetBytes(string.Join('\n', (string[])[OnlyWords, .. listed]));
        string count = merges.Count.ToString(CultureInfo.InvariantCulture);
        string[] lines = [count, .. merges.Select(pair => $"{pair.Left} {pair.Right}"), .. words.Order(StringComparer.Ordinal)];
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    /// <summary>The tokens of a text, from 1 on, as many as it has.</summary>
    internal long[] Tokens(string text) => tokenizer is { } known
        ? [.. known.Encode(text).Select(token => token + 1L)]
        : [.. Words(text).Where(words.Contains).Select(word => 1L + Array.IndexOf([.. listed], word))];

    /// <summary>
    /// The tokens of a text with each merge left out by chance, so that a word is met in several spellings (BPE dropout, 1910.13267); of
    /// a vocabulary of whole words the same as <see cref="Tokens"/>.
    /// </summary>
    /// <param name="text">Any.</param>
    /// <param name="share">The probability, 0 to 1.</param>
    /// <param name="random">What is left out.</param>
    internal long[] DroppedTokens(string text, double share, ref AugmentationRandom random) => tokenizer is { } known
        ? [.. known.EncodeDropped(text, share, ref random).Select(token => token + 1L)]
        : Tokens(text);

    /// <summary>Words of a text that no caption had.</summary>
    internal IReadOnlyList<string> Unknown(string text) => [.. Words(text).Where(word => !words.Contains(word)).Distinct()];

    private static List<string> Words(string text)
    {
        string clean = ClipTokenizer.Clean(text);
        List<string> found = [];
        var splitter = new WordSplitter(clean);
        while (splitter.MoveNext()) found.Add(splitter.Current.ToString());
        return found;
    }

    private static List<string> Symbols(string word)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(word);
        List<string> symbols = [.. bytes.Select(one => ByteSymbols.CharacterAt(ByteSymbols.IndexOf(one)).ToString())];
        symbols[^1] += ByteSymbols.WordEnd;
        return symbols;
    }

    /// <summary>The pair that stands most often next to each other; of equals the first in the order of letters.</summary>
    private static (string Left, string Right)? MostFrequent(List<(List<string> Symbols, int Count)> words)
    {
        var pairs = new Dictionary<(string Left, string Right), int>();
        foreach (var (symbols, count) in words)
        {
            for (int k = 0; k + 1 < symbols.Count; k++)
                CollectionsMarshal.GetValueRefOrAddDefault(pairs, (symbols[k], symbols[k + 1]), out _) += count;
        }

        if (pairs.Count == 0) return null;
        int most = pairs.Values.Max();
        if (most < LeastPairs) return null;
        return pairs.Where(entry => entry.Value == most).Select(entry => entry.Key)
            .OrderBy(pair => pair.Left, StringComparer.Ordinal).ThenBy(pair => pair.Right, StringComparer.Ordinal).First();
    }

    private static void Merge(List<string> symbols, (string Left, string Right) pair)
    {
        for (int k = 0; k + 1 < symbols.Count; k++)
        {
            if (symbols[k] != pair.Left || symbols[k + 1] != pair.Right) continue;
            symbols[k] = pair.Left + pair.Right;
            symbols.RemoveAt(k + 1);
        }
    }
}
