using System.Text;
using Sconce.Data;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// CLIP's tokeniser: text is repaired and lower-cased, cut into words, and each word's UTF-8 bytes are merged by byte-pair encoding
/// (openai/CLIP@d05afc4, clip/simple_tokenizer.py and <c>tokenize</c> of clip/clip.py; the repair is that of ftfy 6.3.1). Thread-safe.
/// </summary>
public sealed class ClipTokenizer
{
    /// <summary>The tokens that every released model takes at a time.</summary>
    public const int DefaultContextLength = 77;

    const string StartText = "<|startoftext|>";
    const string EndText = "<|endoftext|>";
    const int QuotedCharacters = 60;

    readonly IReadOnlyList<string>? listed;   // a token each, where they are no merges
    readonly BytePairMerges merges;
    readonly byte[] symbolBytes;   // every symbol's bytes, one after the other
    readonly int[] symbolOffsets;  // (VocabularySize + 1)

    /// <summary>A tokeniser of the given merges, best first; ids are the 256 bytes, the 256 word-ending bytes, the merges, start and
    /// end.</summary>
    /// <param name="merges">Pairs of symbols in the visible-byte alphabet of GPT-2, a word's last symbol ending in
    /// <c>&lt;/w&gt;</c>.</param>
    /// <exception cref="InvalidDataException">A merge names a symbol that nothing makes.</exception>
    public ClipTokenizer(IReadOnlyList<(string Left, string Right)> merges)
    {
        ArgumentNullException.ThrowIfNull(merges);
        this.merges = new BytePairMerges(merges);
        (symbolBytes, symbolOffsets) = BytesOf([.. this.merges.Symbols, StartText, EndText]);
    }

    ClipTokenizer(IReadOnlyList<string> words)
        : this(Array.Empty<(string, string)>()) => listed = words;

    /// <summary>One token a word, from 1 on, then start and end: what the claim's captions are made of.</summary>
    internal static ClipTokenizer OfWords(IReadOnlyList<string> words) => new(words);

    /// <summary>Reads the vocabulary of the released models.</summary>
    /// <param name="vocabularyPath"><c>bpe_simple_vocab_16e6.txt.gz</c> of the CLIP repository, as it is.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no such vocabulary; the message says why.</exception>
    public static ClipTokenizer Load(string vocabularyPath)
    {
        ArgumentNullException.ThrowIfNull(vocabularyPath);
        var merges = VocabularyFile.ReadMerges(vocabularyPath);
        try
        {
            return new ClipTokenizer(merges);
        }
        catch (InvalidDataException e)
        {
            throw VocabularyFile.Bad(vocabularyPath, e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>How many tokens there are: 512 + merges + 2, so 49,408 for the released vocabulary.</summary>
    public int VocabularySize => listed is { } known ? known.Count + 3 : merges.Symbols.Length + 2;

    /// <summary>The token before every text: 49,406 in the released vocabulary.</summary>
    public int StartToken => VocabularySize - 2;

    /// <summary>The token after every text, the highest of all: 49,407 in the released vocabulary.</summary>
    public int EndToken => VocabularySize - 1;

    /// <summary>The text as it is encoded: repaired, HTML references resolved, white space collapsed, lower case.</summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ClipText.Clean(text);
    }

    /// <summary>The tokens of any text, without start and end. Lone surrogates count as U+FFFD.</summary>
    public int[] Encode(string text) => EncodeCleaned(Clean(text));

    /// <summary>The text of some tokens, a space after each word; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token ids run from 0 to {VocabularySize - 1}.");
            bytes.AddRange(symbolBytes.AsSpan(symbolOffsets[id]..symbolOffsets[id + 1]));
        }
        return Encoding.UTF8.GetString([.. bytes]).Replace(ByteSymbols.WordEnd, " ", StringComparison.Ordinal);
    }

    /// <summary>Start, the text's tokens, end, then zeros: (contextLength).</summary>
    /// <param name="text">Any text.</param>
    /// <param name="contextLength">The row's length, at least 2.</param>
    /// <param name="truncate">Whether a text that is too long is cut, the end token last, instead of refused.</param>
    /// <exception cref="ArgumentException">The text is too long and <paramref name="truncate"/> is false.</exception>
    public long[] Tokenize(string text, int contextLength = DefaultContextLength, bool truncate = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        var row = new long[contextLength];
        FillRow(text, row, truncate);
        return row;
    }

    /// <summary>The rows of several texts one after the other: (texts, contextLength), row-major.</summary>
    /// <inheritdoc cref="Tokenize(string, int, bool)"/>
    public long[] Tokenize(IReadOnlyList<string> texts, int contextLength = DefaultContextLength, bool truncate = false)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        var rows = new long[checked(texts.Count * contextLength)];
        for (var i = 0; i < texts.Count; i++)
            FillRow(texts[i], rows.AsSpan(i * contextLength, contextLength), truncate);
        return rows;
    }

    static int NumberOf(IReadOnlyList<string> words, string word)
    {
        for (var k = 0; k < words.Count; k++)
        {
            if (words[k] == word) return k + 1;
        }
        throw new UsageException($"'{word}' is none of the words that this network learned: {string.Join(", ", words)}");
    }

    /// <summary>The tokens of a text with merges left out at random (<see cref="BytePairMerges.EncodeDropped"/>), as text is
    /// learned.</summary>
    internal int[] EncodeDropped(string text, double share, ref AugmentationRandom random)
    {
        var ids = new List<int>();
        var words = new WordSplitter(Clean(text));
        while (words.MoveNext())
            merges.EncodeDropped(words.Current, share, ref random, ids);
        return [.. ids];
    }

    /// <summary>The tokens of a text that is clean already.</summary>
    internal int[] EncodeCleaned(string cleaned)
    {
        if (listed is { } known)
            return [.. cleaned.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => NumberOf(known, word))];
        var ids = new List<int>(cleaned.Length / 3 + 4);
        var words = new WordSplitter(cleaned);
        while (words.MoveNext())
        {
            if (words.Current is StartText)
                ids.Add(StartToken);
            else if (words.Current is EndText)
                ids.Add(EndToken);
            else
                merges.Encode(words.Current, ids);
        }
        return [.. ids];
    }

    void FillRow(string text, Span<long> row, bool truncate)
    {
        var ids = Encode(text);
        if (ids.Length + 2 > row.Length && !truncate)
        {
            var quoted = text.Length <= QuotedCharacters ? text : text[..QuotedCharacters] + "…";
            throw new ArgumentException($"The text \"{quoted}\" has {ids.Length + 2} tokens, start and end included, and the context "
                + $"holds {row.Length}. Shorten it, or let it be truncated.", nameof(text));
        }
        var kept = Math.Min(ids.Length, row.Length - 2);
        row[0] = StartToken;
        for (var i = 0; i < kept; i++)
            row[i + 1] = ids[i];
        row[kept + 1] = EndToken;
    }

    static (byte[] Bytes, int[] Offsets) BytesOf(string[] symbols)
    {
        var byteOf = new Dictionary<char, byte>(256);
        for (var i = 0; i < 256; i++)
            byteOf[ByteSymbols.CharacterAt(i)] = ByteSymbols.ByteAt(i);
        var bytes = new List<byte>(symbols.Length * 6);
        var offsets = new int[symbols.Length + 1];
        for (var id = 0; id < symbols.Length; id++)
        {
            foreach (var c in symbols[id])
                bytes.Add(byteOf[c]);
            offsets[id + 1] = bytes.Count;
        }
        return ([.. bytes], offsets);
    }
}
