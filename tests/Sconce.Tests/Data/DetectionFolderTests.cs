using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>The layouts in which people keep pictures with objects.</summary>
public sealed class DetectionFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-layouts-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("annotations/instances_train2017.json", "train2017", "annotations/instances_val2017.json", "val2017")]
    [InlineData("annotations/instances_train.json", "images/train", "annotations/instances_val.json", "images/val")]
    [InlineData("train.json", "", "test.json", "")]
    [InlineData("train.json", "images", "val.json", "images")]
    [InlineData("train/_annotations.coco.json", "train", "valid/_annotations.coco.json", "valid")]
    public void Known_layouts_have_a_part_to_learn_from_and_one_to_be_asked_about(string train, string trainPictures, string test,
        string testPictures)
    {
        Write(train, trainPictures, "a", 3);
        Write(test, testPictures, "b", 2);
        var folder = DetectionFolder.Open(root, masks: false);
        Assert.Equal((3, 2), (folder.Train.Count, folder.Test.Count));
        Assert.Single(folder.Train[0].Boxes);
        Assert.Equal(2, DetectionFolder.OpenTest(root, masks: true).Count);
        Assert.StartsWith("b", Path.GetFileName(folder.Test.NameOf(1)));
    }

    [Fact]
    public void Of_one_file_a_share_is_held_out_by_the_seed()
    {
        Write("all.json", "", "a", 20);
        DetectionFolder first = DetectionFolder.Open(root, false, 0.25, 3), same = DetectionFolder.Open(root, false, 0.25, 3),
            other = DetectionFolder.Open(root, false, 0.25, 4);
        string[] Names(DetectionDataset data) => [.. Enumerable.Range(0, data.Count).Select(data.NameOf)];
        Assert.Equal((15, 5), (first.Train.Count, first.Test.Count));
        Assert.Equal(Names(first.Test), Names(same.Test));
        Assert.NotEqual(Names(first.Test), Names(other.Test));
        Assert.Empty(Names(first.Train).Intersect(Names(first.Test)));
    }

    [Fact]
    public void Voc_s_lists_are_its_parts_and_share_their_classes()
    {
        foreach (string folder in (string[])["Annotations", "JPEGImages", "ImageSets/Main"])
            Directory.CreateDirectory(Path.Combine(root, folder));
        foreach (var (name, kind) in ((string, string)[])[("a", "dog"), ("b", "cat"), ("c", "dog")])
        {
            File.WriteAllText(Path.Combine(root, "Annotations", name + ".xml"),
                $"<annotation><filename>{name}.png</filename><size><width>8</width><height>6</height><depth>3</depth></size>"
                + $"<object><name>{kind}</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox>"
                + "</object></annotation>");
        }

        Assert.Equal((2, 1), DetectionFolder.Open(root, false) is var whole ? (whole.Train.Count, whole.Test.Count) : default);
        File.WriteAllText(Path.Combine(root, "ImageSets", "Main", "train.txt"), "a\nb\n");
        File.WriteAllText(Path.Combine(root, "ImageSets", "Main", "val.txt"), "c\n");
        var parts = DetectionFolder.Open(root, false);
        Assert.Equal((2, 1), (parts.Train.Count, parts.Test.Count));
        Assert.Equal(["cat", "dog"], parts.Test.Classes);
    }

    [Fact]
    public void What_is_no_such_folder_says_which_there_are()
    {
        Assert.Contains("no such folder",
            Assert.Throws<DataException>(() => DetectionFolder.Open(Path.Combine(root, "none"), false)).Message);
        Assert.Contains("instances_train", Assert.Throws<DataException>(() => DetectionFolder.Open(root, false)).Message);
        Write("one.json", "", "a", 2);
        Write("two.json", "", "b", 2);
        Assert.Contains("which of one.json, two.json", Assert.Throws<DataException>(() => DetectionFolder.Open(root, false)).Message);
    }

    [Fact]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        Write("train.json", "", "a", 2);
        Write("val.json", "", "b", 2, category: "dog");
        Assert.Contains("different classes: cat to learn, dog",
            Assert.Throws<DataException>(() => DetectionFolder.Open(root, false)).Message);
        Write("val.json", "", "b", 2, objects: 0);
        Assert.Contains("none of the 2 pictures to be asked about holds an object",
            Assert.Throws<DataException>(() => DetectionFolder.Open(root, false)).Message);
        Write("val.json", "elsewhere", "c", 2);
        Assert.Contains("c0.png, lies in none of", Assert.Throws<DataException>(() => DetectionFolder.Open(root, false)).Message);
    }

    [Fact]
    public void Masks_prefer_segments_and_boxes_alone_are_a_fault()
    {
        Write("annotations/instances_train.json", "train", "a", 2);
        Write("annotations/instances_val.json", "val", "b", 2);
        Assert.Contains("has boxes alone", Assert.Throws<DataException>(() => DetectionFolder.Open(root, masks: true)).Message);
        foreach (string part in (string[])["train", "val"])
        {
            var json = Coco(part == "train" ? "a" : "b", 2, "cat", 0);
            json["categories"]![0]!["isthing"] = 1;
            Directory.CreateDirectory(Path.Combine(root, "annotations", $"panoptic_{part}"));
            for (int k = 0; k < 2; k++)
            {
                var colours = new Image(8, 6);
                colours.Fill(new PixelBox(0, 0, 3, 3), new Rgb(5, 0, 0));
                colours.Save(Path.Combine(root, "annotations", $"panoptic_{part}", $"{k}.png"));
                json["annotations"]!.AsArray()
                    .Add(new JsonObject
                    {
                        ["image_id"] = k,
                        ["file_name"] = $"{k}.png",
                        ["segments_info"] = JsonNode.Parse("""[{"id": 5, "category_id": 2}]""")
                    });
            }

            File.WriteAllText(Path.Combine(root, "annotations", $"panoptic_{part}.json"), json.ToJsonString());
        }

        var folder = DetectionFolder.Open(root, masks: true);
        Assert.NotNull(folder.Train.Things);
        Assert.Equal(9, folder.Test.BoxesOf(1).Single().Mask!.Area);
        Assert.Null(DetectionFolder.Open(root, masks: false).Train.Things);
    }

    private static JsonObject Coco(string name, int count, string category, int objects) => new()
    {
        ["categories"] = new JsonArray(new JsonObject { ["id"] = 2, ["name"] = category }),
        ["images"] = new JsonArray([.. Enumerable.Range(0, count)
            .Select(k => new JsonObject { ["id"] = k, ["file_name"] = $"{name}{k}.png", ["width"] = 8, ["height"] = 6 })]),
        ["annotations"] = new JsonArray([.. Enumerable.Range(0, count * objects)
            .Select(k => new JsonObject { ["id"] = k, ["image_id"] = k, ["category_id"] = 2, ["bbox"] = new JsonArray(1, 1, 4, 4) })]),
    };

    private void Write(string file, string pictures, string name, int count, string category = "cat", int objects = 1)
    {
        string path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Coco(name, count, category, objects).ToJsonString());
        string folder = Path.Combine(root, pictures);
        Directory.CreateDirectory(folder);
        for (int k = 0; k < count; k++) new Image(8, 6).Save(Path.Combine(folder, $"{name}{k}.png"));
    }
}
