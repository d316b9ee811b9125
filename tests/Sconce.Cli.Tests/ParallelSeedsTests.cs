using System.Diagnostics;
using Sconce.Reports;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>A claim's seeds in processes of their own.</summary>
public sealed class ParallelSeedsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Seeds_side_by_side_come_together_in_their_order_and_are_judged_as_one()
    {
        var (status, _, error) = Run("--seeds", "5", "--jobs", "2");
        Assert.True(status == 0, error);
        var record = ClaimRecord.Read(Path.Combine(folder.Path, ClaimReport.Result));
        Assert.Equal([0.0, 1, 2, 3, 4], record.Rows[0].Values);
        Assert.Equal("mean 2.0 of 5, halves 0, 0.5, 1, 1.5, 2", record.Reason);
        Assert.Equal([0, 0.5, 1, 1.5, 2], Assert.Single(record.Checks).Values);
        Assert.Equal("0", Assert.Single(record.Configuration).Value);
        Assert.Equal(Claims.Verdict.DoesNotHold, record.Verdict);
        Assert.InRange(record.Rows[1].Values.Distinct().Count(), 2, 5);
        Assert.Equal(["seed 0", "seed 1", "seed 2", "seed 3", "seed 4"], record.Curves.Select(curve => curve.Name));
        Assert.Equal(5, record.Seeds);
    }

    [Fact]
    public void One_at_a_time_stays_in_this_process_and_gives_the_same()
    {
        Assert.Equal(0, Run("--seeds", "3", "--first-seed", "2", "--jobs", "1").Status);
        var record = ClaimRecord.Read(Path.Combine(folder.Path, ClaimReport.Result));
        Assert.Equal([2.0, 3, 4], record.Rows[0].Values);
        Assert.Single(record.Rows[1].Values.Distinct());
        Assert.Equal(Claims.Verdict.Holds, record.Verdict);
    }

    [Theory]
    [InlineData("6")]
    [InlineData("7")]
    public void A_seed_that_breaks_in_either_process_ends_the_run_with_its_reason_in_one_line(string first)
    {
        var (status, _, error) = Run("--seeds", "2", "--first-seed", first, "--jobs", "2");
        Assert.Equal(1, status);
        Assert.Contains("seed 7 is unlucky", error, StringComparison.Ordinal);
        // lines of progress may stand before it
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => line.StartsWith("sconce: ", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(folder.Path, ClaimReport.Result)));
    }

    private (int Status, string Out, string Error) Run(params string[] more)
    {
        using var process = Process.Start(TestProgram.Seeded.Start(["claim", "seeded", "--out", folder.Path, .. more]))!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error);
    }
}
