using Sconce.Reports;
using Xunit;

namespace Sconce.Cli.Tests;

public sealed class RunPagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public RunPagesTests() => data = TinyPictures.Write(folder);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_runs_page_has_curves_classes_confusion_settings_and_versions()
    {
        string run = Trained("run", 0);
        string page = File.ReadAllText(Path.Combine(run, RunReport.Page));
        string[] parts = ["Training loss", "<th class=\"figure\">accuracy</th>", "Who is taken for whom", "Each class", "<td>grey</td>",
            "--batch", "libtorch", "new uPlot("];
        Assert.All(parts, part => Assert.Contains(part, page, StringComparison.Ordinal));
    }

    [Fact]
    public void Runs_are_compared_in_what_differs_and_seeds_make_a_band()
    {
        string[] runs = [Trained("a", 0), Trained("b", 1)];
        string page = Path.Combine(folder.Path, "compare.html");
        var compared = Tiny.Run(["compare", .. runs, "--out", page]);
        Assert.True(compared.Status == 0, compared.Error);
        Assert.Contains("seed", compared.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("batch", compared.Out, StringComparison.Ordinal);
        Assert.Contains("tiny_net, mean of 2", File.ReadAllText(page), StringComparison.Ordinal);
        var json = Tiny.Run(["compare", folder.Path, "--out", page, "--json"]).Json;
        Assert.Equal(2, json.GetProperty("runs").GetArrayLength());
        Assert.Equal("1", json.GetProperty("runs")[1].GetProperty("settings").GetProperty("seed").GetString());
    }

    [Fact]
    public void What_is_no_run_is_not_compared()
    {
        Assert.Equal(2, Tiny.Run("compare", Path.Combine(folder.Path, "none")).Status);
        Assert.Contains("holds none", Tiny.Run("compare", data).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluation_says_in_json_all_that_it_knows_and_leaves_its_page_where_it_is_asked_to()
    {
        string run = Trained("run", 0), asked = Path.Combine(folder.Path, "asked");
        var json = Tiny.Run("eval", run, "--json", "--out", asked).Json;
        var classifier = json.GetProperty("classifier");
        Assert.Equal(24, classifier.GetProperty("confusion").EnumerateArray()
            .Sum(row => row.EnumerateArray().Sum(cell => cell.GetInt64())));
        Assert.Equal(10, classifier.GetProperty("calibration").GetArrayLength());
        Assert.Equal(4, json.GetProperty("classes").GetArrayLength());
        int mistakes = classifier.GetProperty("mistakes").GetArrayLength();
        Assert.Equal(mistakes > 0, File.Exists(Path.Combine(asked, "mistakes.png")));
        Assert.True(File.Exists(Path.Combine(asked, RunReport.Page)));
    }

    [Fact]
    public void Epochs_are_told_as_they_end()
    {
        var trained = Tiny.Run("train", "tiny_net", "--data", data, "--out", Path.Combine(folder.Path, "told"), "--epochs", "2",
            "--threads", "1");
        Assert.Contains("epoch 1: accuracy", trained.Error, StringComparison.Ordinal);
        Assert.Contains("epoch 2: accuracy", trained.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_listed_newest_first_with_curves_side_by_side_and_links_to_their_pages()
    {
        string first = Trained("kept & old/run1", 0), second = Trained("run2", 1);
        string torn = Path.Combine(folder.Path, "torn");
        Directory.CreateDirectory(torn);
        File.WriteAllText(Path.Combine(torn, "config.json"), "{");
        string[] order = [second, torn, first];
        for (int k = 0; k < order.Length; k++)
        {
            foreach (string file in Directory.GetFiles(order[k]))
                File.SetLastWriteTimeUtc(file, new DateTime(2026, 5, 20 - k, 12, 0, 0, DateTimeKind.Utc));
        }

        string page = Path.Combine(folder.Path, "pages", "runs.html");
        var listed = Tiny.Run("runs", folder.Path, "--html", page);
        Assert.True(listed.Status == 0, listed.Error);
        string[] names = ["run2", "torn", "kept & old/run1"];
        string[] lines = listed.Out.Split('\n');
        Assert.Equal(names, lines[1..4].Select(line => line.Split("  ")[0].Trim()));
        Assert.Matches("epoch 2 of 2, over +accuracy 0", lines[1]);
        Assert.Contains("cannot be read", lines[2], StringComparison.Ordinal);
        string html = File.ReadAllText(page);
        Assert.Contains("<a href=\"../run2/report.html\">run2</a>", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"../kept%20%26%20old/run1/report.html\">kept &amp; old/run1</a>", html, StringComparison.Ordinal);
        Assert.Contains("<td>torn</td>", html, StringComparison.Ordinal);
        Assert.All(["\"run2 (tiny_net)\"", "run1 (tiny_net)\"", "new uPlot("], part => Assert.Contains(part, html, StringComparison.Ordinal));
        Assert.DoesNotContain("mean of 2", html, StringComparison.Ordinal);

        var json = Tiny.Run("runs", folder.Path, second, "--json").Json.GetProperty("runs");
        Assert.Equal(order, json.EnumerateArray().Select(run => run.GetProperty("run").GetString()));
        Assert.Equal(2, json[0].GetProperty("epochs").GetInt32());
        Assert.NotNull(json[1].GetProperty("fault").GetString());
    }

    [Fact]
    public void A_folder_without_runs_is_told()
    {
        Assert.Contains("is no run, and holds none", Tiny.Run("runs", data).Error, StringComparison.Ordinal);
        var none = Tiny.Run("runs", Path.Combine(folder.Path, "none"));
        Assert.Equal(2, none.Status);
        Assert.Contains("there is no folder", none.Error, StringComparison.Ordinal);
    }

    private string Trained(string name, int seed)
    {
        string run = Path.Combine(folder.Path, name);
        var trained = Tiny.Run("train", "tiny_net", "--data", data, "--out", run, "--epochs", "2", "--seed", $"{seed}", "--threads", "1");
        Assert.True(trained.Status == 0, trained.Error);
        return run;
    }
}
