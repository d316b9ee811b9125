using Sconce.Claims;
using Sconce.Systems.Analysis.RankCollapse;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.RankCollapse;

[Collection(LiveTensors.Name)]
public class RankCollapseTests
{
    [Fact]
    public void Tokens_that_are_alike_have_no_residual()
    {
        using var scope = new TensorScope();
        var alike = Tensor.Randn([2, 1, 8], DType.Float64).Expand([2, 5, 8]);
        Assert.All(ResidualMeasures.Ratio(alike).ToArray<double>(), ratio => Assert.InRange(ratio, 0, 1e-14));
        Assert.All(ResidualMeasures.CompositeNorm(ResidualMeasures.RankOneResidual(alike)).ToArray<double>(),
            norm => Assert.InRange(norm, 0, 1e-12));
    }

    [Fact]
    public void The_norms_are_those_of_a_small_matrix()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1.0, -2, 3, 4], [2, 2]); // columns sum to 4 and 6, rows to 3 and 7
        Assert.Equal(6, ResidualMeasures.OneNorm(x).Item<double>());
        Assert.Equal(7, ResidualMeasures.InfinityNorm(x).Item<double>());
        Assert.Equal(Math.Sqrt(42), ResidualMeasures.CompositeNorm(x).Item<double>(), 1e-12);
        Assert.Equal(Math.Sqrt(30), ResidualMeasures.FrobeniusNorm(x).Item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(12, 12)]
    [InlineData(16, 24)]
    [InlineData(1, 3)]
    public void The_shares_of_path_lengths_add_up_to_1(int heads, int layers) =>
        Assert.Equal(1, PathDecomposition.LengthDistribution(heads, layers).Sum(), 1e-10);

    [Fact]
    public void A_path_needs_a_head_for_each_layer_and_a_network_of_attention_alone()
    {
        using var scope = new TensorScope();
        var x = Tensor.Randn([1, 4, 8]);
        using var pure = new SelfAttentionNetwork(new(8, 2, 3, 4, 4));
        var paths = new PathDecomposition(pure, x);
        Assert.Equal(8, paths.Paths.Count());
        Assert.Throws<ArgumentException>(() => paths.Output(0, 1));
        using var skipping = new SelfAttentionNetwork(new(8, 2, 3, 4, 4) { Skip = true });
        Assert.Throws<ArgumentException>(() => new PathDecomposition(skipping, x));
    }

    [Fact]
    public void The_claim_holds_and_its_rule_can_fail()
    {
        var result = new RankCollapseClaim().Run(new ClaimOptions(), null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Holds, result.Verdict);
        double[] falls = [0.98, 0.69, 2e-2, 1.6e-7, 3e-16, 3e-16], stays = [0.98, 0.97, 0.91, 0.82, 0.7, 0.5];
        Assert.Equal(Verdict.Holds, RankCollapseClaim.Judge([falls], [stays], [1e-7]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, RankCollapseClaim.Judge([stays], [stays], [1e-7]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, RankCollapseClaim.Judge([falls], [falls], [1e-7]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, RankCollapseClaim.Judge([falls], [stays], [1e-2]).Verdict);
    }

    [Fact]
    public void A_run_leaves_nothing_behind()
    {
        var claim = new RankCollapseClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(live, LiveTensors.Count);
    }
}
