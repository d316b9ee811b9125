using Sconce.Maths;
using Xunit;

namespace Sconce.Tests.Maths;

public class CoresetTests
{
    [Fact]
    public void Passing_rows_over_chooses_the_same_as_looking_at_all()
    {
        var random = new Random(3);
        foreach (int width in (int[])[2, 7, 130])
        {
            float[] rows = [.. Enumerable.Range(0, 300 * width).Select(k => (float)(random.NextDouble() + (k / width % 5)))];
            Assert.Equal(Plain(rows, width, 60, 4), Coreset.Choose(rows, width, 60, 4));
        }
    }

    [Theory]
    [InlineData(1500, 3, 1100)] // more centres than distances are kept between
    [InlineData(2100, 128, 40)] // rows enough for several threads
    public void Rows_that_are_looked_at_late_are_chosen_as_early_as_others(int count, int width, int wanted)
    {
        var random = new Random(count);
        float[] rows = [.. Enumerable.Range(0, count * width).Select(k => (float)(random.NextDouble() * (1 + (k / width % 7))))];
        Assert.Equal(Plain(rows, width, wanted, 11), Coreset.Choose(rows, width, wanted, 11));
    }

    [Fact]
    public void One_row_however_wide_is_no_work_for_several_threads() =>
        Assert.Equal([0], Coreset.Choose(new float[1 << 19], 1 << 19, 1, 0));

    [Fact]
    public void Of_rows_that_are_all_reached_the_first_that_is_not_chosen_comes_next()
    {
        var random = new Random(6);
        float[] different = [.. Enumerable.Range(0, 50 * 5).Select(_ => (float)random.NextDouble())];
        float[] rows = [.. different, .. different, .. different, .. different];
        int[] chosen = Coreset.Choose(rows, 5, 120, 3);
        Assert.Equal(120, chosen.Distinct().Count());
        Assert.Equal(Plain(rows, 5, 120, 3), chosen);
    }

    [Fact]
    public void The_greedy_choice_covers_better_than_a_random_one()
    {
        var random = new Random(4);
        float[] rows = [.. Enumerable.Range(0, 500 * 8).Select(_ => (float)random.NextDouble())];
        int[] drawn = [.. Enumerable.Range(0, 500)];
        random.Shuffle(drawn);
        Assert.True(Coreset.CoveringRadius(rows, 8, Coreset.Choose(rows, 8, 50, 0)) < Coreset.CoveringRadius(rows, 8, drawn[..50]));
    }

    [Fact]
    public void Outlines_go_round_a_region_and_across_its_corners()
    {
        bool[] cells = [true, true, false, false, false, true, false, false, false];
        var region = Assert.Single(ConnectedRegions.Of(cells, 3));
        Assert.Equal([0, 1, 5], region.Cells.Order());
        Assert.Equal([(0, 0), (2, 0), (2, 1), (3, 1), (3, 2), (2, 2), (2, 1), (0, 1)], region.Outline());
    }

    private static int[] Plain(float[] rows, int width, int count, int start)
    {
        int all = rows.Length / width, centre = start;
        var nearest = Enumerable.Repeat(double.PositiveInfinity, all).ToArray();
        var chosen = new int[count];
        for (int k = 0; k < count; k++)
        {
            for (int row = 0; row < all; row++)
            {
                double square = 0;
                for (int j = 0; j < width; j++) square += Math.Pow(rows[(row * width) + j] - rows[(centre * width) + j] + 1e-6, 2);
                nearest[row] = Math.Min(nearest[row], square);
            }

            foreach (int done in chosen.Take(k)) nearest[done] = 0;
            chosen[k] = centre = Array.IndexOf(nearest, nearest.Max());
        }

        return chosen;
    }
}
