using Sconce.Claims;
using Sconce.Systems.Generation.DiffAugment;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

[Collection(LiveTensors.Name)]
public sealed class DiffAugmentClaimTests
{
    [Fact]
    public void A_quick_run_proves_nothing_and_is_the_same_again()
    {
        var claim = new DiffAugmentClaim();
        var options = new ClaimOptions(Quick: true);
        var first = claim.Run(options, null, TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.Undecided, 6), (first.Verdict, first.Rows.Count));
        Assert.All(first.Rows, row => Assert.True(double.IsFinite(row.Mean), row.Metric));
        Assert.Equal(3, first.Pictures.Count);
        var again = claim.Run(options, null, TestContext.Current.CancellationToken);
        Assert.Equal(first.Rows.Select(row => row.Mean), again.Rows.Select(row => row.Mean));
    }

    [Theory]
    [InlineData(10, 1, 2, 1.5, Verdict.Holds)]
    [InlineData(3, 1, 2, 1.5, Verdict.DoesNotHold)]
    [InlineData(10, 1, 2, 2.5, Verdict.DoesNotHold)]
    public void It_holds_where_the_gap_closes_and_the_distance_goes_on_falling(
        double plainGap, double plainEarly, double early, double late, Verdict expected)
    {
        SeedResult seed = new(
        [
            Row("as they are", "D's gap", plainGap), Row("as they are", "distance, first quarter", plainEarly),
            Row("as they are", "distance, end", 2.2), Row("color,translation", "D's gap", 1),
            Row("color,translation", "distance, first quarter", early), Row("color,translation", "distance, end", late),
        ]);
        Assert.Equal(expected, new DiffAugmentClaim().Together([seed, seed], new ClaimOptions()).Verdict);
        Assert.Equal(Verdict.Undecided, new DiffAugmentClaim().Together([seed], new ClaimOptions()).Verdict);
    }

    private static ClaimRow Row(string arm, string metric, double value) => new(arm, metric, [value]);
}
