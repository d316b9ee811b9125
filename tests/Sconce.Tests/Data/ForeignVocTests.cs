using System.Text;
using Sconce.Data;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Pascal VOC's files as other programs and systems write them.</summary>
public sealed class ForeignVocTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-voc-").FullName;

    public ForeignVocTests()
    {
        Array.ForEach(["Annotations", "JPEGImages", "ImageSets/Main"], name => Directory.CreateDirectory(Path.Combine(root, name)));
        new Image(40, 30).Save(Path.Combine(root, "JPEGImages", "a.png"));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("windows-1252", "windows-1252", "Käse")]
    [InlineData("iso-8859-1", "ISO-8859-1", "Käse")]
    [InlineData("gb2312", "gb2312", "猫")]
    [InlineData("gb2312", "GBK", "猫")]
    [InlineData("shift_jis", "shift_jis", "猫")]
    [InlineData("utf-8", "utf8", "猫")]
    [InlineData("utf-8", "utf-16", "猫")]
    [InlineData("utf-16", "utf-16", "猫")]
    public void An_encoding_that_is_declared_is_read(string written, string declared, string label)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(written) ?? Encoding.GetEncoding(written);
        File.WriteAllBytes(Xml("a"),
            [.. encoding.GetPreamble(),
            .. encoding.GetBytes($"\n<?xml version=\"1.0\" encoding=\"{declared}\"?>{Annotation(label: label)}")]);
        Assert.Equal([label], Open().Classes);
    }

    [Fact]
    public void An_encoding_that_is_not_the_file_s_is_refused_as_such()
    {
        File.WriteAllBytes(Xml("a"), Encoding.Latin1.GetBytes(Annotation(label: "Käse")));
        Assert.Contains("it is not UTF-8: save it as such", Assert.Throws<DataException>(Open).Message, StringComparison.Ordinal);
        File.WriteAllText(Xml("a"), $"<?xml version=\"1.0\" encoding=\"klingon\"?>{Annotation()}");
        Assert.Contains("'klingon', which is not known", Assert.Throws<DataException>(Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("", "30")]
    [InlineData("40.0", "30")]
    public void A_size_that_is_not_given_is_the_picture_s(string width, string height)
    {
        File.WriteAllText(Xml("a"), Annotation(width: width, height: height));
        Assert.Equal((40, 1), Open() is var data ? (data[0].Image.Width, data.BoxesOf(0).Count) : default);
    }

    [Theory]
    [InlineData("0", "-5", "'height' is '-5'")]
    [InlineData("1e9", "30", "'width' is '1e9'")]
    [InlineData("wide", "30", "'width' is 'wide'")]
    public void A_size_that_cannot_be_is_refused(string width, string height, string expected)
    {
        File.WriteAllText(Xml("a"), Annotation(width: width, height: height));
        Assert.Contains(expected, Assert.Throws<DataException>(Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.png", 0)]
    [InlineData("a", 1)]
    [InlineData("a.jpg", 1)]
    [InlineData("C:\\photos\\a.png", 1)]
    [InlineData("IMG_2041.jpg", 1)]
    [InlineData("", 1)]
    public void A_picture_is_found_by_its_name_or_its_annotation_s(string name, int remarks)
    {
        File.WriteAllText(Xml("a"), Annotation(name: name));
        var data = Open();
        Assert.Equal(Path.Combine(root, "JPEGImages", "a.png"), data.NameOf(0));
        Assert.Equal(remarks, data.Remarks.Count);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData(" 0 ", false)]
    [InlineData("", false)]
    public void Difficult_is_told_in_every_form(string value, bool expected)
    {
        File.WriteAllText(Xml("a"), Annotation(difficult: value));
        Assert.Equal(expected, Open().BoxesOf(0)[0].IsDifficult);
        File.WriteAllText(Xml("a"), Annotation(difficult: "perhaps"));
        Assert.Contains("'difficult' is 'perhaps'", Assert.Throws<DataException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_pictures_may_hold_spaces_extensions_and_a_mark()
    {
        foreach (string name in (string[])["my photo 1", "photo", "b", "c.d"])
        {
            new Image(40, 30).Save(Path.Combine(root, "JPEGImages", name + ".png"));
            File.WriteAllText(Xml(name), Annotation(name: name + ".png"));
        }

        File.WriteAllText(List("train"), "my photo 1\r\n\r\nphoto 1\r\nb -1\r\nJPEGImages\\c.d.png\r\n", Encoding.UTF8);
        Assert.Equal(["my photo 1.png", "photo.png", "c.d.png"], Names(DetectionDataset.OpenVoc(root, "train")));
        File.WriteAllText(List("train"), "b\nno such\n");
        Assert.Contains("train.txt, line 2: 'no such' has no annotation",
            Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root, "train")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_may_be_called_otherwise()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            new Image(40, 30).Save(Path.Combine(root, "JPEGImages", name + ".png"));
            File.WriteAllText(Xml(name), Annotation(name: name + ".png"));
        }

        File.WriteAllText(List("Training"), "a\nb\n");
        File.WriteAllText(List("TEST"), "c\n");
        Assert.Equal((2, 1), DetectionFolder.Open(root, false) is var parts ? (parts.Train.Count, parts.Test.Count) : default);
    }

    private static string Annotation(string name = "a.png", string width = "40", string height = "30", string label = "thing",
        string difficult = "0") =>
        $"<annotation><filename>{name}</filename><size><width>{width}</width><height>{height}</height></size>"
        + $"<object><name>{label}</name><difficult>{difficult}</difficult>" +
        "<bndbox><xmin>11</xmin><ymin>11.0</ymin><xmax>20</xmax><ymax> 25 </ymax></bndbox></object></annotation>";

    private static string[] Names(DetectionDataset data) =>
        [.. Enumerable.Range(0, data.Count).Select(k => Path.GetFileName(data.NameOf(k)))];

    private string Xml(string name) => Path.Combine(root, "Annotations", name + ".xml");

    private string List(string name) => Path.Combine(root, "ImageSets", "Main", name + ".txt");

    private DetectionDataset Open() => DetectionDataset.OpenVoc(root);
}
