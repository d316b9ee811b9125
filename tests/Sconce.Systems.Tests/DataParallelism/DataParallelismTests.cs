using FsCheck;
using FsCheck.Fluent;
using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Systems.TrainingMethods.DataParallelism;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.DataParallelism;

[Collection(LiveTensors.Name)]
public class DataParallelismTests
{
    [Fact]
    public void A_trial_that_never_reaches_the_goal_takes_for_ever_and_NaN_reaches_nothing()
    {
        using var scope = new TensorScope();
        var errors = Tensor.From([0.9, 0.4, 0.2, 0.9, 0.8, 0.7, double.NaN, double.NaN, 0.1], [3, 3]);
        Assert.Equal([20, double.PositiveInfinity, 30], StepsToResult.FirstCrossing(errors, 0.4, 10).ToArray<double>());
        Assert.Throws<ArgumentException>(() => StepsToResult.FirstCrossing(errors[0], 0.4, 10));
    }

    [Fact]
    public void The_fewest_steps_count_and_a_best_rate_at_the_edge_is_noticed()
    {
        Trial[] trials = [new(0.1, 50), new(0.2, 30), new(0.4, null)];
        Assert.Equal(0.2, StepsToResult.Best(trials).LearningRate);
        Assert.False(StepsToResult.IsAtEdge(trials));
        Assert.True(StepsToResult.IsAtEdge(trials[..2]));
        Assert.Throws<InvalidOperationException>(() => StepsToResult.Best([new Trial(1, null)]));
    }

    [Fact]
    public void Perfect_scaling_has_slope_and_efficiency_1_and_a_plateau_slope_0() => Prop.ForAll(
        Gen.Choose(1, 100_000).ToArbitrary(),
        steps =>
        {
            var curve = new ScalingCurve([1, 2, 8, 32], [steps, steps / 2.0, steps / 8.0, steps / 8.0]);
            return Math.Abs(curve.Slopes[0] - 1) < 1e-9 && Math.Abs(curve.Slopes[1] - 1) < 1e-9 && curve.Slopes[2] == 0
                && Math.Abs(curve.Efficiency[2] - 1) < 1e-9
                && curve.Regimes.SequenceEqual([ScalingRegime.Perfect, ScalingRegime.Perfect, ScalingRegime.Maximal])
                && Math.Abs(curve.Slope(1, 8) - 1) < 1e-9;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(new[] { 1.0, 2 }, new[] { 3.0 })]
    [InlineData(new[] { 2.0, 1 }, new[] { 3.0, 2 })]
    [InlineData(new[] { 1.0, 2 }, new[] { 3.0, double.PositiveInfinity })]
    [InlineData(new[] { 1.0, 2 }, new[] { 3.0, double.NaN })]
    public void A_curve_that_is_none_is_refused(double[] batches, double[] steps) =>
        Assert.Throws<ArgumentException>(() => new ScalingCurve(batches, steps));

    [Fact]
    public void The_noisy_quadratic_scales_perfectly_at_first_and_not_at_all_at_last()
    {
        var model = NoisyQuadratic.Spread(32);
        double[] rates = [.. Enumerable.Range(-40, 44).Select(k => Math.Pow(2, k / 4.0)).Where(rate => rate < 2)];
        int Steps(double batch) => model.StepsTo(0.02, batch, rates, 200_000)!.Value;
        var curve = new ScalingCurve([1, 4, 4096, 16384], [Steps(1), Steps(4), Steps(4096), Steps(16384)]);
        Assert.True(curve.Slopes[0] > 0.75, $"{curve.Slopes[0]}");
        Assert.True(curve.Slopes[2] < 0.1, $"{curve.Slopes[2]}");
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ExpectedLosses(0.1, 0, 1).ToList());
    }

    [Fact]
    public void A_rate_beyond_2_over_the_curvature_diverges_in_the_noisy_quadratic() =>
        Assert.Null(new NoisyQuadratic([1], [1], [1]).StepsTo(0.01, 1e9, [2.5], 10_000));

    [Fact]
    public void The_data_is_the_same_for_a_seed_and_its_coordinates_are_scaled()
    {
        using var scope = new TensorScope();
        var (a, b) = (new ScaledClusters(500, 50, 3), new ScaledClusters(500, 50, 3));
        Assert.True(a.Training.Inputs.EqualTo(b.Training.Inputs));
        var deviation = a.Training.Inputs.Std([0]);
        Assert.InRange(deviation[0].Item<double>() / deviation[31].Item<double>(), 7, 14);
    }

    [Fact]
    public void The_rule_can_fail()
    {
        double[] batches = [8, 64, 512, 4096];
        ScalingCurve[] sgd = [new(batches, [800, 110, 60, 47])], momentum = [new(batches, [720, 110, 39, 28])];
        Assert.Equal(Verdict.Holds, DataParallelismClaim.Judge(sgd, momentum).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DataParallelismClaim.Judge(sgd, sgd).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DataParallelismClaim.Judge([new(batches, [800, 400, 200, 100])], momentum).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new DataParallelismClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
