using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>COCO's segmentations and panoptic files, right and wrong.</summary>
public sealed class SegmentedDataTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-masks-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Polygons_runs_and_their_text_are_read_as_the_same_mask()
    {
        var square = RunLengthMask.FromPolygons(8, 6, [[2, 1, 5, 1, 5, 4, 2, 4]]);
        JsonNode[] forms =
        [
            JsonNode.Parse("[[2, 1, 5, 1, 5, 4, 2, 4]]")!,
            JsonNode.Parse("[[2, 1, 3, 1, 3, 4, 2, 4], [3, 1, 5, 1, 5, 4, 3, 4]]")!,
            new JsonObject { ["size"] = new JsonArray(6, 8),
                ["counts"] = new JsonArray([.. square.Runs.Select(run => JsonValue.Create(run))]) },
            new JsonObject { ["size"] = new JsonArray(6, 8), ["counts"] = square.ToText() },
        ];
        foreach (var form in forms)
        {
            var data = Coco(form);
            Assert.True(data.HasMasks);
            Assert.Equal(square, Assert.Single(data.BoxesOf(0)).Mask);
        }

        Assert.Null(Assert.Single(DetectionDataset.OpenCoco(Path.Combine(root, "coco.json")).BoxesOf(0)).Mask);
        new Image(8, 6).Save(Path.Combine(root, "a.png"));
        Assert.Equal(square, Assert.Single(Coco(forms[0])[0].Boxes).Mask);
    }

    [Theory]
    [InlineData("[[2, 1, 5, 1, 5]]", "the polygon of its mask has 5 numbers, an odd count")]
    [InlineData("[[2, 1, 5, 1]]", "has 2 corners: at least 3")]
    [InlineData("[[2, 1, 5, 1, 5, 4], [1, 1, 2]]", "polygon 2 of its mask has 3 numbers")]
    [InlineData("[[2, 1, 5, 1, 5, 1000]]", "y = 1000, far outside its picture of 8 x 6")]
    [InlineData("[[2, 1, 5, 1, 5, \"x\"]]", "no list of numbers")]
    [InlineData("[]", "has boxes alone")]
    [InlineData("7", "must be a list of polygons")]
    [InlineData("""{"counts": [48]}""", "no 'size'")]
    [InlineData("""{"size": [6, 8]}""", "no 'counts'")]
    [InlineData("""{"size": [8, 6], "counts": [48]}""", "of 6 x 8 pixels, its picture of 8 x 6")]
    [InlineData("""{"size": [6, 8], "counts": [40, 7]}""", "make 47 pixels together, but the picture has 8 x 6 = 48")]
    [InlineData("""{"size": [6, 8], "counts": [40, -2, 10]}""", "-2")]
    [InlineData("""{"size": [6, 8], "counts": [40.5, 8]}""", "40.5, which is no run's length")]
    [InlineData("""{"size": [6, 8], "counts": "5~"}""", "character '~'")]
    [InlineData("null", "has boxes alone")]
    public void A_segmentation_that_cannot_be_right_names_its_annotation(string segmentation, string expected)
    {
        var error = Assert.Throws<DataException>(() => Coco(JsonNode.Parse(segmentation)));
        Assert.Contains("coco.json: annotation 5", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Boxes_alone_are_no_masks()
    {
        var json = Boxes(null);
        json["annotations"]![0]!.AsObject().Remove("segmentation");
        File.WriteAllText(Path.Combine(root, "coco.json"), json.ToJsonString());
        Assert.Contains("annotation 5 has no 'segmentation'",
            Assert.Throws<DataException>(() => DetectionDataset.OpenCoco(Path.Combine(root, "coco.json"), masks: true)).Message);
        Assert.Throws<InvalidOperationException>(() => DetectionDataset.OpenCoco(Path.Combine(root, "coco.json")).SegmentsOf(0));
    }

    [Fact]
    public void Segments_are_the_colours_of_their_picture()
    {
        MakePanoptic();
        var data = DetectionDataset.OpenPanoptic(Path.Combine(root, "panoptic.json"));
        Assert.Equal(["cat", "sky"], data.Classes);
        Assert.Equal([2L, 187L], data.Categories);
        Assert.Equal([true, false], data.Things!);
        var map = data.SegmentsOf(0);
        Assert.Equal(300 + (65536 * 2), map.Ids[0]);
        Assert.Equal((8L, 12L, 28L), (map.Areas[7], map.Areas[300 + (65536 * 2)], map.VoidArea));
        var objects = data.BoxesOf(0);
        Assert.Equal(new BoxAnnotation(0, 0, 6, 2, 1) { OutlineArea = 12, Mask = objects[0].Mask }, objects[0]);
        Assert.Equal(new BoxAnnotation(4, 2, 8, 4, 0)
        { OutlineArea = 8, IsCrowd = true, Mask = RunLengthMask.FromPolygons(8, 6, [[4, 2, 8, 2, 8, 4, 4, 4]]) }, objects[1]);
        Assert.Equal(2, data[0].Boxes.Count);
        map.ToImage().Save(Path.Combine(root, "again.png"));
        Assert.Equal(map.Ids, PanopticMap.Load(Path.Combine(root, "again.png"), map.Segments).Ids);
    }

    [Theory]
    [InlineData("annotations.0.segments_info.0.id", "9", "a pixel belongs to the segment 131372, which is none of the 2 listed")]
    [InlineData("annotations.0.segments_info.0.id", "7", "the segment 7 is listed twice")]
    [InlineData("annotations.0.segments_info.0.id", "0", "numbers are 1 to 16777215")]
    [InlineData("annotations.0.segments_info.0.category_id", "3", "has the category 3")]
    [InlineData("annotations.0.image_id", "9", "belongs to none of the 1 images")]
    [InlineData("annotations.0.file_name", "\"../b.png\"", "outside")]
    [InlineData("images.0.width", "9", "the segments are of 8 x 6 pixels, but their picture")]
    [InlineData("annotations", "[]", "image 17 has no annotation")]
    [InlineData("categories.0.isthing", "\"perhaps\"", "'isthing' is \"perhaps\"")]
    public void A_panoptic_file_that_cannot_be_right_says_why(string place, string value, string expected)
    {
        MakePanoptic();
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "panoptic.json")))!;
        var node = json;
        string[] path = place.Split('.');
        foreach (string step in path[..^1]) node = int.TryParse(step, out int at) ? node[at]! : node[step]!;
        node[path[^1]] = JsonNode.Parse(value);
        File.WriteAllText(Path.Combine(root, "panoptic.json"), json.ToJsonString());
        Assert.Contains(expected, Assert.Throws<DataException>(() => DetectionDataset.OpenPanoptic(Path.Combine(root, "panoptic.json"))
            .BoxesOf(0)).Message);
    }

    [Fact]
    public void A_segment_without_pixels_and_a_pixel_without_segment_are_faults()
    {
        Assert.Contains("has no pixel", Assert.Throws<DataException>(() => new PanopticMap(2, 1, [1, 1], [new(1, 0), new(2, 0)])).Message);
        Assert.Contains("segment 3", Assert.Throws<DataException>(() => new PanopticMap(2, 1, [1, 3], [new(1, 0)])).Message);
        Assert.Throws<ArgumentException>(() => new PanopticMap(2, 2, [1, 1], [new(1, 0)]));
    }

    private static JsonObject Boxes(JsonNode? segmentation) => new()
    {
        ["images"] = JsonNode.Parse("""[{"id": 17, "file_name": "a.png", "width": 8, "height": 6}]"""),
        ["categories"] = JsonNode.Parse("""[{"id": 2, "name": "cat"}]"""),
        ["annotations"] = new JsonArray(new JsonObject
        {
            ["id"] = 5,
            ["image_id"] = 17,
            ["category_id"] = 2,
            ["bbox"] = new JsonArray(2, 1, 3, 3),
            ["segmentation"] = segmentation?.DeepClone()
        }),
    };

    private DetectionDataset Coco(JsonNode? segmentation)
    {
        string path = Path.Combine(root, "coco.json");
        File.WriteAllText(path, Boxes(segmentation).ToJsonString());
        return DetectionDataset.OpenCoco(path, masks: true);
    }

    private void MakePanoptic()
    {
        Directory.CreateDirectory(Path.Combine(root, "panoptic"));
        new Image(8, 6).Save(Path.Combine(root, "a.png"));
        var colours = new Image(8, 6);
        colours.Fill(new PixelBox(0, 0, 6, 2), new Rgb(300 % 256, 1, 2));
        colours.Fill(new PixelBox(4, 2, 8, 4), new Rgb(7, 0, 0));
        colours.Save(Path.Combine(root, "panoptic", "a.png"));
        File.WriteAllText(Path.Combine(root, "panoptic.json"), """
            {"images": [{"id": 17, "file_name": "a.png", "width": 8, "height": 6}],
             "categories": [{"id": 187, "name": "sky", "isthing": 0}, {"id": 2, "name": "cat", "isthing": 1}],
             "annotations": [{"image_id": 17, "file_name": "a.png", "segments_info": [{"id": 131372, "category_id": 187}, {"id": 7, "category_id": 2, "iscrowd": 1}]}]}
            """);
    }
}
