using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>What a run held out, and which classes it knows, whatever becomes of its data.</summary>
public sealed class KeptPartsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string run;
    private readonly string photos;

    public KeptPartsTests()
    {
        run = Path.Combine(folder.Path, "run");
        photos = TinyPictures.WriteFolder(folder, "photos", 10);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Eval_asks_only_about_what_was_held_out_and_says_what_is_new()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string[] held = HeldOut();
        Assert.Equal(8, held.Length);
        File.Copy(Path.Combine(photos, "red", "0.png"), Path.Combine(photos, "red", "aa.png"));
        foreach (string picture in Directory.EnumerateFiles(photos, "*.png", SearchOption.AllDirectories))
        {
            // All others are broken, so that it would be said if one were asked about.
            if (!held.Contains(Path.GetRelativePath(photos, picture).Replace('\\', '/'))) File.WriteAllText(picture, "broken");
        }

        foreach (string[] asked in (string[][])[["eval", run, "--json"], ["eval", run, "--data", photos, "--json"]])
        {
            var evaluated = Tiny.Run(asked);
            Assert.True(evaluated.Status == 0, evaluated.Error);
            Assert.Equal(8, evaluated.Json.GetProperty("pictures").GetInt32());
            Assert.Contains("1 file is new and not used (red/aa.png)", evaluated.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_run_that_goes_on_says_what_is_new_and_refuses_to_go_on_without_its_pictures()
    {
        Assert.Equal(0, Train("--epochs", "2").Status);
        string[] before = HeldOut();
        File.Copy(Path.Combine(photos, "red", "0.png"), Path.Combine(photos, "red", "aa.png"));
        var again = Train("--epochs", "2");
        Assert.True(again.Status == 0, again.Error);
        Assert.Contains("1 file is new and not used (red/aa.png)", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, HeldOut());
        File.Delete(Path.Combine(photos, "red", "0.png"));
        var refused = Train("--epochs", "2");
        Assert.Equal(1, refused.Status);
        Assert.Contains("red/0.png", refused.Error, StringComparison.Ordinal);
        Assert.Contains("put it back", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_that_the_run_learned_from_are_told_where_others_were_asked_for()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        var evaluated = Tiny.Run("eval", run, "--data", Path.Combine(photos, "..", "photos", "..", "photos", "."), "--json");
        Assert.Equal(8, evaluated.Json.GetProperty("pictures").GetInt32());    // the same folder by another name
        string link = Path.Combine(folder.Path, "some");
        Directory.CreateDirectory(link);
        Array.ForEach(["red", "blue"], name => Directory.Move(Path.Combine(photos, name), Path.Combine(link, name)));
        Assert.DoesNotContain("learned from", Tiny.Run("eval", run, "--data", link).Error, StringComparison.Ordinal);
        // moved: other files, as far as names tell
    }

    [Fact]
    public void Names_of_classes_in_a_checkpoint_are_used()
    {
        Assert.Equal(0,
            Tiny.Run("train", "tiny_net", "--data", TinyPictures.Write(folder), "--out", run, "--batch", "8", "--epochs", "12").Status);
        string best = Path.Combine(run, "best.ckpt");
        // The data count red, green, blue, grey; folders come as blue, green, grey, red.
        var evaluated = Tiny.Run("eval", "tiny_net", "--weights", best, "--data", photos, "--json");
        Assert.True(evaluated.Json.GetProperty("figures").GetProperty("accuracy").GetDouble() > 0.9);
        Assert.Equal("blue",
            Tiny.Run("predict", "tiny_net", "--weights", best, "--image", Path.Combine(photos, "blue", "2.png"), "--json").Json[0]
            .GetProperty("predictions")[0].GetProperty("label").GetString());
        Directory.Move(Path.Combine(photos, "red"), Path.Combine(photos, "rot"));
        var refused = Tiny.Run("eval", "tiny_net", "--weights", best, "--data", photos);
        Assert.Contains("'rot' is none of the 4 classes", refused.Error, StringComparison.Ordinal);
        Assert.Contains("The classes are red, green, blue, grey; the folders are blue, green, grey, rot", refused.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_names_are_told_to_be_taken_in_the_folders_order()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string bare = Path.Combine(folder.Path, "bare.safetensors");
        using (var best = Checkpoint.Open(Path.Combine(run, "best.ckpt")))
        {
            CheckpointWriter.SaveSafetensors(bare,
                best.Tensors.Where(tensor => tensor.DType == Torch.DType.Float32)
                .Select(tensor => TensorData.Of(tensor.Name, tensor.DType, [.. tensor.Shape], tensor.ToArray<float>())));
        }

        var evaluated = Tiny.Run("eval", "tiny_net", "--weights", bare, "--data", photos);
        Assert.True(evaluated.Status == 0, evaluated.Error);
        Assert.Contains("names no classes, so the outputs are taken to be blue, green, grey, red in this order", evaluated.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Features_are_of_all_pictures_of_any_folder_or_of_one_part()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string data = Path.Combine(folder.Path, "sorted"), file = Path.Combine(folder.Path, "f.npy");
        Directory.CreateDirectory(data);
        Directory.Move(photos, Path.Combine(data, "Training"));
        Directory.CreateDirectory(Path.Combine(data, "test"));
        File.Copy(Path.Combine(data, "Training", "red", "0.png"), Path.Combine(data, "test", "x.png"));
        Assert.Equal(41, Rows());
        Assert.Equal(40, Rows("--part", "train"));
        Assert.Equal(1, Rows("--part", "test"));
        data = Path.Combine(data, "test");
        Assert.Equal(1, Rows());
        Assert.Contains("no part to learn from", Tiny.Run("features", run, "--data", data, "--out", file, "--part", "train").Error,
            StringComparison.Ordinal);

        long Rows(params string[] more)
        {
            var ran = Tiny.Run(["features", run, "--data", data, "--out", file, .. more]);
            Assert.True(ran.Status == 0, ran.Error);
            using var features = Checkpoint.Open(file);
            return features.Tensors.Single().Shape[0];
        }
    }

    [Fact]
    public void Files_that_are_left_out_are_said_once()
    {
        File.WriteAllText(Path.Combine(photos, "red", "a.xcf"), "x");
        var ran = Train("--epochs", "1");
        Assert.True(ran.Status == 0, ran.Error);
        Assert.Equal(2, ran.Error.Split("1 file is left out").Length);
    }

    private Outcome Train(params string[] more) =>
        Tiny.Run(["train", "tiny_net", "--data", photos, "--out", run, "--batch", "4", "--validation", "0.2", .. more]);

    private string[] HeldOut() =>
        [.. File.ReadAllLines(Path.Combine(run, "parts.jsonl")).Where(line => line.StartsWith("[\"heldOut\"", StringComparison.Ordinal))
        .Select(line => line.Split('"')[3])];
}
