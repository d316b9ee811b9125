using System.Text.Json;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary><c>sconce train --method frost</c>.</summary>
public sealed class FrostMethodTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string run;
    private readonly string other;

    public FrostMethodTests()
    {
        data = TinyPictures.WriteFolder(folder, "photos", 12);
        run = Path.Combine(folder.Path, "run");
        other = Path.Combine(folder.Path, "other");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_few_labels_and_many_pictures_without_are_learned_from_and_a_run_goes_on()
    {
        string[] command = ["train", "tiny_net", "--method", "frost", "--labels-per-class", "2", "--unlabelled-ratio", "3", "--threshold",
            "0.4", "--data", data, "--batch", "8", "--epochs", "6", "--validation", "0.25", "--projection", "16"];
        // Stopped in the epoch after the first new labels: they come from the checkpoint.
        MethodRuns.StopsAndGoesOn(run, other, 10, command);
        string[] parts = File.ReadAllLines(Path.Combine(run, "parts.jsonl"));
        Assert.Equal([8, 28, 12],
            ((string[])["learned", "unlabelled", "heldOut"])
            .Select(part => parts.Count(line => line.StartsWith($"[\"{part}\"", StringComparison.Ordinal))));
        var evaluated = MethodRuns.Run("eval", run, "--json");
        Assert.True(evaluated.Status == 0, evaluated.Error);
        Assert.Equal(MethodRuns.Figures(run, "accuracy").Max(),
            evaluated.Json.GetProperty("figures").GetProperty("accuracy").GetDouble(), 1e-6);
        Assert.Equal(0, MethodRuns.Run("predict", run, "--image", Path.Combine(data, "blue", "2.png"), "--json").Status);
        // What is left is the plain network.
        using var best = Checkpoint.Open(Path.Combine(run, "best.ckpt"));
        Assert.Contains("conv.weight", best.Tensors.Select(tensor => tensor.Name));
        Assert.DoesNotContain(best.Tensors, tensor => tensor.Name.StartsWith("g.", StringComparison.Ordinal));
    }

    [Fact]
    public void Decided_pictures_keep_their_label_and_the_choice_of_the_others_stays()
    {
        string[] command = ["train", "tiny_net", "--method", "frost", "--labels-per-class", "2", "--unlabelled-ratio", "2", "--data", data,
            "--batch", "4", "--validation", "0.25", "--projection", "16"];
        Good(MethodRuns.Run([.. command, "--epochs", "1", "--out", other]));
        string decided = Path.Combine(folder.Path, "decided");
        string[] added = [TinyPictures.Noise(decided, "red", 1), TinyPictures.Noise(decided, "mauve", 2)];
        var ran = Good(MethodRuns.Run([.. command, "--epochs", "1", "--decisions", decided, "--out", run]));
        Assert.Contains("2 decided pictures are learned from (mauve 1, red 1)", ran.Error, StringComparison.Ordinal);
        Assert.Contains("10 of them with labels", ran.Error, StringComparison.Ordinal);
        Assert.Equal([.. Labelled(other), .. added.Order(StringComparer.Ordinal)], Labelled(run));
        Good(MethodRuns.Run("train", "--out", run, "--epochs", "2"));
        // What is decided later is learned by a run that begins from it.
        string late = TinyPictures.Noise(decided, "red", 3), next = Path.Combine(folder.Path, "next");
        var refused = MethodRuns.Run("train", "--out", run, "--epochs", "3", "--decisions", decided);
        Assert.Equal(2, refused.Status);
        Assert.Contains("--decisions: a run of frost goes on with the pictures that it had", refused.Error, StringComparison.Ordinal);
        Good(MethodRuns.Run([.. command, "--epochs", "1", "--pretrained", run, "--decisions", decided, "--out", next]));
        Assert.Equal(added.Append(late).Order(StringComparer.Ordinal), Labelled(next).Where(Path.IsPathRooted));

        static Outcome Good(Outcome outcome)
        {
            Assert.True(outcome.Status == 0, outcome.Error);
            return outcome;
        }

        // Those of the data by their relative paths, in order, then the decided ones.
        static IEnumerable<string> Labelled(string place) => File.ReadLines(Path.Combine(place, "parts.jsonl"))
            .Where(line => line.StartsWith("[\"learned\"", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line).RootElement[1].GetString()!)
            .OrderBy(Path.IsPathRooted).ThenBy(path => path, StringComparer.Ordinal);
    }

    [Fact]
    public void The_surest_guesses_become_labels_at_a_third_and_two_thirds_and_given_ones_stay()
    {
        string[] command = ["train", "tiny_net", "--method", "frost", "--labels-per-class", "1", "--bootstrap", "3", "--data", data,
            "--batch", "8", "--validation", "0.25"];
        long[] before = Labels(1), first = Labels(3), second = Labels(6);
        Assert.Equal(4, before.Count(label => label >= 0));
        Assert.InRange(second.Count(label => label >= 0), first.Count(label => label >= 0), 36);
        Assert.True(first.Count(label => label >= 0) > 4);
        for (int k = 0; k < before.Length; k++)
        {
            if (before[k] >= 0) Assert.Equal((before[k], before[k]), (first[k], second[k]));
        }

        long[] Labels(int epochs)
        {
            string place = Path.Combine(folder.Path, $"run{epochs}");
            // A run of three epochs has chosen at the end of its first and second.
            var ran = MethodRuns.Run([.. command, "--epochs", $"{epochs}", "--out", place]);
            Assert.True(ran.Status == 0, ran.Error);
            using var last = Checkpoint.Open(Path.Combine(place, "last.ckpt"), new CheckpointOptions { Wrapper = "model" });
            return last["assigned"].ToArray<long>();
        }
    }

    [Fact]
    public void A_list_names_the_pictures_that_keep_their_labels()
    {
        string list = folder.File("labelled.txt", "");
        string Line(string name, int number) => Path.Combine(name, $"{number}.png");
        // Those that are held out cannot be taken: the first of each class that are to learn from are found by trying.
        string[] taken = [.. new[] { "red", "green", "blue",
            "grey" }.Select((name, c) => Enumerable.Range(0, 12).Select(k => Line(name, (4 * k) + c)).First(line => Accepts(line)))];
        File.WriteAllLines(list, taken);
        var ran = MethodRuns.Run("train", "tiny_net", "--method", "frost", "--labelled", list, "--bootstrap", "1", "--data", data,
            "--batch", "8", "--epochs", "3", "--validation", "0.25", "--out", run);
        Assert.True(ran.Status == 0, ran.Error);
        Assert.Contains("4 of them with labels", ran.Error, StringComparison.Ordinal);

        bool Accepts(string line)
        {
            File.WriteAllText(list, line);
            string error = MethodRuns.Run("train", "tiny_net", "--method", "frost", "--labelled", list, "--data", data, "--validation",
                "0.25", "--out", other).Error;
            Assert.True(error.Contains("it lists no picture of the class", StringComparison.Ordinal)
                || error.Contains("labelled.txt, line 1", StringComparison.Ordinal), error);
            return error.Contains("it lists no picture", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--labels-per-class", "10", "'blue' has 9 pictures to learn from")]
    [InlineData("--labelled", "nowhere.txt", "there is no file")]
    [InlineData("--threshold", "1.5", "--threshold takes a number from 0 to 1")]
    [InlineData("--cutmix", "1", "--cutmix is no option of the method frost")]
    [InlineData("--label-smoothing", "0.1", "--label-smoothing is no option of the method frost")]
    public void An_option_that_means_nothing_is_wrong_use(string option, string value, string message)
    {
        var refused = MethodRuns.Run("train", "tiny_net", "--method", "frost", "--data", data, "--validation", "0.25", "--out",
            run, option, value);
        Assert.Equal(2, refused.Status);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void The_check_shows_labels_and_views()
    {
        var check = MethodRuns.Run("train", "tiny_net", "--method", "frost", "--data", data, "--batch", "8", "--validation", "0.25",
            "--out", run, "--check");
        Assert.True(check.Status == 0, check.Out + check.Error);
        Assert.Contains("the loss of frost", check.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "check.views.png")));
    }
}
