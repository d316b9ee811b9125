using Sconce.Reports;
using Xunit;

namespace Sconce.Cli.Tests;

public class ChartTests
{
    [Fact]
    public void One_run_that_diverged_does_not_flatten_the_others()
    {
        var chart = Charts.Of([new("loss", "calm", [0, 1, 2], [2, 1, 0.5]), new("loss", "wild", [0, 1, 2], [2, 3000, 6e10])]).Single();
        Assert.InRange(chart.Axis![1], 2, 20);
        Assert.Contains("6E+10", chart.Beyond, StringComparison.Ordinal);
    }

    [Fact]
    public void An_axis_is_the_librarys_own_where_all_values_are_alike()
    {
        Assert.Null(Charts.Of([new("accuracy", "a", [0, 1], [0.1, 0.9]), new("accuracy", "b", [0, 1], [0.1, 0.2])]).Single().Axis);
        Assert.Null(Charts.Of([new("loss", "a", [0, 1, 2, 3], [2.3, 0.1, 0.01, 0.001])]).Single().Axis);
        Assert.Null(Charts.Of([new("loss", "a", [0, 1], [double.NaN, double.NaN])]).Single().Axis);
    }

    [Fact]
    public void Seeds_of_an_arm_become_their_mean_and_a_band()
    {
        var lines = Charts.Of([new("loss", "net, seed 0", [0, 2], [1, 3]), new("loss", "net, seed 1", [0, 1, 2], [3, 3, 3])])
            .Single().Lines;
        Assert.Equal("net, mean of 2", lines[0].Name);
        Assert.Equal([0, 1, 2], lines[0].X);
        Assert.Equal([2, 2.5, 3], lines[0].Y);
        Assert.Equal(3 - 0, lines[0].High![2] + lines[0].Low![2] - 3, 1e-12);
        Assert.Equal([false, true, true], lines.Select(line => line.Hidden));
    }

    [Fact]
    public void Very_many_points_are_thinned()
    {
        double[] places = [.. Enumerable.Range(0, 5000).Select(k => (double)k)];
        Assert.InRange(Charts.Of([new("loss", "a", places, places)]).Single().Lines[0].X.Count, 300, 600);
    }
}
