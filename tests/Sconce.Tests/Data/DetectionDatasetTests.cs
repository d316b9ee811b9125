using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>COCO's and VOC's boxes, right and wrong.</summary>
public sealed class DetectionDatasetTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-boxes-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Coco_s_boxes_are_corners_and_classes_follow_the_category_ids()
    {
        new Image(40, 30).Save(Path.Combine(root, "a.png"));
        var data = Coco(Good());
        Assert.Equal(["cat", "dog"], data.Classes);
        Assert.Equal((1, 17L), (data.Count, data.IdOf(0)));
        Assert.Equal([new BoxAnnotation(1, 2, 11, 22, 1), new BoxAnnotation(0, 0, 40, 30, 0) { IsCrowd = true }], data.BoxesOf(0));
        var item = data[0];
        Assert.Equal((40, Path.Combine(root, "a.png"), 2), (item.Image.Width, item.Name, item.Boxes.Count));
    }

    [Theory]
    [InlineData("images", "no list 'images'")]
    [InlineData("categories", "no list 'categories'")]
    [InlineData("images.0.file_name", "image 17 has no text 'file_name'")]
    [InlineData("annotations.0.bbox", "annotation 5 has no list 'bbox'")]
    [InlineData("annotations.0.category_id", "annotation 5 has no number 'category_id'")]
    public void What_a_Coco_file_lacks_is_named(string missing, string expected)
    {
        var json = Good();
        var path = missing.Split('.');
        var node = (JsonNode)json;
        foreach (var step in path[..^1])
            node = int.TryParse(step, out var at) ? node[at]! : node[step]!;
        node.AsObject().Remove(path[^1]);
        Assert.Contains(expected, Assert.Throws<DataException>(() => Coco(json)).Message);
    }

    [Theory]
    [InlineData("image_id", 99, "belongs to the image 99")]
    [InlineData("category_id", 4, "has the category 4")]
    public void An_annotation_of_nothing_is_refused(string member, int value, string expected)
    {
        var json = Good();
        json["annotations"]![0]![member] = value;
        Assert.Contains(expected, Assert.Throws<DataException>(() => Coco(json)).Message);
    }

    [Theory]
    [InlineData(35, 5, 20, 10, "leaves its picture", 1)]
    [InlineData(50, 5, 20, 10, "lies outside its picture", 0)]
    [InlineData(5, 5, 0, 10, "has no area", 0)]
    [InlineData(5, 5, -3, 10, "has no area", 0)]
    public void A_box_that_cannot_be_right_is_named_or_repaired(int x, int y, int width, int height, string fault, int kept)
    {
        var json = Good();
        json["annotations"]![0]!["bbox"] = new JsonArray(x, y, width, height);
        var error = Assert.Throws<DataException>(() => Coco(json));
        Assert.Contains("annotation 5", error.Message);
        Assert.Contains(fault, error.Message);
        var repaired = Coco(json, BoxFaults.Repair);
        Assert.Equal(1, repaired.RepairedBoxes);
        Assert.Contains("annotation", Assert.Single(repaired.Remarks), StringComparison.Ordinal); // which one is told
        Assert.Equal(kept, repaired.BoxesOf(0).Count(b => b.Label == 1));
        Assert.All(repaired.BoxesOf(0), b => Assert.True(b.Right <= 40 && b.Bottom <= 30 && b.Area > 0));
    }

    [Fact]
    public void A_file_that_is_no_Coco_is_refused()
    {
        var path = Path.Combine(root, "coco.json");
        Assert.Contains("no such file", Assert.Throws<DataException>(() => DetectionDataset.OpenCoco(path)).Message);
        foreach (var text in (string[])["", "{", "[1, 2]", "3", "{\"images\": 3}", "{\"categories\": [3]}"])
        {
            File.WriteAllText(path, text);
            Assert.Contains(path, Assert.Throws<DataException>(() => DetectionDataset.OpenCoco(path)).Message);
        }
        var outside = Good();
        outside["images"]![0]!["file_name"] = "../secret.png";
        Assert.Contains("outside", Assert.Throws<DataException>(() => Coco(outside)).Message);
        var twice = Good();
        twice["images"]!.AsArray().Add(twice["images"]![0]!.DeepClone());
        Assert.Contains("given twice", Assert.Throws<DataException>(() => Coco(twice)).Message);
    }

    [Fact]
    public void A_picture_of_another_size_than_annotated_is_named()
    {
        new Image(30, 40).Save(Path.Combine(root, "a.png"));
        var error = Assert.Throws<DataException>(() => Coco(Good())[0]);
        Assert.Contains("a.png", error.Message);
        Assert.Contains("30 x 40", error.Message);
        Assert.Contains("40 x 30", error.Message);
    }

    [Fact]
    public void Voc_s_boxes_count_from_one_and_include_their_last_pixel()
    {
        Voc("a",
            """<object><name>dog</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>3</ymin><xmax>40</xmax><ymax>30</ymax></bndbox></object>""");
        Voc("b", """<object><name>cat</name><bndbox><xmin>5.5</xmin><ymin>3</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>""");
        Directory.CreateDirectory(Path.Combine(root, "JPEGImages"));
        new Image(40, 30).Save(Path.Combine(root, "JPEGImages", "a.jpg"));
        var data = DetectionDataset.OpenVoc(root);
        Assert.Equal(["cat", "dog"], data.Classes);
        Assert.Equal([new BoxAnnotation(0, 2, 40, 30, 1) { IsDifficult = true }], data.BoxesOf(0));
        Assert.Equal(new BoxAnnotation(4.5f, 2, 9, 8, 0), Assert.Single(data.BoxesOf(1)));
        Assert.Equal(30, data[0].Image.Height);
        Directory.CreateDirectory(Path.Combine(root, "ImageSets", "Main"));
        File.WriteAllText(Path.Combine(root, "ImageSets", "Main", "train.txt"), "b\n");
        File.WriteAllText(Path.Combine(root, "ImageSets", "Main", "dog_train.txt"), "a  1\nb -1\n");
        Assert.EndsWith("b.jpg", Path.GetFileName(((IDataset<ImageExample>)DetectionDataset.OpenVoc(root, "train")).NameOf(0)));
        Assert.Equal(1, DetectionDataset.OpenVoc(root, "dog_train").Count);
        Assert.Contains("val.txt", Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root, "val")).Message);
        Assert.Contains("is a 'dog'", Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root, classes: ["cat"])).Message);
    }

    [Theory]
    [InlineData("<object><name>dog</name></object>", "object 1 has no 'bndbox'")]
    [InlineData("<object><name>dog</name><bndbox><xmin>x</xmin><ymin>3</ymin><xmax>40</xmax><ymax>30</ymax></bndbox></object>",
        "'xmin' is 'x'")]
    [InlineData("<object><name>dog</name><bndbox><xmin>NaN</xmin><ymin>3</ymin><xmax>40</xmax><ymax>30</ymax></bndbox></object>",
        "'xmin' is 'NaN'")]
    [InlineData("<object><name>dog</name><bndbox><xmin>50</xmin><ymin>3</ymin><xmax>60</xmax><ymax>30</ymax></bndbox></object>",
        "lies outside")]
    [InlineData("<object>", "no XML")]
    public void A_malformed_Voc_annotation_is_named(string content, string expected)
    {
        Voc("a", content);
        var error = Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root));
        Assert.Contains("a.xml", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_Voc_annotation_expands_no_entities_and_a_folder_without_annotations_says_so()
    {
        Assert.Contains("Annotations", Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root)).Message);
        Directory.CreateDirectory(Path.Combine(root, "Annotations"));
        Assert.Contains("no annotations", Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root)).Message);
        File.WriteAllText(Path.Combine(root, "Annotations", "e.xml"),
            """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>""");
        Assert.Contains("no XML", Assert.Throws<DataException>(() => DetectionDataset.OpenVoc(root)).Message);
    }

    [Fact]
    public void The_kangaroo_photographs_load_with_boxes_inside_them()
    {
        var file = Path.Combine(Sconce.Tests.Imaging.Figures.Shared("data/kangaroo"), "test.json");
        var data = DetectionDataset.OpenCoco(file);
        Assert.Equal((33, "kangaroo"), (data.Count, Assert.Single(data.Classes)));
        var example = data[3];
        Assert.NotEmpty(example.Boxes);
        Assert.All(example.Boxes, b => Assert.True(b.Right <= example.Image.Width && b.Bottom <= example.Image.Height && b.Area > 0));
    }

    private static JsonObject Good() => JsonNode.Parse("""
        {"images": [{"id": 17, "file_name": "a.png", "width": 40, "height": 30}],
         "categories": [{"id": 9, "name": "dog"}, {"id": 2, "name": "cat"}],
         "annotations": [{"id": 5, "image_id": 17, "category_id": 9, "bbox": [1, 2, 10, 20]},
                         {"id": 6, "image_id": 17, "category_id": 2, "bbox": [0, 0, 40.5, 30], "iscrowd": 1}]}
        """)!.AsObject();

    private DetectionDataset Coco(JsonObject json, BoxFaults faults = BoxFaults.Stop)
    {
        var path = Path.Combine(root, "coco.json");
        File.WriteAllText(path, json.ToJsonString());
        return DetectionDataset.OpenCoco(path, faults: faults);
    }

    private void Voc(string name, string objects)
    {
        Directory.CreateDirectory(Path.Combine(root, "Annotations"));
        File.WriteAllText(Path.Combine(root, "Annotations", name + ".xml"),
            $"<annotation><filename>{name}.jpg</filename><size><width>40</width><height>30</height><depth>3</depth></size>"
            + $"{objects}</annotation>");
    }
}
