using System.Text.Json;
using Xunit;

namespace Sconce.Cli.Tests;

public class ClaimTests
{
    [Fact]
    public void A_claim_writes_its_report_and_says_the_verdict()
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Path, "new", "alpha");
        var outcome = CommandLine.Run("claim", "alpha", "--out", output, "--seeds", "3");
        Assert.Equal(0, outcome.Status);
        Assert.Equal($"""
            Alpha: holds
            0.9 against 0.7
            arm       metric    mean ± deviation        each seed
            baseline  accuracy     0.710 ± 0.010  0.7  0.71  0.72
            alpha     accuracy     0.910 ± 0.010  0.9  0.91  0.92
            {Path.Combine(output, "report.html")}

            """, Normal(outcome.Out));
        Assert.Equal(["report.html", "result.json"], Directory.EnumerateFiles(output).Select(Path.GetFileName).Order());
        var result = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "result.json"))).RootElement;
        Assert.Equal("holds", result.GetProperty("verdict").GetString());
        Assert.Equal(3, result.GetProperty("seeds").GetInt32());
        Assert.Equal(JsonValueKind.Null, result.GetProperty("curves")[0].GetProperty("y")[2].ValueKind);
    }

    [Fact]
    public void Json_says_verdict_figures_and_files()
    {
        using var folder = new TemporaryFolder();
        var claim = CommandLine.Run("claim", "alpha", "--out", folder.Path, "--first-seed", "10", "--json").Json[0];
        Assert.Equal("doesNotHold", claim.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, claim.GetProperty("rows")[1].GetProperty("mean").ValueKind);
        Assert.True(File.Exists(claim.GetProperty("report").GetString()));
    }

    [Fact]
    public void A_claim_that_does_not_hold_exits_with_0_unless_strict()
    {
        using var folder = new TemporaryFolder();
        var outcome = CommandLine.Run("claim", "alpha", "--out", folder.Path, "--first-seed", "10");
        Assert.Equal(0, outcome.Status);
        Assert.Contains("does not hold", outcome.Out);
        Assert.Contains("diverged", outcome.Out);
        Assert.Equal(1, CommandLine.Run("claim", "alpha", "--out", folder.Path, "--first-seed", "10", "--strict").Status);
    }

    [Fact]
    public void Of_several_claims_one_that_breaks_stops_no_other_and_all_are_in_the_ledger()
    {
        using var folder = new TemporaryFolder();
        string page = Path.Combine(folder.Path, "CLAIMS.md");
        var outcome = CommandLine.Run("claim", "delta", "alpha", "--out", folder.Path, "--ledger", page);
        Assert.Equal(1, outcome.Status);
        Assert.Contains("sconce: delta: the loss is NaN at step 3: lower the rate", outcome.Error);
        string ledger = File.ReadAllText(page);
        Assert.Contains("1 holds, 1 could not run, 1 not run yet.", ledger);
        Assert.Contains("**could not run.** the loss is NaN at step 3", ledger);
        Assert.Contains("| alpha (the method) | accuracy | 0.9050 ± 0.0071 |", ledger);
        Assert.Contains("## Not run yet\n\nbeta_net\n", ledger);

        File.Delete(page);
        Assert.Equal(0, CommandLine.Run("claim", "--out", folder.Path, "--ledger", page).Status);
        Assert.Equal(ledger, File.ReadAllText(page));
    }

    [Fact]
    public void A_quick_run_takes_the_place_of_no_full_one()
    {
        using var folder = new TemporaryFolder();
        var claims = CommandLine.Start(folder.Path, null, "claim", "alpha", "--json");
        claims.WaitForExit();
        using var quick = CommandLine.Start(folder.Path, null, "claim", "alpha", "--quick", "--json");
        var json = JsonDocument.Parse(quick.StandardOutput.ReadToEnd()).RootElement[0];
        Assert.Equal("reports/alpha/quick/report.html", json.GetProperty("report").GetString());
        Assert.Equal("undecided", json.GetProperty("verdict").GetString());
        Assert.Contains("\"quick\": false", File.ReadAllText(Path.Combine(folder.Path, "reports/alpha/result.json")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_found_out_before_the_run()
    {
        using var folder = new TemporaryFolder();
        var outcome = CommandLine.Run("claim", "alpha", "--out", Path.Combine(folder.File("file"), "below"));
        Assert.Equal(1, outcome.Status);
        Assert.Contains("file", outcome.Error);
        Assert.Empty(outcome.Out);
    }

    private static string Normal(string text) => string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
}
