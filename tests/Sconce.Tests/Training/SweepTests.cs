using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

public class SweepTests
{
    private static readonly ClassifierMethod Method = ClassifierMethod.Plain;

    private static IReadOnlyList<SweepPoint> Plan(int trials, params string[] over) =>
        SweepPlan.Of(Method.Start("net"), Method, [.. over.Select(SweepAxis.Parse)], trials);

    [Fact]
    public void Listed_values_make_every_combination_and_ranges_the_same_draws_for_each()
    {
        var points = Plan(3, "lr=log:0.001..0.1", "batch=8,16");
        Assert.Equal(6, points.Count);
        Assert.Equal(["batch 8", "batch 16"], points.Select(point => point.Group).Distinct());
        string[] rates = [.. points.Where(point => point.Group == "batch 8").Select(point => point.Values[1].Value)];
        Assert.Equal(["0.01", "0.00316", "0.0316"], rates);
        Assert.Equal(rates, points.Where(point => point.Group == "batch 16").Select(point => point.Values[1].Value));
    }

    [Fact]
    public void A_longer_sweep_holds_the_runs_of_a_shorter_one()
    {
        string[] few = [.. Plan(4, "lr=log:0.001..0.1", "momentum=0.5..0.99").Select(point => point.Folder(0))];
        Assert.Equal(few, Plan(9, "lr=log:0.001..0.1", "momentum=0.5..0.99").Take(4).Select(point => point.Folder(0)));
        Assert.Equal(4, few.Distinct().Count());
    }

    [Fact]
    public void Settings_of_whole_numbers_are_drawn_whole() =>
        Assert.All(Plan(5, "batch=log:8..512"), point =>
            Assert.True(int.TryParse(point.Values[0].Value, out int batch) && batch is >= 8 and <= 512));

    [Theory]
    [InlineData("batch", "nothing to go over")]
    [InlineData("lr=log:0..1", "begins above 0")]
    [InlineData("lr=0.3..0.1", "no range")]
    [InlineData("lr=log:0.1", "no range")]
    [InlineData("ratte=1,2", "no setting")]
    [InlineData("batch=0,8", "batch")]
    [InlineData("seed=1,2", "say how many")]
    public void What_means_nothing_is_said_before_any_run(string over, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<UsageException>(() => Plan(2, over)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_goal_is_reached_by_the_first_evaluation_beyond_it()
    {
        var history = new RunHistory([], [One(10, 0.5), One(20, 0.9), One(30, 0.95)]);
        Assert.Equal(20, SweepGoal.Parse("accuracy>=0.9").Steps(history));
        Assert.Equal(10, SweepGoal.Parse("accuracy <= 0.6").Steps(history));
        Assert.Null(SweepGoal.Parse("accuracy>=0.99").Steps(history));
        Assert.Null(SweepGoal.Parse("loss<=1").Steps(history));
        Assert.Throws<UsageException>(() => SweepGoal.Parse("accuracy=0.9"));

        static Evaluation One(long step, double accuracy) => new(1, step, 1, new Dictionary<string, double> { ["accuracy"] = accuracy });
    }
}
