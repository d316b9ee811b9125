using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>CSV lists, NumPy arrays, and sets made of others.</summary>
public sealed class ListTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-lists-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_table_s_fields_may_hold_separators_quotes_and_line_breaks()
    {
        var table = CsvTable.Read(Write("t.csv", "\uFEFFname,\"a \"\"b\"\"\",c\r\n\"x, y\",\"two\nlines\",\r\n\r\nlast,1,2"));
        Assert.Equal(["name", "a \"b\"", "c"], table.Columns);
        Assert.Equal(("x, y", "two\nlines", ""), (table[0, "name"], table[0, "A \"B\""], table[0, "c"]));
        Assert.Equal(("last", "2"), (table[1, "name"], table[1, "c"]));
        Assert.EndsWith("line 5", table.PlaceOf(1));
        Assert.Contains("no column 'nam'", Assert.Throws<DataException>(() => table[0, "nam"]).Message);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a,a\n", "two columns")]
    [InlineData("a,b\n1,2\n3\n", "line 3: the row has 1 fields")]
    [InlineData("a,b\n1,\"2\n3\n", "line 2: a quote")]
    [InlineData("path,label\na\0b.jpg,cat\n", "line 2: it holds the character NUL")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n", "Git LFS pointer")]
    public void A_malformed_table_is_refused_with_its_line(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => CsvTable.Read(Write("t.csv", text))).Message);

    [Theory]
    [InlineData("a\0b.jpg", "NUL")]
    [InlineData("../a\0b.jpg", "NUL")]
    public void A_path_that_no_file_can_have_is_refused_with_its_line(string path, string fault)
    {
        var error = Assert.Throws<DataException>(() => ImageList.Open(Write("l.csv", $"path,label\n{path},cat\n")));
        Assert.Contains("line 2", error.Message);
        Assert.Contains(fault, error.Message);
    }

    [Fact]
    public void A_table_that_is_a_pipe_is_no_regular_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are made by mkfifo");
        string pipe = Path.Combine(root, "pipe.csv");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe])) mkfifo.WaitForExit();
        Assert.Contains("not a regular file", Assert.Throws<DataException>(() => CsvTable.Read(pipe)).Message);
    }

    [Fact]
    public void A_table_that_is_no_text_or_missing_is_refused()
    {
        File.WriteAllBytes(Path.Combine(root, "t.csv"), [0x61, 0xFF, 0xFE, 0x80]);
        Assert.Contains("not UTF-8", Assert.Throws<DataException>(() => CsvTable.Read(Path.Combine(root, "t.csv"))).Message);
        Assert.Contains("no such file", Assert.Throws<DataException>(() => CsvTable.Read(Path.Combine(root, "u.csv"))).Message);
    }

    [Theory]
    [InlineData("sep=;\r\npath;label\r\na.png;dog\r\n")]
    [InlineData("path;label\na.png;dog\n")]
    [InlineData("path\tlabel\na.png\tdog\n")]
    [InlineData("path,label\ra.png,dog\r")]
    public void A_table_of_another_program_is_read(string text)
    {
        foreach (var encoding in (System.Text.Encoding[])[System.Text.Encoding.UTF8, System.Text.Encoding.Unicode])
        {
            File.WriteAllText(Path.Combine(root, "t.csv"), text, encoding);
            var table = CsvTable.Read(Path.Combine(root, "t.csv"));
            Assert.Equal(["path", "label"], table.Columns);
            Assert.Equal((1, "dog"), (table.Count, table[0, "label"]));
        }
    }

    [Fact]
    public void A_list_of_another_program_names_its_pictures_and_numbers_in_its_own_way()
    {
        new Image(4, 3).Save(Path.Combine(root, "a.png"));
        var list = ImageList.Open(Write("l.csv", "path,label\nphotos\\a.png,7.0\nC:\\photos\\a.jpg,2\n"));
        Assert.Equal((4, 4), (list[0].Image.Width, list[1].Image.Width));
        Assert.Equal([7, 2], list.Labels);
        Assert.Equal(8, list.Classes.Count);
        // Classes that are numbers go by name: 0 is no place among them.
        Assert.Equal([1], ImageList.Open(Write("l.csv", "path,label\na.png,2.0\n"), classes: ["1", "2"]).Labels);
        Assert.Contains("'0' is none",
            Assert.Throws<DataException>(() => ImageList.Open(Write("l.csv", "path,label\na.png,0\n"), classes: ["1", "2"])).Message);
    }

    [Fact]
    public void A_list_s_labels_are_names_or_numbers()
    {
        new Image(4, 3).Save(Path.Combine(root, "a.png"));
        var named = ImageList.Open(Write("l.csv", "path,label\na.png,dog\nb.png,cat\n"));
        Assert.Equal(["cat", "dog"], named.Classes);
        Assert.Equal((1, 4), (named[0].Label, named[0].Image.Width));
        Assert.Throws<ImageException>(() => named[1]);
        var numbered = ImageList.Open(Write("l.csv", "path,label\na.png,10\nb.png,2\n"));
        Assert.Equal([10, 2], numbered.Labels);
        Assert.Equal(11, numbered.Classes.Count);
        Assert.Equal([1, 0], ImageList.Open(Write("l.csv", "path,label\na.png,dog\nb.png,0\n"), classes: ["cat", "dog"]).Labels);
        Assert.Null(ImageList.Open(Write("l.csv", "file\na.png\n"), pathColumn: "file", labelColumn: null)[0].Label);
    }

    [Theory]
    [InlineData("path,label\n", null, "lists no pictures")]
    [InlineData("path,label\n ,dog\n", null, "line 2: the path is empty")]
    [InlineData("path,label\na.png,\n", null, "line 2: the label is empty")]
    [InlineData("path,label\na.png,3\nb.png,-1\n", null, "line 3: the label -1 is outside")]
    [InlineData("path,label\na.png,2\n", "cat,dog", "line 2: the label '2' is none of the 2 classes")]
    [InlineData("path,label\na.png,dogg\n", "cat,dog", "dog")]
    public void A_list_that_cannot_be_used_is_refused_with_its_line(string text, string? classes, string expected) =>
        Assert.Contains(expected,
            Assert.Throws<DataException>(() => ImageList.Open(Write("l.csv", text), classes: classes?.Split(','))).Message);

    [Fact]
    public void A_NumPy_array_of_bytes_is_a_set_of_pictures()
    {
        var bytes = Enumerable.Range(0, 2 * 3 * 4 * 3).Select(k => (byte)k).ToArray();
        var pictures = Array("p.npy", DType.UInt8, [2, 3, 4, 3], bytes);
        var labels = Array("l.npy", DType.Int64, [2], (long[])[7, 0]);
        IDataset<ImageExample> data = NpyImages.Open(pictures, labels);
        Assert.Equal((2, 7, 4, 3), (data.Count, data[0].Label, data[0].Image.Width, data[0].Image.Height));
        Assert.Equal(bytes[36..], data[1].Image.Bytes.ToArray());
        Assert.Equal(1, NpyImages.Open(Array("g.npy", DType.UInt8, [2, 6, 6], bytes))[0].Image.Channels);
        Assert.Contains("l.npy[0]: the label 7 is outside 0 to 4",
            Assert.Throws<DataException>(() => NpyImages.Open(pictures, labels, classes: 5)).Message);
        Assert.Contains("1 labels for 2",
            Assert.Throws<DataException>(() => NpyImages.Open(pictures, Array("l.npy", DType.Int64, [1], (long[])[0]))).Message);
        Assert.Contains("none of pictures",
            Assert.Throws<DataException>(() => NpyImages.Open(Array("f.npy", DType.UInt8, [72], bytes))).Message);
        Assert.Contains("must be of",
            Assert.Throws<DataException>(() => NpyImages.Open(Array("f.npy", DType.Float32, [1, 1, 1], (float[])[1]))).Message);
        Assert.Contains("empty",
            Assert.Throws<DataException>(() => NpyImages.Open(Array("f.npy", DType.UInt8, [0, 4, 4], System.Array.Empty<byte>()))).Message);
        Assert.Throws<CheckpointException>(() => NpyImages.Open(Write("torn.npy", "no array")));
    }

    [Fact]
    public void Sets_are_joined_cut_and_split_without_loss()
    {
        var data = Datasets.InMemory(Enumerable.Range(0, 20).ToArray());
        Assert.Equal([3, 3, 1], Items(data.Subset([3, 3, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Subset([20]));
        Assert.Equal([.. Enumerable.Range(0, 20), .. Enumerable.Range(0, 20)], Items(data.Repeat(2)));
        Assert.Equal([5, 0, 1], Items(Datasets.Concatenate(data.Subset([5]), data.Subset([]), data.Subset([0, 1]))));
        var (first, second) = data.Split(0.25, 3);
        Assert.Equal((5, 15), (first.Count, second.Count));
        Assert.Equal(Enumerable.Range(0, 20), Items(first).Concat(Items(second)).Order());
        Assert.NotEqual([0, 1, 2, 3, 4], Items(first));
        var labels = Enumerable.Range(0, 20).Select(k => k < 2 ? 0 : 1).ToArray();
        var (train, rest) = data.SplitByLabel(labels, 0.9, 1);
        Assert.Equal(1, Items(train).Count(k => k < 2));
        Assert.Equal(1, Items(rest).Count(k => k < 2));
        Assert.Equal([0, 2, 4], Items(data.Subset([0, 1, 2]).Map(k => 2 * k)));
    }

    private static IEnumerable<int> Items(IDataset<int> data) => Enumerable.Range(0, data.Count).Select(k => data[k]);

    private string Array<T>(string name, DType dtype, long[] shape, T[] values) where T : unmanaged
    {
        var path = Path.Combine(root, name);
        NpyWriter.Save(path, TensorData.Of("", dtype, shape, values));
        return path;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(root, name);
        File.WriteAllText(path, text);
        return path;
    }
}
