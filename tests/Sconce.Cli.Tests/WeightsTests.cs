using Sconce.Nn;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

public class WeightsTests
{
    [Fact]
    public void A_checkpoint_is_listed_and_held_against_a_network()
    {
        using var folder = new TemporaryFolder();
        string fits = Path.Combine(folder.Path, "fits.safetensors"), other = Path.Combine(folder.Path, "other.pth");
        using (var module = new Linear(8, 4)) ModelWeights.Save(module, fits);
        using (var module = new Linear(8, 5)) ModelWeights.Save(module, other);

        string listed = CommandLine.Run("weights", fits).Out;
        Assert.Contains("weight  float32  (4, 8)          32", listed);
        Assert.Contains("safetensors", listed);
        var json = CommandLine.Run("weights", fits, "--json").Json;
        Assert.Equal(36, json.GetProperty("parameters").GetInt64());
        Assert.Equal(144, json.GetProperty("bytes").GetInt64());

        var good = CommandLine.Run("weights", fits, "--check", "alpha_small");
        Assert.Equal(0, good.Status);
        Assert.Contains("2 matched, 0 missing", good.Out);
        var bad = CommandLine.Run("weights", other, "--check", "alpha_small", "--json");
        Assert.Equal(1, bad.Status);
        Assert.False(bad.Json.GetProperty("check").GetProperty("fits").GetBoolean());
        Assert.Equal("[4,8]", bad.Json.GetProperty("check").GetProperty("misShaped")[0].GetProperty("expected").GetRawText()
            .Replace(" ", "").Replace("\n", ""));
    }

    [Fact]
    public void Other_names_get_the_nearest_ones()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "prefixed.safetensors");
        using (var whole = new Sequential { ["fc"] = new Linear(8, 4) }) ModelWeights.Save(whole, file);
        var outcome = CommandLine.Run("weights", file, "--check", "alpha_small", "--prefix", "");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("near: 'fc.weight'", outcome.Out);
        var found = CommandLine.Run("weights", file, "--check", "alpha_small");
        Assert.Equal(0, found.Status);
        Assert.Contains("the prefix 'fc.' was taken off", found.Out);
    }

    [Fact]
    public void Two_networks_in_a_file_are_asked_about_in_terms_of_an_option_that_the_command_has()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "both.safetensors");
        using (var both = new Sequential { ["student"] = new Linear(8, 4), ["teacher"] = new Linear(8, 4) }) ModelWeights.Save(both, file);
        var outcome = CommandLine.Run("weights", file, "--check", "alpha_small");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("'student.…', 'teacher.…'", outcome.Error);
        Assert.Contains("--prefix", outcome.Error);
        Assert.DoesNotContain("StripPrefix", outcome.Error);
        Assert.Equal(0, CommandLine.Run("weights", file, "--check", "alpha_small", "--prefix", "teacher").Status);
        foreach (string command in (string[])["weights", "eval", "export", "train", "predict"])
        {
            string help = CommandLine.Run(command, "--help").Out;
            Assert.Contains("--prefix", help);
            Assert.Contains("--wrapper", help);
        }
    }
}
