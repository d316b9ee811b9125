using FsCheck;
using FsCheck.Fluent;
using Sconce.Maths;
using Xunit;

namespace Sconce.Tests.Maths;

public class LinearAssignmentTests
{
    [Fact]
    public void The_sum_is_that_of_the_best_of_all_assignments() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        int rows = random.Next(1, 7), columns = random.Next(1, 7);
        double[] cost = [.. Enumerable.Range(0, rows * columns).Select(_ => random.Next(-20, 21) / (random.Next(2) == 0 ? 1.0 : 7.0))];
        var pairs = LinearAssignment.Solve(cost, rows, columns);
        bool whole = pairs.Count == Math.Min(rows, columns)
            && pairs.Select(pair => pair.Row).Distinct().Count() == pairs.Count
            && pairs.Select(pair => pair.Column).Distinct().Count() == pairs.Count
            && pairs.Zip(pairs.Skip(1)).All(next => next.First.Row < next.Second.Row);
        return whole && Math.Abs(pairs.Sum(pair => cost[(pair.Row * columns) + pair.Column]) - Best(cost, rows, columns)) < 1e-9;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Turning_the_matrix_turns_the_answer_where_it_is_unique() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        int rows = random.Next(1, 12), columns = random.Next(1, 12);
        double[] cost = [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextDouble())];
        double[] turned = [.. Enumerable.Range(0, rows * columns).Select(k => cost[(k % rows * columns) + (k / rows)])];
        return LinearAssignment.Solve(cost, rows, columns).ToHashSet()
            .SetEquals(LinearAssignment.Solve(turned, columns, rows).Select(pair => (pair.Column, pair.Row)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void A_constant_added_to_a_row_changes_nothing() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        const int side = 6;
        double[] cost = [.. Enumerable.Range(0, side * side).Select(_ => random.NextDouble())];
        double[] raised = [.. cost.Select((value, k) => k / side == 2 ? value + 5 : value)];
        return LinearAssignment.Solve(cost, side, side).SequenceEqual(LinearAssignment.Solve(raised, side, side));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void A_forbidden_pair_is_avoided_whatever_it_costs_elsewhere() =>
        Assert.Equal([(0, 1), (1, 0)], LinearAssignment.Solve([double.PositiveInfinity, 1000, 1000, 0], 2, 2));

    [Fact]
    public void Where_every_complete_assignment_is_forbidden_the_error_says_so()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            LinearAssignment.Solve([double.PositiveInfinity, 1, double.PositiveInfinity, 1], 2, 2));
        Assert.Contains("no complete assignment", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Costs_that_are_no_numbers_are_refused(double value) =>
        Assert.Throws<ArgumentException>(() => LinearAssignment.Solve([0, value, 0, 0], 2, 2));

    [Fact]
    public void A_matrix_of_another_size_is_refused() => Assert.Throws<ArgumentException>(() => LinearAssignment.Solve([1, 2, 3], 2, 2));

    [Fact]
    public void Nothing_is_assigned_where_there_is_nothing() => Assert.Empty(LinearAssignment.Solve([], 3, 0));

    /// <summary>Of all injective maps of the smaller side, the least sum.</summary>
    private static double Best(double[] cost, int rows, int columns)
    {
        if (rows > columns)
            return Best([.. Enumerable.Range(0, cost.Length).Select(k => cost[(k % rows * columns) + (k / rows)])], columns, rows);
        return Rest(0, 0);

        double Rest(int row, int used)
        {
            if (row == rows) return 0;
            double best = double.PositiveInfinity;
            for (int column = 0; column < columns; column++)
            {
                if ((used & (1 << column)) == 0)
                    best = Math.Min(best, cost[(row * columns) + column] + Rest(row + 1, used | (1 << column)));
            }

            return best;
        }
    }
}
