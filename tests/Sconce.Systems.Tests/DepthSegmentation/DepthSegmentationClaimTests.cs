using Sconce.Claims;
using Sconce.Systems.DensePrediction.DepthSegmentation;
using Xunit;

namespace Sconce.Systems.Tests.DepthSegmentation;

[Collection(LiveTensors.Name)]
public sealed class DepthSegmentationClaimTests
{
    [Fact]
    public void The_claim_can_fail_by_each_of_its_figures()
    {
        double[] random = [0.6, 0.7], farthest = [0.95, 0.99], cut = [0.2, 0.3], none = [0, 0];
        Assert.Equal(Verdict.Holds, DepthSegmentationClaim.Judge(random, farthest, cut, none).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DepthSegmentationClaim.Judge(random, [0.95, 0.75], cut, none).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DepthSegmentationClaim.Judge(random, farthest, none, none).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DepthSegmentationClaim.Judge(random, farthest, cut, [0, 0.01]).Verdict);
        Assert.Equal(Verdict.Undecided, DepthSegmentationClaim.Judge([0.6], [0.9], [0.2], [0]).Verdict);
    }

    [Fact]
    public void A_quick_claim_runs_and_equal_seeds_give_equal_figures()
    {
        var claim = new DepthSegmentationClaim();
        var options = new ClaimOptions(Quick: true);
        var first = claim.RunSeed(1, options, null, TestContext.Current.CancellationToken);
        var second = claim.RunSeed(1, options, null, TestContext.Current.CancellationToken);
        Assert.Equal(first.Rows.Select(row => row.Values[0]), second.Rows.Select(row => row.Values[0]));
        Assert.Equal(Verdict.Undecided, claim.Together([first], options).Verdict);
        Assert.Equal(0, first.Rows.Single(row => row.Arm == "DepthMix").Values[0]);
    }
}
