using System.IO.Compression;
using System.Text;
using Sconce.Systems.Tools.Wit;
using Xunit;

namespace Sconce.Systems.Tests.Wit;

public sealed class WitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-wit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Line(params (int Column, string Text)[] changes)
    {
        string[] fields =
        [
            "en", "https://page", "https://picture", "Title", "", "Title", "A caption", "", "", "image/jpeg", "200", "300", "true",
            "", "false", "", "",
        ];
        foreach (var (column, text) in changes) fields[column] = text;
        return string.Join('\t', fields) + "\n";
    }

    private static WitRecord[] Read(params string[] lines) => [.. WitReader.Read(new StringReader(string.Concat(lines)), "table")];

    [Fact]
    public void Height_comes_before_width_and_an_empty_flag_is_unknown()
    {
        var row = Read(Line())[0].Row!;
        Assert.Equal((200, 300), (row.Height, row.Width));
        Assert.True(row.IsMainImage);
        Assert.Null(row.AttributionIsInLanguage);
        Assert.False(row.PageChangedRecently);
    }

    [Fact]
    public void Quoted_fields_may_hold_tabs_line_breaks_and_quotes()
    {
        var records = Read(Line((6, "\"two\tlines\nand \"\"quotes\"\"\"")), Line());
        Assert.Equal(2, records.Length);
        Assert.Equal("two\tlines\nand \"quotes\"", records[0].Row!.ReferenceCaption);
    }

    [Theory]
    [InlineData(0, "", "missing key")]
    [InlineData(2, "", "missing image")]
    [InlineData(10, "1.5", "bad number")]
    [InlineData(11, "0", "bad number")]
    [InlineData(13, "maybe", "bad flag")]
    [InlineData(16, "a\tb", "columns")]
    public void A_broken_row_is_told_and_those_after_it_are_read(int column, string text, string error)
    {
        var records = Read(Line((column, text)), Line());
        Assert.Equal(error, records[0].Error);
        Assert.Null(records[0].Row);
        Assert.NotNull(records[1].Row);
    }

    [Theory]
    [InlineData("Caption", "English: Else", "true", "alt text", "Caption")]
    [InlineData("", "English: Else", "true", "alt text", "Else")]
    [InlineData("", "English: Else", "false", "alt text", "alt text")]
    [InlineData(" x ", "Of two words: no prefix", "TRUE", "", "Of two words: no prefix")]
    public void The_text_of_a_picture_is_the_first_that_says_something(
        string reference, string attribution, string passes, string alt, string text) =>
        Assert.Equal(text, WitPairs.Text(Read(Line((6, reference), (7, attribution), (8, alt), (13, passes)))[0].Row!));

    [Theory]
    [InlineData(9, "image/gif", "format")]
    [InlineData(11, "99", "small")]
    [InlineData(6, "ab", "no text")]
    [InlineData(6, "abc", null)]
    public void Rows_that_teach_nothing_are_left_out(int column, string text, string? reason) =>
        Assert.Equal(reason, WitPairs.Dropped(Read(Line((column, text)))[0].Row!));

    [Fact]
    public void A_packed_file_is_read_and_its_column_names_are_no_row()
    {
        string path = Path.Combine(folder, "rows.tsv.gz");
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            string header = string.Join('\t', WitRow.Columns) + "\r\n";
            packed.Write(Encoding.UTF8.GetBytes(header + Line().Replace("\n", "\r\n") + Line((0, "de"))));
        }

        WitRecord[] records = [.. WitReader.Read(path)];
        Assert.Equal([0L, 1], records.Select(record => record.Number));
        Assert.Equal(1, WitPairs.ByLanguage(records)["de"]);
        Assert.Equal(2, WitPairs.ByImage(records)["https://picture"].Count);
    }

    [Fact]
    public void A_tie_counts_against_the_query_and_one_right_candidate_is_enough()
    {
        double[] similarities = [0.9, 0.9, 0.1, 0.2, 0.8, 0.3];
        var queries = RetrievalRecall.OfQueries(similarities, [0, 1, 1]);
        Assert.Equal([1, 0], queries.Ranks);
        Assert.Equal(0.5, queries.At(1));
        Assert.Equal(1, queries.MedianRank);
        Assert.Equal([0, 1, 0], RetrievalRecall.OfCandidates(similarities, [0, 1, 1]).Ranks);
        Assert.Throws<ArgumentException>(() => RetrievalRecall.OfQueries(similarities, [0, 0, 0]));
        Assert.Throws<ArgumentException>(() => RetrievalRecall.OfQueries(similarities, [0, 1, 2]));
    }
}
