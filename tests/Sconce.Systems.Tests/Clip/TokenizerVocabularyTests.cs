using System.IO.Compression;
using System.Text;
using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>A vocabulary file that is damaged is refused with its name and its fault.</summary>
public sealed class TokenizerVocabularyTests : IDisposable
{
    const int Merges = 48_894;

    readonly string path = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.txt.gz");

    public void Dispose() => File.Delete(path);

    // 48,894 different merges of two bytes at a word's beginning or end: 188 visible bytes squared, and again with an end.
    static IEnumerable<string> ManyMerges(int count)
    {
        var visible = Enumerable.Range(33, 94).Concat(Enumerable.Range(161, 12)).Concat(Enumerable.Range(174, 82))
            .Select(c => (char)c).ToArray();
        var pairs = from end in new[] { "", "</w>" } from a in visible from b in visible select $"{a} {b}{end}";
        return pairs.Take(count);
    }

    static byte[] Zip(string text) => Zip(Encoding.UTF8.GetBytes(text));

    static byte[] Zip(byte[] bytes)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return output.ToArray();
    }

    static string Lines(int merges, string first = "\"x#version: 0.2") => string.Join('\n', ManyMerges(merges).Prepend(first)) + "\n";

    ClipTokenizer Load(byte[] file)
    {
        File.WriteAllBytes(path, file);
        return ClipTokenizer.Load(path);
    }

    void Refused(byte[] file, string fault)
    {
        var error = Assert.Throws<InvalidDataException>(() => Load(file));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_well_formed_file_is_read_and_lines_beyond_the_vocabulary_are_ignored()
    {
        var tokenizer = Load(Zip(Lines(Merges + 500) + "not a merge at all\n"));
        Assert.Equal(49_408, tokenizer.VocabularySize);
        Assert.Equal([512 + 188 * 188 + 188 * (('h' - 33)) + ('i' - 33)], tokenizer.Encode("hi"));
    }

    [Fact]
    public void Windows_line_ends_are_read_too() =>
        Assert.Equal(49_408, Load(Zip(Lines(Merges).Replace("\n", "\r\n", StringComparison.Ordinal))).VocabularySize);

    [Fact]
    public void A_file_that_is_not_gzip_is_refused()
    {
        Refused(Encoding.UTF8.GetBytes(Lines(Merges)), "no gzip file");
        Refused([], "no gzip file");
        Refused([0x1F], "no gzip file");
    }

    [Fact]
    public void A_file_that_is_cut_short_is_refused_wherever_it_was_cut()
    {
        var whole = Zip(Lines(Merges));
        for (var length = 2; length < whole.Length; length += 1 + whole.Length / 40)
            Refused(whole[..length], "cut short");
        Refused(whole[..^1], "cut short");
    }

    [Fact]
    public void A_file_with_a_changed_byte_is_refused()
    {
        var whole = Zip(Lines(Merges));
        whole[whole.Length / 2] ^= 0x55;
        Assert.Throws<InvalidDataException>(() => Load(whole));
    }

    [Fact]
    public void Too_few_merges_are_counted() => Refused(Zip(Lines(Merges - 1)), "48,893 merges");

    [Fact]
    public void A_line_that_is_no_merge_is_numbered()
    {
        Refused(Zip(Lines(10) + "one two three\n" + Lines(Merges)), "line 12");
        Refused(Zip(Lines(10) + "single\n" + Lines(Merges)), "line 12");
        Refused(Zip(Lines(10) + "\n" + Lines(Merges)), "line 12");
        Refused(Zip(Lines(10) + "ends \n" + Lines(Merges)), "line 12");
    }

    [Fact]
    public void A_symbol_that_nothing_makes_is_named() => Refused(Zip(Lines(0) + "λ c\n" + Lines(Merges, "q q")), "\"λ\"");

    [Fact]
    public void Another_text_and_broken_text_are_refused()
    {
        Refused(Zip(Lines(Merges, "once upon a time")), "version line");
        Refused(Zip("\n"), "version line");
        Refused(Zip([.. Encoding.UTF8.GetBytes(Lines(Merges)), 0xC3, 0x28]), "not UTF-8");
    }

    [Fact]
    public void A_bomb_is_refused_before_it_is_unpacked() => Refused(Zip(new byte[65 << 20]), "64 MiB");

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<FileNotFoundException>(() => ClipTokenizer.Load(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
