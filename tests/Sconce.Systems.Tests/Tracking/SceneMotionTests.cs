using FsCheck;
using FsCheck.Fluent;
using Sconce.Systems.Detection.Tracking;
using Xunit;

namespace Sconce.Systems.Tests.Tracking;

public class SceneMotionTests
{
    [Fact]
    public void A_turn_a_zoom_and_a_shift_are_found_though_a_third_of_the_points_go_their_own_ways() => Prop.ForAll(
        Gen.Choose(0, 10_000).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            var truth = new SceneMotion(1 + (0.05 * random.NextDouble()), 0.05 * random.NextDouble(), 40 * random.NextDouble(),
                -20 * random.NextDouble());
            double[] before = [.. Enumerable.Range(0, 120).Select(_ => 640 * random.NextDouble())], after = [.. before];
            truth.ApplyTo(after);
            for (int k = 0; k < 40; k++) after[k] += 200 * (random.NextDouble() - 0.5);
            double[] found = [.. before], wanted = [.. before];
            SceneMotion.Estimate(before, after).ApplyTo(found);
            truth.ApplyTo(wanted);
            return found.Zip(wanted).All(pair => Math.Abs(pair.First - pair.Second) < 0.5);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Few_points_give_a_plain_shift_and_none_no_motion()
    {
        Assert.Equal(SceneMotion.None, SceneMotion.Estimate([], []));
        Assert.Equal(SceneMotion.None with { ShiftX = 3, ShiftY = -2 },
            SceneMotion.Estimate([0, 0, 10, 0, 0, 10], [3, -2, 13, -2, 90, 90]));
        // all in one place
        Assert.Equal(SceneMotion.None with { ShiftX = 1 },
            SceneMotion.Estimate(new double[40], [.. Enumerable.Range(0, 40).Select(k => k % 2 == 0 ? 1.0 : 0)]));
        Assert.Throws<ArgumentException>(() => SceneMotion.Estimate([1, 2], [1]));
    }
}
