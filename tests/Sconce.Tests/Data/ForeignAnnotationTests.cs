using System.Text;
using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Annotations as other programs and systems write them: read rightly, or refused with what is wrong, but never read as a
/// default.</summary>
public sealed class ForeignAnnotationTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-foreign-").FullName;

    public ForeignAnnotationTests() => new Image(40, 30).Save(Path.Combine(root, "a.png"));

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-32", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-8", false)]
    public void A_Coco_file_is_read_in_every_encoding_of_unicode(string name, bool mark)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] text = encoding.GetBytes(Coco().ToJsonString().Replace("thing", "Käse", StringComparison.Ordinal));
        File.WriteAllBytes(Path.Combine(root, "all.json"), mark ? [.. encoding.GetPreamble(), .. text] : text);
        Assert.Equal(["Käse"], DetectionDataset.OpenCoco(Path.Combine(root, "all.json")).Classes);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("1.0", true)]
    [InlineData("\"1\"", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    [InlineData("\"0\"", false)]
    [InlineData("0", false)]
    public void A_crowd_is_told_in_every_form(string value, bool expected) =>
        Assert.Equal(expected, Open(Changed("iscrowd", value)).BoxesOf(0)[0].IsCrowd);

    [Theory]
    [InlineData("iscrowd", "\"maybe\"", "annotation 5: 'iscrowd' is \"maybe\"")]
    [InlineData("iscrowd", "[1]", "'iscrowd' is [1]")]
    [InlineData("area", "\"large\"", "'area' is \"large\"")]
    [InlineData("category_id", "7.5", "'category_id' is 7.5, no whole number")]
    [InlineData("category_id", "true", "'category_id' is true, no whole number")]
    [InlineData("bbox", "[1, 2, \"x\", 4]", "'bbox' must be four numbers")]
    public void What_cannot_be_read_is_refused_and_not_taken_for_the_default(string member, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => Open(Changed(member, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("category_id", "7.0")]
    [InlineData("category_id", "\"7\"")]
    [InlineData("image_id", "\" 17 \"")]
    [InlineData("image_id", "1.7e1")]
    [InlineData("bbox", "[\"1\", 2.0, \"10.0\", 20]")]
    [InlineData("area", "\"200\"")]
    [InlineData("area", "null")]
    public void A_number_is_the_same_as_a_fraction_of_zero_and_as_text(string member, string value) =>
        Assert.Equal(new BoxAnnotation(1, 2, 11, 22, 0), Open(Changed(member, value)).BoxesOf(0)[0] with { OutlineArea = null });

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[[]]")]
    [InlineData("{}")]
    [InlineData("{\"size\": [30, 40], \"counts\": []}")]
    [InlineData("\"\"")]
    public void An_empty_outline_is_none(string value)
    {
        Write(Changed("segmentation", value));
        Assert.False(DetectionFolder.OpenTest(root, masks: true).HasMasks);
        Assert.Contains("has boxes alone",
            Assert.Throws<DataException>(() =>
            DetectionDataset.OpenCoco(Path.Combine(root, "all.json"), masks: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images\\\\a.png")]
    [InlineData(".\\\\a.png")]
    [InlineData("C:\\\\Users\\\\me\\\\photos\\\\a.png")]
    [InlineData("/home/me/photos/a.png")]
    [InlineData("..\\\\photos\\\\a.png")]
    [InlineData("a")]
    [InlineData("a.jpg")]
    [InlineData("A.PNG")]
    public void A_picture_is_found_under_its_author_s_name(string name)
    {
        var json = Coco();
        json["images"]![0]!["file_name"] = JsonNode.Parse($"\"{name}\"");
        var data = Open(json);
        Assert.Equal(Path.Combine(root, "a.png"), data.NameOf(0));
        Assert.Contains("1 picture has another name", Assert.Single(data.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_fits_several_pictures_is_refused()
    {
        new Image(40, 30).Save(Path.Combine(root, "a.jpg"));
        var json = Coco();
        json["images"]![0]!["file_name"] = "a.bmp";
        Assert.Contains("may be a.jpg or a.png", Assert.Throws<DataException>(() => Open(json)).Message, StringComparison.Ordinal);
        json["images"]![0]!["file_name"] = "A.JPG";
        Assert.EndsWith("a.jpg", Open(json).NameOf(0), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("a\\u0000.png")]
    public void Half_a_character_and_NUL_are_no_names(string name)
    {
        var text = Coco().ToJsonString();
        foreach (string place in (string[])["a.png", "thing"])
        {
            File.WriteAllText(Path.Combine(root, "all.json"), text.Replace(place, name, StringComparison.Ordinal));
            var error = Assert.Throws<DataException>(() => DetectionDataset.OpenCoco(Path.Combine(root, "all.json")));
            Assert.Contains("half a character, or NUL", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("null", "30")]
    [InlineData("\"40\"", "30.0")]
    public void A_size_that_is_not_given_is_the_picture_s(string width, string height)
    {
        var json = Coco();
        (json["images"]![0]!["width"], json["images"]![0]!["height"]) = (JsonNode.Parse(width), JsonNode.Parse(height));
        Assert.Equal(40, Open(json)[0].Image.Width);
        json["images"]![0]!.AsObject().Remove("width");
        Assert.Equal(30, Open(json)[0].Image.Height);
        json["images"]![0]!["width"] = -5;
        Assert.Contains("its width must lie between", Assert.Throws<DataException>(() => Open(json)).Message, StringComparison.Ordinal);
        (json["images"]![0]!["width"], json["images"]![0]!["file_name"]) = (0, "b.png");
        Assert.Contains("image 17: it gives no width and height", Assert.Throws<DataException>(() => Open(json)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_is_annotated_as_it_is_stored_comes_unturned()
    {
        new Image(40, 30).Save(Path.Combine(root, "t.jpg"));
        byte[] plain = File.ReadAllBytes(Path.Combine(root, "t.jpg"));
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0"u8];
        File.WriteAllBytes(Path.Combine(root, "t.jpg"), [.. plain[..2], .. exif, .. plain[2..]]);
        Assert.Equal((30, 40), Image.ReadSize(Path.Combine(root, "t.jpg")));
        var json = Coco();
        json["images"]![0]!["file_name"] = "t.jpg";
        var stored = Open(json);
        Assert.Equal((40, 30), (stored[0].Image.Width, stored[0].Image.Height));
        Assert.Equal(40, stored[0].Image.Width);    // once more, as it is remembered
        (json["images"]![0]!["width"], json["images"]![0]!["height"]) = (30, 40);
        Assert.Equal((30, 40), (Open(json)[0].Image.Width, Open(json)[0].Image.Height));
        json["images"]![0]!["width"] = 31;
        Assert.Contains("annotation says 31 x 40", Assert.Throws<DataException>(() => Open(json)[0]).Message, StringComparison.Ordinal);
    }

    private static JsonObject Coco() => new()
    {
        ["categories"] = new JsonArray(new JsonObject { ["id"] = 7, ["name"] = "thing" }),
        ["images"] = new JsonArray(new JsonObject { ["id"] = 17, ["file_name"] = "a.png", ["width"] = 40, ["height"] = 30 }),
        ["annotations"] = new JsonArray(
            new JsonObject { ["id"] = 5, ["image_id"] = 17, ["category_id"] = 7, ["bbox"] = new JsonArray(1, 2, 10, 20) }),
    };

    private static JsonObject Changed(string member, string value)
    {
        var json = Coco();
        json["annotations"]![0]![member] = JsonNode.Parse(value);
        return json;
    }

    private DetectionDataset Open(JsonObject json)
    {
        Write(json);
        return DetectionDataset.OpenCoco(Path.Combine(root, "all.json"));
    }

    private void Write(JsonObject json) => File.WriteAllText(Path.Combine(root, "all.json"), json.ToJsonString());
}
