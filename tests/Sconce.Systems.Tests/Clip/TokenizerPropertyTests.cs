using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>What holds for any text at all.</summary>
public class TokenizerPropertyTests
{
    static readonly ClipTokenizer Small = new([("t", "h"), ("th", "e</w>"), ("o", "o"), ("!", "!</w>"), ("&", "#")]);

    static readonly string[] Fragments =
    [
        "the", "Photo", "Ã©", "â€œ", "Ã ", "&amp;", "&#38;", "&eacute", "&#xD800;", "&semi;", "<", "\n", "\r\n", "\u001B[3", "m", "'s", "'",
        "\uD83D", "\uDE00", "\U0001F600", "\u0301", "\u0323", "\u0345", "Σ", "İ", "\uFF76\uFF9E", "\uFFFD", "\u0081",
        "í\u00A0\u00BD", "À\u0080",
        "<|startoftext|>", "|>", "\u1100", "\u1161", "\u11A8", "ŉ", "ГўВЂВ", "‚Ä", "ØŸÙ", "½", "\u0000", "\u001A", "??", "ð", "š", " ",
    ];

    // Texts of such fragments, and of arbitrary UTF-16 units.
    static readonly Gen<string> Texts = Gen.OneOf(
        Gen.ListOf(Gen.Elements(Fragments)).Select(f => string.Concat(f)),
        Gen.ListOf(Gen.Choose(0, 0xFFFF)).Select(u => new string([.. u.Select(c => (char)c)])),
        Gen.ListOf(Gen.Choose(0x20, 0x17F)).Select(u => new string([.. u.Select(c => (char)c)])));

    static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(500);

    static void ForAll(Func<string, bool> property) => Prop.ForAll(Texts.ToArbitrary(), property).Check(Settings);

    [Fact]
    public void Any_text_is_encoded_to_known_ids_and_cleaned_to_well_formed_collapsed_text() => ForAll(text =>
    {
        var clean = ClipTokenizer.Clean(text);
        return Small.Encode(text).All(id => id >= 0 && id < Small.VocabularySize)
            && new UTF8Encoding(false, true).GetByteCount(clean) >= clean.Length
            && !clean.Contains("  ", StringComparison.Ordinal) && clean.Trim(' ') == clean;
    });

    [Fact]
    public void Decoding_then_encoding_clean_text_gives_its_ids_again() => ForAll(text =>
    {
        var ids = Small.EncodeCleaned(ClipTokenizer.Clean(text));
        var decoded = Small.Decode(ids);
        return Small.EncodeCleaned(decoded).SequenceEqual(ids) && Small.Decode(Small.EncodeCleaned(decoded)) == decoded;
    });

    [Fact]
    public void Decoding_gives_back_all_but_the_white_space() => ForAll(text =>
    {
        var clean = ClipTokenizer.Clean(text).Replace("\u0345", "", StringComparison.Ordinal);
        string Bare(string s) => string.Concat(s.Where(c => !PythonText.IsWhiteSpace(c)));
        return Bare(Small.Decode(Small.EncodeCleaned(clean))) == Bare(clean);
    });

    [Fact]
    public void Composed_text_stays_as_it_is() => ForAll(text =>
    {
        var composed = CanonicalForms.Compose(text);
        return CanonicalForms.Compose(composed) == composed;
    });

    [Fact]
    public void A_truncated_row_begins_as_the_whole_row_does() => ForAll(text =>
    {
        var whole = Small.Tokenize(text, 4096, truncate: true);
        var row = Small.Tokenize(text, 6, truncate: true);
        var end = Array.IndexOf(row, Small.EndToken);
        return row[0] == Small.StartToken && row.AsSpan(0, 5).SequenceEqual(whole.AsSpan(0, 5)) && end >= 0
            && (row[5] == 0 || row[5] == Small.EndToken);
    });

    [Theory]
    [InlineData("&", "amp;", 100_000)]
    [InlineData("", "&amp&semi;", 30_000)]
    [InlineData("", "x", 200_000)]
    [InlineData("", "Ã\u0083Â©š", 40_000)]
    [InlineData("a", "\u0301\u0323", 50_000)]
    [InlineData("A", "Σ'", 50_000)]
    [InlineData("", "\u001B[", 50_000)]
    [InlineData("&#", "9", 200_000)]
    public async Task A_text_made_to_take_long_takes_no_quadratic_time(string head, string part, int times)
    {
        var text = head + string.Concat(Enumerable.Repeat(part, times));
        // A minute is no measure of speed: quadratic work here would take hours.
        var ids = await Task.Run(() => Small.Encode(text), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.NotNull(ids);
    }
}
