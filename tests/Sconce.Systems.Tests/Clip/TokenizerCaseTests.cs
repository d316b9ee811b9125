using System.Text.Json;
using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>The official tokeniser's answers (clip-tokenizer.json).</summary>
public class TokenizerCaseTests
{
    static JsonElement[] Cases()
    {
        using var stream = File.OpenRead(TokenizerFiles.CasePath());
        return [.. JsonDocument.Parse(stream).RootElement.GetProperty("cases").EnumerateArray()];
    }

    [Fact]
    public void Every_case_is_cleaned_as_officially()
    {
        var cases = Cases();
        Assert.Equal(69, cases.Length);
        foreach (var c in cases)
            Assert.Equal(c.GetProperty("cleaned").GetString(), ClipTokenizer.Clean(c.GetProperty("text").GetString()!));
    }

    [Fact]
    public void Every_case_is_encoded_and_decoded_as_officially()
    {
        var tokenizer = TokenizerFiles.Released();
        foreach (var c in Cases())
        {
            var ids = Integers(c, "ids");
            Assert.Equal(ids, tokenizer.Encode(c.GetProperty("text").GetString()!));
            Assert.Equal(c.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void Every_row_is_as_officially_and_one_too_long_is_refused_unless_truncated()
    {
        var tokenizer = TokenizerFiles.Released();
        foreach (var c in Cases())
        {
            var text = c.GetProperty("text").GetString()!;
            var tooLong = c.GetProperty("too_long").GetBoolean();
            if (tooLong)
                Assert.Throws<ArgumentException>(() => tokenizer.Tokenize(text));
            var row = tokenizer.Tokenize(text, truncate: tooLong);
            var expected = Integers(c, "row77").Select(i => (long)i).ToArray();
            Assert.Equal(77, row.Length);
            Assert.Equal(expected, row[..expected.Length]);
            Assert.All(row[expected.Length..], id => Assert.Equal(0, id));
        }
    }

    [Fact]
    public void The_released_vocabulary_has_its_size_and_special_tokens()
    {
        var tokenizer = TokenizerFiles.Released();
        Assert.Equal((49408, 49406, 49407), (tokenizer.VocabularySize, tokenizer.StartToken, tokenizer.EndToken));
    }

    [Fact]
    public void Threads_share_one_tokenizer()
    {
        var tokenizer = TokenizerFiles.Released();
        var texts = Enumerable.Range(0, 2000).Select(i => $"photo {i % 97} of dog{i % 89}s and word{i % 53}x").ToArray();
        var expected = texts.Select(tokenizer.Encode).ToArray();
        var fresh = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => fresh[i] = tokenizer.Encode(texts[i]));
        Assert.Equal(expected, fresh);
    }

    static int[] Integers(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];
}
