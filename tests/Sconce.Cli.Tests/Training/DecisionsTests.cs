using System.Text.Json;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary><c>train --decisions</c>: what a person decided on is learned, and what is held out stays.</summary>
public sealed class DecisionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string run;
    private readonly string photos;
    private readonly string decided;

    public DecisionsTests()
    {
        run = Path.Combine(folder.Path, "run");
        decided = Path.Combine(folder.Path, "decided");
        photos = TinyPictures.WriteFolder(folder, "photos", 10);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_goes_on_with_what_was_decided_and_holds_out_what_it_held_out_before()
    {
        Good(Train(run, "--epochs", "2"));
        string[] held = Part(run, "heldOut"), learned = Part(run, "learned");
        string[] added = [Decide("red", 1), Decide("blue", 2)];
        Directory.CreateDirectory(Path.Combine(decided, "green"));       // every picture of it was taken back
        File.WriteAllText(Path.Combine(decided, "why.csv"), "file\n");
        var over = Tiny.Run("train", "--out", run, "--decisions", decided);
        Assert.Equal(2, over.Status);
        Assert.Contains("is over. Ask for more than its 2 epochs", over.Error, StringComparison.Ordinal);

        var went = Good(Tiny.Run("train", "--out", run, "--decisions", decided, "--epochs", "3"));
        Assert.Contains("2 decided pictures are learned from (blue 1, red 1)", went.Error, StringComparison.Ordinal);
        Assert.Equal(held, Part(run, "heldOut"));
        Assert.Equal([.. learned, .. added.Order(StringComparer.Ordinal)], Part(run, "learned"));
        Assert.Equal(decided, Sampling(run).GetProperty("decisions").GetString());

        // What comes later waits until it is asked for again.
        string late = Decide("grey", 3);
        Assert.Contains("1 file is new and not used", Good(Tiny.Run("train", "--out", run, "--epochs", "4")).Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain(late, Part(run, "learned"));
        Good(Tiny.Run("train", "--out", run, "--decisions", decided, "--epochs", "5"));
        Assert.Equal([.. learned, .. added.Order(StringComparer.Ordinal), late], Part(run, "learned"));
        Assert.Contains("nothing in it is new to the run",
            Good(Tiny.Run("train", "--out", run, "--decisions", decided, "--epochs", "6")).Error, StringComparison.Ordinal);
        Assert.Equal(held, Part(run, "heldOut"));
        Assert.Equal(held.Length, Tiny.Run("eval", run, "--json").Json.GetProperty("pictures").GetInt32());
    }

    [Fact]
    public void A_label_that_a_run_does_not_know_is_refused_with_both_lists_and_a_new_run_learns_it()
    {
        Good(Train(run, "--epochs", "1"));
        Decide("red", 1);
        Decide("rad", 2);
        var refused = Tiny.Run("train", "--out", run, "--decisions", decided, "--epochs", "2");
        Assert.Equal(1, refused.Status);
        Assert.Contains("the label 'rad' is unknown to the run", refused.Error, StringComparison.Ordinal);
        Assert.Contains("The labels decided are rad, red; the run's classes are blue, green, grey, red", refused.Error,
            StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, Sampling(run).GetProperty("decisions").ValueKind);
        string other = Path.Combine(folder.Path, "other");
        Assert.Equal(1, Tiny.Run("train", "--config", Path.Combine(run, "config.json"), "--out", other, "--decisions", decided).Status);

        var began = Good(Train(other, "--epochs", "1", "--decisions", decided));
        Assert.Contains("'rad' is a new class", began.Error, StringComparison.Ordinal);
        Assert.Equal(["blue", "green", "grey", "rad", "red"],
            Configuration(other).GetProperty("classes").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(Part(run, "heldOut"), Part(other, "heldOut"));
    }

    [Fact]
    public void A_new_run_from_another_holds_out_what_that_one_did_though_the_data_have_grown()
    {
        Good(Train(run, "--epochs", "1"));
        string[] held = Part(run, "heldOut");
        for (int k = 0; k < 20; k++) File.Copy(Path.Combine(photos, "red", "0.png"), Path.Combine(photos, "red", $"a{k}.png"));
        string known = Decide("red", 1), twin = Path.Combine(decided, "red", "twin.png");
        File.Copy(Path.Combine(photos, held[0]), twin);
        string tuned = Path.Combine(folder.Path, "tuned");
        var began = Good(Train(tuned, "--epochs", "1", "--pretrained", run, "--decisions", decided, "--seed", "5"));
        Assert.Equal(held.Order(StringComparer.Ordinal), Part(tuned, "heldOut").Order(StringComparer.Ordinal));
        Assert.Contains("1 is held out already, and stays so", began.Error, StringComparison.Ordinal);
        Assert.Contains(known, Part(tuned, "learned"));
        Assert.DoesNotContain(twin, Part(tuned, "learned"));
        Assert.Equal(40 + 20 - held.Length + 1, Part(tuned, "learned").Length);
    }

    [Fact]
    public void A_run_in_the_midst_of_an_epoch_is_not_given_another_order()
    {
        Good(Train(run, "--steps", "2"));
        Decide("red", 1);
        var refused = Tiny.Run("train", "--out", run, "--steps", "4", "--decisions", decided);
        Assert.Equal(2, refused.Status);
        Assert.Contains("in the midst of epoch 1", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_beside_files_of_CIFAR_are_learned_too_and_asked_about_as_before()
    {
        string data = TinyPictures.Write(folder);
        string picture = Decide("red", 1);
        Good(Tiny.Run("train", "tiny_net", "--data", data, "--out", run, "--epochs", "1", "--decisions", decided, "--workers", "1"));
        Assert.Contains(picture, Part(run, "learned"));
        Assert.Equal(24, Tiny.Run("eval", run, "--json").Json.GetProperty("pictures").GetInt32());
        Decide("grey", 2);
        Good(Tiny.Run("train", "--out", run, "--epochs", "2", "--decisions", decided));
        Assert.Equal(2, Part(run, "learned").Count(path => path.StartsWith(decided, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_folder_whose_pictures_nobody_sorted_is_refused()
    {
        Directory.CreateDirectory(decided);
        File.Copy(Path.Combine(photos, "red", "0.png"), Path.Combine(decided, "0.png"));
        Assert.Contains("its pictures are not decided yet", Train(run, "--decisions", decided).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(run, "config.json")));
    }

    private Outcome Train(string place, params string[] options) => Tiny.Run(
        ["train", "tiny_net", "--data", photos, "--out", place, "--batch", "8", "--workers", "1", "--validation", "0.2", .. options]);

    private static Outcome Good(Outcome outcome)
    {
        Assert.True(outcome.Status == 0, outcome.Error);
        return outcome;
    }

    /// <summary>A picture of noise under a label, as the server's review queue leaves it.</summary>
    private string Decide(string label, int seed) => TinyPictures.Noise(decided, label, seed);

    private static string[] Part(string place, string part) =>
    [
        .. File.ReadLines(Path.Combine(place, "parts.jsonl")).Skip(1).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(row => row[0].GetString() == part).Select(row => row[1].GetString()!),
    ];

    private static JsonElement Configuration(string place) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(place, "config.json"))).RootElement;

    private static JsonElement Sampling(string place) => Configuration(place).GetProperty("settings").GetProperty("sampling");
}
