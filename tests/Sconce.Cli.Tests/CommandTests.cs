using System.Text.Json;
using Sconce.Catalogue;
using Sconce.Claims;
using Xunit;

namespace Sconce.Cli.Tests;

public sealed class CommandTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems =
        [new FakeSystem("alpha"), new FakeSystem("beta", SystemTask.Training, Verdict.DoesNotHold)];
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_list_names_every_system_and_nothing_else_on_standard_output()
    {
        var ran = Ran.Of(Systems, "list");
        Assert.Equal(0, ran.Status);
        Assert.Contains("alpha", ran.Out, StringComparison.Ordinal);
        Assert.Contains("beta", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', ran.Out);
        Assert.Empty(ran.Error);
    }

    [Fact]
    public void A_list_is_narrowed_by_task_and_by_wildcard()
    {
        Assert.DoesNotContain("alpha", Ran.Of(Systems, "list", "--task", "training").Out, StringComparison.Ordinal);
        Assert.DoesNotContain("beta", Ran.Of(Systems, "list", "al*").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_for_scripts_is_one_JSON_document()
    {
        using var document = JsonDocument.Parse(Ran.Of(Systems, "list", "--json").Out);
        Assert.Contains("alpha", document.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_shows_its_paper()
    {
        var ran = Ran.Of(Systems, "show", "alpha");
        Assert.Equal(0, ran.Status);
        Assert.Contains("On Fakes", ran.Out, StringComparison.Ordinal);
        Assert.Contains("What alpha is for.", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show", "alpa", "alpha")]
    [InlineData("claim", "bta", "beta")]
    public void A_misspelt_system_is_wrong_use_in_one_line_that_names_the_nearest(string command, string typed, string meant)
    {
        var ran = Ran.Of(Systems, command, typed);
        Assert.Equal(2, ran.Status);
        Assert.Contains(meant, ran.Error, StringComparison.Ordinal);
        Assert.Single(ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(ran.Out);
    }

    [Fact]
    public void A_misspelt_command_is_wrong_use_and_names_the_nearest()
    {
        var ran = Ran.Of(Systems, "lst");
        Assert.Equal(2, ran.Status);
        Assert.Contains("list", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_teaches_by_example()
    {
        var ran = Ran.Of(Systems, "--help");
        Assert.Equal(0, ran.Status);
        Assert.Contains("sconce claim nfnets", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_writes_a_report_that_opens_offline_and_a_result_for_scripts()
    {
        var ran = Ran.Of(Systems, "claim", "alpha", "--out", folder);
        Assert.Equal(0, ran.Status);
        string report = File.ReadAllText(Directory.GetFiles(folder, "report.html", SearchOption.AllDirectories).Single());
        Assert.Contains("The method beats the baseline.", report, StringComparison.Ordinal);
        Assert.Contains("Holds where the method", report, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", report, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", report, StringComparison.Ordinal);
        using var result =
            JsonDocument.Parse(File.ReadAllBytes(Directory.GetFiles(folder, "result.json", SearchOption.AllDirectories).Single()));
        Assert.Contains("0.9", result.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_that_does_not_hold_says_so()
    {
        var ran = Ran.Of(Systems, "claim", "beta", "--out", folder);
        Assert.Contains("does not hold", ran.Out, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_claim_that_breaks_is_a_failure_in_one_line_and_leaves_no_report()
    {
        var ran = Ran.Of([new FakeSystem("gamma", failure: new InvalidOperationException("the data ran out"))], "claim", "gamma",
            "--out", folder);
        Assert.Equal(1, ran.Status);
        Assert.Contains("the data ran out", ran.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_cancelled_claim_ends_with_130_and_leaves_no_report()
    {
        var ran = Ran.Of([new FakeSystem("gamma", failure: new OperationCanceledException())], "claim", "gamma", "--out", folder);
        Assert.Equal(130, ran.Status);
        Assert.Empty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_missing_checkpoint_is_named()
    {
        string missing = Path.Combine(folder, "nowhere.pth");
        var ran = Ran.Of(Systems, "weights", missing);
        Assert.NotEqual(0, ran.Status);
        Assert.Contains("nowhere.pth", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_is_listed_with_shapes_and_types()
    {
        string path = Path.Combine(folder, "two.safetensors");
        Sconce.Weights.CheckpointWriter.SaveSafetensors(path,
            [Sconce.Weights.TensorData.Of("fc.weight", Sconce.Torch.DType.Float32, [2, 3], new float[6])]);
        var ran = Ran.Of(Systems, "weights", path);
        Assert.Equal(0, ran.Status);
        Assert.Contains("fc.weight", ran.Out, StringComparison.Ordinal);
        Assert.Contains("float32", ran.Out, StringComparison.Ordinal);
    }
}
