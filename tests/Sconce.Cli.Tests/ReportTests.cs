using System.Text.RegularExpressions;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Reports;
using Xunit;

namespace Sconce.Cli.Tests;

public class ReportTests
{
    private static readonly CatalogueSystem Alpha = FakeSystems.All[0];

    private static string Page(ClaimOptions options)
    {
        using var folder = new TemporaryFolder();
        var claim = Alpha.Claim!;
        ClaimReport.Write(folder.Path, Alpha, claim, claim.Run(options, null, CancellationToken.None), options, TimeSpan.FromMinutes(3));
        return File.ReadAllText(Path.Combine(folder.Path, ClaimReport.Page));
    }

    [Fact]
    public void It_holds_statement_verdict_rule_figures_curves_pictures_configuration_and_versions()
    {
        string page = Page(new ClaimOptions(Seeds: 3));
        string[] parts =
        [
            "Alpha beats the baseline &amp; &lt;others&gt;.", "<strong>Holds</strong>", "0.9 against 0.7",
            "holds if the mean is higher by 0.1",
            "0.910 &#177; 0.010", "Training loss", "\"y\":[2,1.5,null,1]", "data:image/png;base64,iVBOR", "a pixel &amp; its caption",
            "<td>batch</td><td>64</td>",
            "libtorch", ".NET", "3 min", "3 seeds from 0", "arXiv:2101.00001", "new uPlot(", "Leon Sorokin",
        ];
        Assert.All(parts, part => Assert.Contains(part, page));
    }

    [Fact]
    public void It_fetches_nothing()
    {
        string page = Page(new ClaimOptions());
        Assert.DoesNotMatch("<(link|iframe|object|embed)\\b", page);
        Assert.All(Regex.Matches(page, "\\bsrc\\s*=\\s*\"([^\"]*)\"").Select(match => match.Groups[1].Value),
            source => Assert.StartsWith("data:", source));
        Assert.DoesNotMatch("@import|url\\(", page);
        Assert.Contains("default-src 'none'", page);
    }

    [Fact]
    public void Its_elements_are_closed_in_order_whatever_the_texts_hold()
    {
        string page = Regex.Replace(Page(new ClaimOptions()), "<(script|style)\\b[^>]*>.*?</\\1>", "", RegexOptions.Singleline);
        Assert.Equal(0, Regex.Count(page, "</?(script|style)"));
        var open = new Stack<string>();
        foreach (Match tag in Regex.Matches(page, "<(/?)([a-z0-9]+)\\b[^>]*>"))
        {
            string name = tag.Groups[2].Value;
            if (name is "meta" or "img") continue;
            if (tag.Groups[1].Length == 0) open.Push(name);
            else Assert.Equal(open.Pop(), name);
        }

        Assert.Empty(open);
    }

    [Fact]
    public void One_arm_has_one_colour_whatever_the_seed()
    {
        var charts = Charts.Of(
        [
            new("loss", "AGC, seed 0", [0, 1], [1, 2]), new("loss", "AGC, seed 1", [0, 1], [1, 2]),
            new("loss", "none (seed 0)", [1, 0, 0], [5, 3, 4]), new("rate", "none (seed 1)", [0], [1]),
        ]);
        Assert.Equal(["AGC, mean of 2", "AGC, seed 0", "AGC, seed 1", "none (seed 0)"], charts[0].Lines.Select(line => line.Name));
        Assert.Equal([0, 0, 0, 1], charts[0].Lines.Select(line => line.Colour));
        Assert.Equal(1, charts[1].Lines[0].Colour);
        Assert.Equal([0, 1], charts[0].Lines[3].X);
        Assert.Equal([4, 5], charts[0].Lines[3].Y);
    }

    [Fact]
    public void A_quick_run_and_a_failure_say_so()
    {
        Assert.Contains("proves nothing", Page(new ClaimOptions(Quick: true)));
        using var folder = new TemporaryFolder();
        ClaimReport.WriteFailure(folder.Path, Alpha, Alpha.Claim!, "the loss is NaN", new ClaimOptions(), TimeSpan.Zero);
        string page = File.ReadAllText(Path.Combine(folder.Path, ClaimReport.Page));
        Assert.Contains("Could not run", page);
        Assert.Contains("the loss is NaN", page);
        Assert.Null(ClaimRecord.Read(Path.Combine(folder.Path, ClaimReport.Result)).Verdict);
    }

    [Fact]
    public void A_result_reads_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        var claim = Alpha.Claim!;
        var options = new ClaimOptions(FirstSeed: 10);
        var written = ClaimReport.Write(folder.Path, Alpha, claim, claim.Run(options, null, CancellationToken.None), options,
            TimeSpan.FromSeconds(1.5));
        var read = ClaimRecord.Read(Path.Combine(folder.Path, ClaimReport.Result));
        Assert.Equal(written.ToJson(), read.ToJson());
        Assert.Equal(Verdict.DoesNotHold, read.Verdict);
        Assert.True(double.IsNaN(read.Rows[1].Mean));
        Assert.Equal(double.PositiveInfinity, read.Curves[2].Y[3]);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("")]
    public void A_damaged_result_is_named(string content)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("result.json", content);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => ClaimRecord.Read(file)).Message);
        Assert.Throws<InvalidDataException>(() => ClaimsLedger.Collect(folder.Path));
    }

    [Theory]
    [InlineData("0.7071 ± 0.0017", 0.7059, 0.7083)]
    [InlineData("95.0 ± 1.4", 94.0, 96.0)]
    [InlineData("0.5", 0.5)]
    [InlineData("3 ± 0", 3.0, 3.0)]
    [InlineData("diverged", double.NaN)]
    [InlineData("diverged in 1 of 2", 1.0, double.PositiveInfinity)]
    [InlineData("–")]
    public void Figures_have_the_digits_that_their_spread_allows(string expected, params double[] values) =>
        Assert.Equal(expected, ClaimFigures.MeanAndSpread(values));

    [Fact]
    public void The_ledger_shows_the_latest_full_run()
    {
        using var folder = new TemporaryFolder();
        var claim = Alpha.Claim!;
        foreach (var (place, options) in new[] { ("alpha", new ClaimOptions()), ("quick", new ClaimOptions(Quick: true)) })
        {
            ClaimReport.Write(Path.Combine(folder.Path, place), Alpha, claim, claim.Run(options, null, CancellationToken.None), options,
                TimeSpan.FromMinutes(2));
        }

        var records = ClaimsLedger.Collect(folder.Path);
        Assert.Equal(Verdict.Holds, Assert.Single(records).Verdict);
        string page = ClaimsLedger.Render(records, FakeSystems.All);
        Assert.Contains("| [Alpha](#alpha) | holds | ", page);
        Assert.Contains("| 2 | 2 min |", page);
        Assert.Contains("beta_net, delta", page);
    }
}
