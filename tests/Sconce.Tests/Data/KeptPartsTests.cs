using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>A run's parts stay what they are, whatever becomes of its data.</summary>
public sealed class KeptPartsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-data-").FullName;
    private readonly string run = Directory.CreateTempSubdirectory("sconce-run-").FullName;

    public void Dispose()
    {
        Directory.Delete(root, recursive: true);
        Directory.Delete(run, recursive: true);
    }

    [Fact]
    public void Pictures_that_are_added_change_neither_part_and_are_named()
    {
        var before = Begin();
        Save("cat/aa.png");
        Save("dog/zz.png");
        var after = Again();
        Assert.Equal(Names(before.Train), Names(after.Train));
        Assert.Equal(Names(before.Test), Names(after.Test));
        Assert.Equal(before.TrainLabels, after.TrainLabels);
        Assert.Equal($"{root}: since the run began, 2 files are new and not used (cat/aa.png, dog/zz.png)", Assert.Single(after.Remarks));
        Assert.Equal(Names(before.Test), Names(HeldOut().Images));
    }

    [Fact]
    public void A_picture_that_has_changed_is_named_and_one_that_was_only_copied_is_not()
    {
        var before = Begin();
        string first = before.Train.NameOf(0), second = before.Train.NameOf(1);
        new Image(5, 5).Save(first);
        byte[] same = File.ReadAllBytes(second);
        File.Delete(second);
        File.WriteAllBytes(second, same);
        File.SetLastWriteTimeUtc(second, DateTime.UtcNow.AddDays(1));
        Assert.EndsWith($"1 has changed ({Path.GetRelativePath(root, first)})", Assert.Single(Again().Remarks));
        Assert.Empty(HeldOut().Remarks);
    }

    [Fact]
    public void A_run_does_not_go_on_without_a_picture_but_what_is_left_of_those_held_out_is_asked_about()
    {
        var before = Begin();
        string gone = before.Test.NameOf(0);
        File.Delete(gone);
        Assert.Contains($"1 of the run's files is gone ({Path.GetRelativePath(root, gone)}): put it back",
            Assert.Throws<DataException>(Again).Message, StringComparison.Ordinal);
        var asked = HeldOut();
        Assert.Equal(Names(before.Test)[1..], Names(asked.Images));
        Assert.Contains("is gone", Assert.Single(asked.Remarks), StringComparison.Ordinal);
        foreach (string name in Names(before.Test)) File.Delete(name);
        Assert.Throws<DataException>(HeldOut);
    }

    [Fact]
    public void Other_data_that_hold_pictures_the_run_learned_from_are_told()
    {
        var before = Begin();
        string[] told = [.. KeptParts.Read(run)!.Learned([.. Names(before.Train).Take(3), .. Names(before.Test)])];
        Assert.StartsWith($"3 of these {3 + before.Test.Count} files", Assert.Single(told), StringComparison.Ordinal);
        Assert.Empty(KeptParts.Read(run)!.Learned(Names(before.Test)));
    }

    [Fact]
    public void Which_pictures_have_labels_is_kept_too()
    {
        var images = Draw();
        using (var folder = RunFolder.Open(run)) images.Keep(folder, root, k => k % 3 == 0);
        Save("cat/aa.png");
        Assert.Equal(Enumerable.Range(0, images.Train.Count).Where(k => k % 3 == 0), Again().Labelled!);
    }

    [Fact]
    public void A_damaged_list_is_refused_with_its_line()
    {
        Begin();
        string path = Path.Combine(run, KeptParts.FileName);
        string[] lines = File.ReadAllLines(path);
        File.WriteAllLines(path, [.. lines[..3], "[\"learned\", 3]", .. lines[4..]]);
        Assert.Contains("parts.jsonl, line 4", Assert.Throws<DataException>(() => KeptParts.Read(run)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "");
        Assert.Contains("parts.jsonl, line 1", Assert.Throws<DataException>(() => KeptParts.Read(run)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Null(KeptParts.Read(run));
    }

    [Fact]
    public void A_detector_s_parts_are_kept_and_a_box_that_was_moved_is_named()
    {
        WriteCoco(12);
        var before = DetectionFolder.Open(root, masks: false, 0.25, 1);
        before.Keep(run, root);
        WriteCoco(14, left: 2);
        var after = DetectionFolder.Open(root, masks: false, 0.25, 1, kept: KeptParts.Read(run));
        Assert.Equal(Names(before.Train), Names(after.Train));
        Assert.Equal(Names(before.Test), Names(after.Test));
        string told = Assert.Single(after.Remarks);
        Assert.Contains("2 files are new and not used (12.png, 13.png)", told, StringComparison.Ordinal);
        Assert.Contains("1 has changed (5.png)", told, StringComparison.Ordinal);
        Assert.Equal(Names(before.Test), Names(DetectionFolder.OpenHeldOut(root, false, null, KeptParts.Read(run)!).Pictures));
    }

    private LabelledImages Begin()
    {
        var images = Draw();
        using var folder = RunFolder.Open(run);
        images.Keep(folder, root);
        return images;
    }

    private LabelledImages Draw()
    {
        for (int k = 0; k < 10; k++)
        {
            Save($"cat/{k}.png");
            Save($"dog/{k}.png");
        }

        return LabelledImages.Open(root, null, 0.2, 7);
    }

    private LabelledImages Again() => LabelledImages.Open(root, ["cat", "dog"], 0.2, 7, KeptParts.Read(run));

    private AskedImages HeldOut() =>
        LabelledImages.OpenHeldOut(
            new RunConfiguration("", "classifier",
                new ClassifierSettings { Run = new RunSettings { Data = root, Validation = 0.2, Seed = 7 } })
            { Classes = ["cat", "dog"] },
            KeptParts.Read(run));

    private static string[] Names(IDataset<ImageExample> images) => [.. Enumerable.Range(0, images.Count).Select(images.NameOf)];

    private void Save(string place)
    {
        string path = Path.Combine(root, place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        new Image(4, 4).Save(path);
    }

    /// <summary>So many pictures with a box each, that of the sixth at another place.</summary>
    private void WriteCoco(int count, int left = 1)
    {
        var json = new JsonObject
        {
            ["categories"] = new JsonArray(new JsonObject { ["id"] = 1, ["name"] = "thing" }),
            ["images"] = new JsonArray(
                [.. Enumerable.Range(0, count)
                .Select(k => new JsonObject { ["id"] = k, ["file_name"] = $"{k}.png", ["width"] = 8, ["height"] = 8 })]),
            ["annotations"] = new JsonArray(
                [.. Enumerable.Range(0, count)
                .Select(k =>
                new JsonObject { ["id"] = k, ["image_id"] = k, ["category_id"] = 1,
                ["bbox"] = new JsonArray(k == 5 ? left : 1, 1, 4, 4) })]),
        };
        File.WriteAllText(Path.Combine(root, "all.json"), json.ToJsonString());
        for (int k = 0; k < count; k++)
        {
            if (!File.Exists(Path.Combine(root, $"{k}.png"))) new Image(8, 8).Save(Path.Combine(root, $"{k}.png"));
        }
    }
}
