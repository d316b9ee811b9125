using Sconce.Systems.Science.Dmseew;
using Xunit;

namespace Sconce.Systems.Tests.Dmseew;

public class DmseewTests
{
    [Fact]
    public void Coefficients_do_not_see_the_scale_of_a_window_and_one_of_a_single_value_has_none()
    {
        double[] window = [.. Enumerable.Range(0, 16).Select(k => Math.Sin(k) + (0.1 * k))];
        double[] plain = SymbolicFourier.Coefficients(window, 4);
        double[] scaled = SymbolicFourier.Coefficients([.. window.Select(value => (5 * value) - 3)], 4);
        for (int k = 0; k < 4; k++) Assert.Equal(plain[k], scaled[k], 1e-12);
        Assert.Equal([0.0, 0, 0, 0], SymbolicFourier.Coefficients(new double[16], 4));
    }

    [Fact]
    public void Letters_are_equally_frequent_among_the_windows_that_cut_them()
    {
        var random = new Random(1);
        double[][] rows = [.. Enumerable.Range(0, 80).Select(_ => (double[])[random.NextDouble(), random.NextDouble()])];
        var fourier = SymbolicFourier.Fit(rows, 4);
        Assert.Equal(16, fourier.Words);
        for (int letter = 0; letter < 4; letter++) Assert.Equal(20, rows.Count(row => fourier.Letters(row)[0] == letter));
        Assert.Equal(2 + (4 * 3), fourier.Word([2, 3]));
    }

    [Fact]
    public void Shares_do_not_depend_on_how_many_sensors_live()
    {
        var bag = new BagOfPredictions(2, 3);
        Assert.Equal([0.5, 0, 0.5, 0, 1, 0], bag.Of([0, 2, 1], [0, 0, 1]));
        Assert.Equal([0.5, 0, 0.5, 0, 1, 0], bag.Of([0, 2, 0, 2, 1, -1], [0, 0, 0, 0, 1, 1]));
        Assert.Equal([1.0, 0, 0, 0, 0, 0], bag.Of([0, -1], [0, 1])); // no GPS station lives
    }

    [Fact]
    public void The_rule_of_relative_strength_trusts_GPS_for_large_events_alone()
    {
        var bag = new BagOfPredictions(2, 3);
        Assert.Equal(2, bag.RelativeStrength([1, 0, 0, 0, 0.4, 0.6]));
        Assert.Equal(1, bag.RelativeStrength([0.2, 0.8, 0, 0, 1, 0]));
        Assert.Equal(1, bag.RelativeStrength([0, 0, 1, 1, 0, 0]));
        Assert.Equal(0, bag.Majority([0, 0, 2, -1]));
    }

    [Fact]
    public void A_tie_of_votes_goes_to_the_nearest_bag()
    {
        var nearest = new NearestBags([[0.0], [1], [3], [4]], [1, 0, 0, 1], 2, k: 4);
        Assert.Equal([2, 2], nearest.Votes([0.2]));
        Assert.Equal(1, nearest.Classify([0.2]));
        Assert.Equal(0, nearest.Classify([1.4]));
    }

    [Fact]
    public void A_larger_event_shakes_more_and_a_seismometer_saturates()
    {
        var waves = new EventWaves();
        var (small, _) = waves.At(new Shaking(4, 40, 0, 0, 0, 0));
        var (large, displaced) = waves.At(new Shaking(8, 40, 0, 0, 0, 0));
        Assert.True(large.Max(Math.Abs) > 100 * small.Max(Math.Abs));
        Assert.Equal(1, waves.Seismometer(large).Max(Math.Abs));
        Assert.True(EventWaves.Gps(large, displaced)[^1] > 0);
        Assert.All(large.Take((int)(40 / 6.0 * 8)), value => Assert.Equal(0, value)); // nothing before the P wave
    }

    [Fact]
    public void A_feature_that_follows_the_class_scores_above_one_that_does_not()
    {
        double[] scores = ChiSquared.Of([[4, 1, 0], [4, 1, 0], [0, 1, 0], [0, 1, 0]], [0, 0, 1, 1], 2);
        Assert.Equal([8.0, 0, 0], scores);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SymbolicFourier.Coefficients([1, 2, 3], 4));
        Assert.Throws<ArgumentException>(() => SymbolicFourier.Coefficients(new double[16], 3));
        Assert.Throws<ArgumentException>(() => SymbolicFourier.Fit([], 4));
        Assert.Throws<ArgumentException>(() => new BagOfPredictions(2, 3).Of([0], [0, 1]));
        Assert.Throws<ArgumentException>(() => ChiSquared.Of([], [], 2));
    }
}
