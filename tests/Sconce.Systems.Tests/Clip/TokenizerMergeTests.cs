using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>Splitting, merging and rows, with vocabularies small enough to follow by hand.</summary>
public class TokenizerMergeTests
{
    // 512 l o, 513 lo w</w>, 514 e r</w>, 515 lo w, 516 low er</w>
    static readonly ClipTokenizer Low = new([("l", "o"), ("lo", "w</w>"), ("e", "r</w>"), ("lo", "w"), ("low", "er</w>")]);

    // A byte that stands for itself counts from 33, one that ends a word 256 higher.
    static int Of(char c) => c - 33;
    static int End(char c) => c - 33 + 256;

    [Fact]
    public void The_best_pair_is_merged_first_and_a_words_end_is_a_symbol_of_its_own()
    {
        Assert.Equal([513], Low.Encode("low"));
        Assert.Equal([516], Low.Encode("lower"));
        Assert.Equal([515, Of('e'), End('d')], Low.Encode("lowed"));
        Assert.Equal([515, 512, End('s')], Low.Encode("lowlos"));
    }

    [Fact]
    public void A_pair_is_merged_everywhere_from_left_to_right_before_any_other()
    {
        // Merging all of "a a" leaves "aa aa a</w>"; the better-ranked pair that the first merge makes must wait its turn.
        var tokenizer = new ClipTokenizer([("aa", "a"), ("a", "a"), ("aa", "aa")]);
        Assert.Equal([514, End('a')], tokenizer.Encode("aaaaa"));
        Assert.Equal([512, End('a')], tokenizer.Encode("aaaa"));
    }

    [Fact]
    public void The_order_of_merges_agrees_with_a_plain_search_on_random_words()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var symbols = new List<string> { "a", "b", "a</w>", "b</w>" };
            var merges = new List<(string, string)>();
            while (merges.Count < 12)
            {
                var left = symbols[random.Next(symbols.Count)];
                var right = symbols[random.Next(symbols.Count)];
                if (left.EndsWith('>') || symbols.Contains(left + right))
                    continue;
                merges.Insert(random.Next(merges.Count + 1), (left, right));
                symbols.Add(left + right);
            }
            var tokenizer = new ClipTokenizer(merges);
            var word = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(2) == 0 ? 'a' : 'b'));
            Assert.Equal(PlainSearch(word, merges),
                tokenizer.Encode(word).Select(id => tokenizer.Decode([id]).Replace(" ", "</w>", StringComparison.Ordinal)));
        }
    }

    static List<string> PlainSearch(string word, List<(string, string)> merges)
    {
        var symbols = word.Select(c => c.ToString()).ToList();
        symbols[^1] += "</w>";
        while (true)
        {
            var best = Enumerable.Range(0, symbols.Count - 1).Select(i => merges.IndexOf((symbols[i], symbols[i + 1])))
                .Where(r => r >= 0).DefaultIfEmpty(-1).Min();
            if (best < 0)
                return symbols;
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if ((symbols[i], symbols[i + 1]) == merges[best])
                {
                    symbols[i] += symbols[i + 1];
                    symbols.RemoveAt(i + 1);
                }
            }
        }
    }

    [Theory]
    [InlineData("don't", "don 't")]
    [InlineData("!'s ''s", "!' s '' s")]
    [InlineData("they'LL'ſ'n", "they 'LL 'ſ ' n")]
    [InlineData("a1b22", "a 1 b 2 2")]
    [InlineData("½²Ⅷ", "½ ² Ⅷ")]
    [InlineData("日本!?語", "日本 !? 語")]
    [InlineData("\U0001D49C\U00020BB7x\U0001D7D9", "\U0001D49C\U00020BB7x \U0001D7D9")]
    [InlineData("\U0001F600\u200D\U0001F600", "\U0001F600\u200D\U0001F600")]
    [InlineData("<|startoftext|><|ENDOFTEXT|>", "<|startoftext|> <|ENDOFTEXT|>")]
    [InlineData("<|ſtartoftext|>!<|endoftext|>", "<|ſtartoftext|> !<| endoftext |>")]
    [InlineData("a\u0345b !\u0345!", "a b ! !")]
    [InlineData("हिन्दी", "ह \u093F न \u094D द \u0940")]
    [InlineData(" \u00A0\u3000", "")]
    public void Text_is_cut_as_the_official_pattern_cuts_it(string text, string expected)
    {
        var pieces = new List<string>();
        var splitter = new WordSplitter(text);
        while (splitter.MoveNext())
            pieces.Add(splitter.Current.ToString());
        Assert.Equal(expected, string.Join(' ', pieces));
    }

    [Fact]
    public void Bytes_stand_in_the_vocabulary_in_their_published_order()
    {
        var empty = new ClipTokenizer([]);
        Assert.Equal((514, 512, 513), (empty.VocabularySize, empty.StartToken, empty.EndToken));
        Assert.Equal([0 + 256], empty.EncodeCleaned("!"));
        Assert.Equal([Of('h'), End('i')], empty.EncodeCleaned("hi"));
        Assert.Equal([127, 102 + 256], empty.EncodeCleaned("é")); // C3 A9
        Assert.Equal([128, 222 + 256], empty.EncodeCleaned("Ā")); // C4 80
        Assert.Equal("hi ", empty.Decode([Of('h'), End('i')]));
        Assert.Equal("\uFFFD \uFFFD", empty.Decode([256 + 187, 187]));
    }

    [Fact]
    public void A_row_is_start_text_end_and_zeros()
    {
        Assert.Equal([517L, 513, 518, 0, 0], Low.Tokenize("Low", 5));
        Assert.Equal([517L, 518], Low.Tokenize("", 2));
        Assert.Equal([517L, 513, 518, 517, 516, 518], Low.Tokenize(["low", " LOWER "], 3));
        Assert.Empty(Low.Tokenize([], 3));
        Assert.Equal([517L, 517, 518, 518], Low.Tokenize("<|startoftext|> <|EndOfText|>", 4));
    }

    [Fact]
    public void A_text_that_is_too_long_is_refused_by_name_or_cut_with_its_end_kept()
    {
        var refused = Assert.Throws<ArgumentException>(() => Low.Tokenize("low low low", 4));
        Assert.Contains("\"low low low\" has 5 tokens", refused.Message, StringComparison.Ordinal);
        Assert.Contains("holds 4", refused.Message, StringComparison.Ordinal);
        Assert.Equal([517L, 513, 513, 518], Low.Tokenize("low low low", 4, truncate: true));
        Assert.Equal([517L, 513, 513, 513, 518], Low.Tokenize("low low low", 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Low.Tokenize("low", 1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(519)]
    public void An_id_outside_the_vocabulary_is_refused(int id)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Low.Decode([513, id]));
        Assert.Contains("0 to 518", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_of_an_unknown_symbol_is_refused_by_name()
    {
        var error = Assert.Throws<InvalidDataException>(() => new ClipTokenizer([("a", "xyz")]));
        Assert.Contains("\"xyz\"", error.Message, StringComparison.Ordinal);
    }
}
