using System.Text.Json;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary><c>classify --abstain --unsure</c>: what is marked, and what a person gets to look at.</summary>
public sealed class AbstentionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string run;
    private readonly string photos;

    public AbstentionTests()
    {
        run = Path.Combine(folder.Path, "run");
        photos = TinyPictures.WriteFolder(folder, "photos", 3);
        string data = TinyPictures.Write(folder);
        Assert.Equal(0, Tiny.Run("train", "tiny_net", "--data", data, "--out", run, "--epochs", "2", "--batch", "8", "--workers", "1").Status);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_less_sure_than_asked_is_marked_in_the_terminal_in_the_table_and_in_json()
    {
        var answers = Tiny.Run("classify", run, photos, "--json").Json.EnumerateArray().ToDictionary(Input, Best);
        double middle = answers.Values.Order().ElementAt(answers.Count / 2);   // just as sure is sure enough
        string asked = middle.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        var expected = answers.ToDictionary(one => one.Key, one => one.Value < middle);
        Assert.Contains(true, expected.Values);
        Assert.Contains(false, expected.Values);

        var json = Tiny.Run("classify", run, photos, "--abstain", asked, "--json").Json.EnumerateArray().ToList();
        Assert.Equal(expected, json.ToDictionary(Input, one => one.GetProperty("unsure").GetBoolean()));
        Assert.All(Tiny.Run("classify", run, photos, "--json").Json.EnumerateArray(), one => Assert.False(one.TryGetProperty("unsure", out _)));

        var table = Tiny.Run("classify", run, photos, "--abstain", asked, "--top", "1", "--csv", "-");
        string[] lines = table.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] rows = [.. lines[Array.IndexOf(lines, "input,label,confidence,unsure")..].Skip(1)];
        Assert.Equal(expected, rows.Select(row => row.Split(',')).ToDictionary(row => row[0], row => bool.Parse(row[3])));

        var terminal = Tiny.Run("classify", run, photos, "--abstain", asked);
        int unsure = expected.Values.Count(value => value);
        Assert.Equal(unsure, terminal.Out.Split('\n').Count(line => line.StartsWith("unsure: less than", StringComparison.Ordinal)));
        Assert.Contains($"{unsure} of {expected.Count} answers are unsure", terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Unsure_pictures_are_copied_under_names_of_their_own_with_a_table_that_says_why()
    {
        string twin = Path.Combine(folder.Path, "twin");
        Directory.CreateDirectory(twin);
        string red = Directory.GetFiles(Path.Combine(photos, "red"))[0], same = Path.Combine(twin, Path.GetFileName(red));
        File.Copy(red, same);
        string unsure = Path.Combine(folder.Path, "unsure");
        var asked = Tiny.Run("classify", run, red, same, "--abstain", "1", "--top", "2", "--unsure", unsure);
        Assert.True(asked.Status == 0, asked.Error);
        string stem = Path.GetFileNameWithoutExtension(red);
        Assert.Equal([$"{stem}-2.png", $"{stem}.png", "why.csv"], Directory.GetFiles(unsure).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(red), File.ReadAllBytes(Path.Combine(unsure, $"{stem}-2.png")));
        string[] why = File.ReadAllLines(Path.Combine(unsure, "why.csv"));
        Assert.Equal("file,input,asked,label 1,confidence 1,label 2,confidence 2", why[0]);
        Assert.Equal([red, same], why[1..].Select(line => line.Split(',')[1]).Order(StringComparer.Ordinal));
        double[] confidences = [.. why[1].Split(',').Where((_, k) => k is 4 or 6).Select(double.Parse)];
        Assert.True(confidences[0] >= confidences[1]);

        var again = Tiny.Run("classify", run, red, "--abstain", "1", "--unsure", unsure);
        Assert.Equal(2, again.Status);
        Assert.Contains("something is in it already", again.Error, StringComparison.Ordinal);
        string none = Path.Combine(folder.Path, "none");
        Assert.Contains("0 of 1 answer is unsure; nothing was copied",
            Tiny.Run("classify", run, red, "--abstain", "0", "--unsure", none).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(none));
    }

    [Theory]
    [InlineData("--unsure u", "--unsure goes with --abstain")]
    [InlineData("--abstain 90", "--abstain takes a number from 0 to 1")]
    public void Wrong_use_is_told_before_anything_is_asked(string options, string told)
    {
        var outcome = Tiny.Run(["classify", run, Directory.GetFiles(Path.Combine(photos, "red"))[0], .. options.Split(' ')]);
        Assert.Equal((2, ""), (outcome.Status, outcome.Out));
        Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
    }

    private static string Input(JsonElement answer) => answer.GetProperty("input").GetString()!;

    private static double Best(JsonElement answer) => answer.GetProperty("predictions")[0].GetProperty("confidence").GetDouble();
}
