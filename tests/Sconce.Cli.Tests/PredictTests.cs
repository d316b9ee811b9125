using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Xunit;

namespace Sconce.Cli.Tests;

public class PredictTests
{
    [Theory]
    [InlineData("predict")]
    [InlineData("classify")]
    public void Each_input_gets_its_answers(string verb)
    {
        using var folder = new TemporaryFolder();
        string first = Picture(folder, "1.png"), second = Picture(folder, "2.png");
        var outcome = CommandLine.Run(verb, "alpha", first, second, "--labels", "a dog,a cat");
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Assert.Equal($"{first}\n100.0 %  a dog\n 50.0 %  a cat\nalpha_small\n{second}\n100.0 %  a dog\n 50.0 %  a "
            + $"cat\nalpha_small\n", outcome.Out);
        Assert.Equal(outcome.Out, CommandLine.Run(verb, "alpha", "--labels", "a dog,a cat", "--image", first, second).Out);
        Assert.Equal(outcome.Out, CommandLine.Run(verb, "alpha", "--labels", "a dog", "--labels", "a cat", "--input", first, second).Out);
    }

    [Fact]
    public void A_folder_a_pattern_and_a_list_are_inputs_too()
    {
        using var folder = new TemporaryFolder();
        string[] files = [Picture(folder, "b.png"), Picture(folder, "a.png")];
        folder.File("note.txt", "no picture");
        string list = folder.File("list.txt", string.Join('\n', files) + "\n\n");
        string[] sorted = [.. files.Order(StringComparer.Ordinal)];
        Assert.Equal(sorted, Asked(folder.Path));
        Assert.Equal(sorted, Asked(Path.Combine(folder.Path, "?.png")));
        Assert.Equal(files, Asked("--list", list));

        static string[] Asked(params string[] inputs) =>
            [.. CommandLine.Run(["classify", "alpha", .. inputs, "--labels", "x", "--json"]).Json.EnumerateArray()
                .Select(answer => answer.GetProperty("input").GetString()!)];
    }

    [Fact]
    public void Without_a_name_the_verbs_default_is_taken_and_told()
    {
        using var folder = new TemporaryFolder();
        var outcome = CommandLine.Run("classify", Picture(folder, "1.png"), "--labels", "x");
        Assert.Equal(0, outcome.Status);
        Assert.Contains("classify with alpha_small, the verb's default", outcome.Error);
    }

    [Fact]
    public void Json_holds_every_answer_and_the_variant_goes_through()
    {
        using var folder = new TemporaryFolder();
        var answers = CommandLine.Run("predict", "alpha", Picture(folder, "1.png"), "--labels", "x", "--variant",
            "alpha-large", "--json").Json;
        Assert.Equal(1, answers[0].GetProperty("predictions")[0].GetProperty("confidence").GetDouble());
        Assert.Equal("alpha_large", answers[0].GetProperty("text").GetString());
    }

    [Fact]
    public void A_table_holds_every_answer_and_quotes_what_needs_it()
    {
        using var folder = new TemporaryFolder();
        string file = Picture(folder, "a, b.png"), table = Path.Combine(folder.Path, "answers.csv");
        Assert.Equal(0, CommandLine.Run("classify", "alpha", file, "--labels", "a dog,a cat", "--csv", table).Status);
        Assert.Equal($"input,label,confidence\n\"{file}\",a dog,1\n\"{file}\",a cat,0.5\n", File.ReadAllText(table));
    }

    [Fact]
    public void A_networks_name_reaches_its_systems_ability()
    {
        using var folder = new TemporaryFolder();
        string file = Picture(folder, "1.png");
        var outcome = CommandLine.Run("predict", "alpha-large", file, "--labels", "x", "--json");
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Assert.Equal("alpha_large", outcome.Json[0].GetProperty("text").GetString());
        Assert.Contains("--labels", CommandLine.Run("predict", "alpha_large", "--help").Out);
        Assert.Contains("'alpha_lagre'", CommandLine.Run("predict", "alpha_lagre", file).Error);
    }

    [Fact]
    public void One_broken_file_does_not_stop_the_others()
    {
        using var folder = new TemporaryFolder();
        string good = Picture(folder, "1.png"), broken = folder.File("2.png", "no picture"), last = Picture(folder, "3.png");
        var outcome = CommandLine.Run("classify", "alpha", good, broken, last, "--labels", "x", "--json");
        Assert.Equal(1, outcome.Status);
        Assert.Contains(broken, outcome.Error);
        Assert.Equal([good, last, broken], outcome.Json.EnumerateArray().Select(answer => answer.GetProperty("input").GetString()));
        Assert.Equal(0, CommandLine.Run("classify", "alpha", good, broken, last, "--labels", "x", "--skip-broken").Status);
        Assert.Equal(1, CommandLine.Run("classify", "alpha", broken, "--labels", "x").Status);
    }

    [Theory]
    [InlineData("classify alpha 1.png", "--labels is missing: What it may be.")]
    [InlineData("classify alpha 1.png --lables x", "--lables")]
    [InlineData("classify alpha --labels x", "which pictures?")]
    [InlineData("classify alpha nothing.png --labels x", "there is no file 'nothing.png'")]
    [InlineData("classify alpha *.bmp --labels x", "'*.bmp' fits no file")]
    [InlineData("classify gamma 1.png", "gamma does not classify")]
    [InlineData("predict", "predict with what?")]
    public void What_is_asked_wrongly_is_told_in_the_lines_own_words(string line, string message)
    {
        using var folder = new TemporaryFolder();
        string file = Picture(folder, "1.png");
        var outcome = CommandLine.Run([.. line.Split(' ').Select(word => word == "1.png" ? file : word)]);
        Assert.Equal(2, outcome.Status);
        Assert.Contains(message, outcome.Error);
        Assert.DoesNotContain("Exception", outcome.Error);
    }

    [Theory]
    [InlineData("clips")]
    [InlineData("clips_long")]
    public void Clips_are_taken_by_an_ability_that_takes_clips(string name)
    {
        foreach (string option in (string[])["--video", "--image"])
        {
            var outcome = Run("predict", name, "--labels", "dancing", option, "/no/clip.mp4");
            Assert.Equal(2, outcome.Status);
            Assert.Contains("/no/clip.mp4", outcome.Error);
        }

        Assert.Contains("clips", Run("predict", name, "--labels", "dancing").Error);
    }

    private static string Picture(TemporaryFolder folder, string name)
    {
        string path = Path.Combine(folder.Path, name);
        new Image(4, 4).Save(path);
        return path;
    }

    private static Outcome Run(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int status = Application.Run(arguments, [new Clips()], new Terminal(output, error) { Width = 100 });
        return new Outcome(status, output.ToString(), error.ToString());
    }

    private sealed class Clips : CatalogueSystem
    {
        public override SystemCard Card { get; } = FakeSystems.Card("clips", "Clips", "2021-W01", SystemTask.Video, "Looks at videos.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
            [new("clips_short", "", _ => new Linear(1, 1)), new("clips_long", "", _ => new Linear(1, 1))];

        public override IReadOnlyList<Ability> Abilities { get; } = [new FakeClassify<Clip>()];
    }
}
