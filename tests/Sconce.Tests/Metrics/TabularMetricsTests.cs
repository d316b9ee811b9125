using Sconce.Metrics;
using Xunit;

namespace Sconce.Tests.Metrics;

public class TabularMetricsTests
{
    [Fact]
    public void R2_is_1_for_the_truth_0_for_its_mean_and_none_where_truths_are_alike()
    {
        Assert.Equal(1, TabularMetrics.R2([1, 2, 6], [1, 2, 6]));
        Assert.Equal(0, TabularMetrics.R2([1, 2, 6], [3, 3, 3]), 1e-12);
        Assert.True(double.IsNaN(TabularMetrics.R2([2, 2], [2, 2])));
        Assert.Throws<ArgumentException>(() => TabularMetrics.R2([1], [1, 2]));
    }

    [Fact]
    public void Errors_accuracy_and_log_loss_are_as_by_hand()
    {
        Assert.Equal(Math.Sqrt(12.5), TabularMetrics.RootMeanSquaredError([0, 0], [3, 4]), 1e-12);
        Assert.Equal(3.5, TabularMetrics.MeanAbsoluteError([0, 0], [3, -4]), 1e-12);
        Assert.Equal(0.5, TabularMetrics.Accuracy([1, 0], [0.4, 0.6, 0.4, 0.6], 2));
        Assert.Equal(-(Math.Log(0.6) + Math.Log(0.4)) / 2, TabularMetrics.LogLoss([1, 0], [0.4, 0.6, 0.4, 0.6], 2), 1e-12);
        Assert.True(double.IsFinite(TabularMetrics.LogLoss([0], [0, 1], 2)));
    }
}
