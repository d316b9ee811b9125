using System.Diagnostics;
using Sconce.Claims;
using Sconce.Reports;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>Every claim of the catalogue: its seeds in processes of their own come to what they come to one after another.</summary>
public sealed class CatalogueSeedsTests : IDisposable
{
    /// <summary>A quick run of these takes less than a few seconds; the others are asked in the slow part.</summary>
    private static readonly string[] Quickest = ["barlow_twins", "fixres", "medical_perception", "rank_collapse", "seer"];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names { get; } =
        [.. Systems.Catalogue.Systems.Where(system => system.Claim is { HasSeeds: true }).Select(system => system.Card.Name)
            .Where(name => Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" || Quickest.Contains(name))];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_seeds_side_by_side_give_the_table_the_checks_and_the_verdict_of_two_in_a_row(string name)
    {
        ClaimRecord row = Run(name, 1), side = Run(name, 2);
        Assert.Equal(2, row.Rows[0].Values.Count);
        var timed = Systems.Catalogue.Systems.Single(system => system.Card.Name == name).Claim!.TimedMetrics;
        Assert.Equal((row.Verdict, row.Seeds), (side.Verdict, side.Seeds));
        if (timed.Count == 0) Assert.Equal(row.Reason, side.Reason);
        Assert.Equal(Rows(row), Rows(side));
        Assert.Equal(row.Checks.Select(Text), side.Checks.Select(Text));
        Assert.Equal(row.Curves.Select(curve => (curve.Chart, curve.Name, string.Join(" ", curve.Y))),
            side.Curves.Select(curve => (curve.Chart, curve.Name, string.Join(" ", curve.Y))));
        Assert.Equal(row.Configuration, side.Configuration);

        IEnumerable<string> Rows(ClaimRecord record) => record.Rows.Where(entry => !timed.Contains(entry.Metric)).Select(Text);
    }

    [Fact]
    public void Nothing_random_has_one_seed_and_cannot_be_asked_for_more()
    {
        var claim = new Certain();
        Assert.Single(claim.Seeds(new ClaimOptions()));
        Assert.Contains("no seeds", Assert.Throws<SettingsException>(() => claim.Seeds(new ClaimOptions(Seeds: 2))).Message,
            StringComparison.Ordinal);
    }

    private static string Text(RowRecord row) =>
        $"{row.Arm} | {row.Metric} | {row.IsMethod} | "
        + $"{string.Join(" ", row.Values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}";

    /// <summary>In a process of its own, so that it starts as a seed elsewhere does: with one thread, and no random number drawn.</summary>
    private ClaimRecord Run(string name, int jobs)
    {
        string output = Path.Combine(folder.Path, $"{jobs}");
        var start = TestProgram.OfCatalogue.Start(["claim", name, "--quick", "--seeds", "2", "--jobs", $"{jobs}", "--out", output]);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error + said.Result);
        return ClaimRecord.Read(Path.Combine(output, ClaimReport.Result));
    }

    private sealed class Certain : Claim
    {
        public override string Statement => "Two and two are four.";

        public override string Rule => "holds if they are";

        public override TimeSpan Duration => TimeSpan.FromSeconds(1);

        public override bool HasSeeds => false;

        public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress,
            CancellationToken cancellation) => new([new ClaimRow("two and two", "sum", [2 + 2])]);

        protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
            (table["two and two", "sum"][0] == 4 ? Verdict.Holds : Verdict.DoesNotHold, "2 + 2");
    }
}
