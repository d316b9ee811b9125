using Sconce.Maths.Distances;
using Xunit;

namespace Sconce.Tests.Maths;

public class DistanceTests
{
    private static readonly Measure[] OfAnyRows =
    [
        new Euclidean(), new Manhattan(), new Chebyshev(), new Minkowski(3), new Minkowski(1.5),
        new Cosine(), new Hamming(), new Jaccard(), new Dice(), new JensenShannon(),
    ];

    [Fact]
    public void A_row_is_exactly_0_from_itself_by_every_measure()
    {
        var random = new Random(1);
        foreach (int width in (int[])[1, 2, 5, 64, 67])
        {
            double[] row = [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() + 0.1)];
            foreach (var measure in OfAnyRows) Assert.Equal(0, measure.Between(row, row));
        }

        Assert.Equal(0, new Haversine().Between([52.5, 13.4], [52.5, 13.4]));
        Assert.Equal(0, new Geodesic().Between([52.5, 13.4], [52.5, 13.4]));
    }

    [Fact]
    public void Measures_are_what_their_formulas_say()
    {
        double[] a = [1, -2, 3], b = [4, 0, 3];
        Assert.Equal(Math.Sqrt(13), new Euclidean().Between(a, b), 1e-12);
        Assert.Equal(5, new Manhattan().Between(a, b), 1e-12);
        Assert.Equal(3, new Chebyshev().Between(a, b), 1e-12);
        Assert.Equal(Math.Cbrt(27 + 8), new Minkowski(3).Between(a, b), 1e-12);
        Assert.Equal(1 - (13 / (Math.Sqrt(14) * 5)), new Cosine().Between(a, b), 1e-12);
        Assert.Equal(2.0 / 3, new Hamming().Between(a, b), 1e-12);
        Assert.Equal(2, new Hamming(counts: true).Between(a, b));
        Assert.Equal(1 - (1.0 / 3), new Jaccard().Between([1, 1, 0, 0], [1, 0, 1, 0]), 1e-12);
        Assert.Equal(0.5, new Dice().Between([1, 1, 0, 0], [1, 0, 1, 0]), 1e-12);
        Assert.Equal(1, new JensenShannon().Between([1, 0], [0, 1]), 1e-12);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(19)]
    public void A_pairs_figure_is_the_same_to_the_last_bit_wherever_it_lies_among_others(int width)
    {
        var random = new Random(2);
        double[] one = [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() + 0.1)];
        double[] others = [.. Enumerable.Range(0, 11 * width).Select(_ => random.NextDouble() + 0.1)];
        foreach (var measure in OfAnyRows)
        {
            double[] together = DistanceTable.All(new DistanceRows(measure, one, width), new DistanceRows(measure, others, width));
            double[] alone = [.. others.Chunk(width).Select(other => measure.Between(one, other))];
            Assert.Equal(alone, together);
        }
    }

    [Fact]
    public void Two_empty_sets_are_the_same() =>
        Assert.Equal((0, 0), (new Jaccard().Between([0, 0], [0, 0]), new Dice().Between([0, 0], [0, 0])));

    [Fact]
    public void A_row_of_zeros_is_what_was_chosen_for_it()
    {
        double[] zeros = [0, 0], one = [1, 2];
        Assert.Throws<DistanceException>(() => new Cosine().Between(zeros, one));
        Assert.Equal(1, new Cosine(ZeroVectors.One).Between(zeros, one));
        Assert.Equal(0, new Cosine(ZeroVectors.One).Between(zeros, zeros));
        Assert.Equal(double.NaN, new Cosine(ZeroVectors.NaN).Between(zeros, one));
    }

    [Fact]
    public void The_date_line_is_no_border_and_the_ellipsoid_is_vincentys()
    {
        Assert.Equal(22.239, new Haversine().Between([0, 179.9], [0, -179.9]), 1e-2);
        // Flinders Peak to Buninyong, Geoscience Australia's published example: 54972.271 m (GRS 80, which WGS 84 equals here).
        double metres = 1000 * new Geodesic().Between([-(37 + (57 / 60.0) + (3.72030 / 3600)), 144 + (25 / 60.0) + (29.52440 / 3600)],
            [-(37 + (39 / 60.0) + (10.15610 / 3600)), 143 + (55 / 60.0) + (35.38390 / 3600)]);
        Assert.Equal(54972.271, metres, 0.01);
        var fault = Assert.Throws<DistanceException>(() => new Haversine().Between([91, 0], [0, 0]));
        Assert.Contains("latitude", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blanks_are_refused_with_the_row_or_skipped_pair_by_pair()
    {
        double[] rows = [1, 2, double.NaN, 4, 1, 2, 3, 9];
        var fault = Assert.Throws<DistanceException>(() => new DistanceRows(new Manhattan(), rows, 4));
        Assert.Contains("row 1", fault.Message, StringComparison.Ordinal);
        var skipping = new DistanceRows(new Manhattan(), rows, 4, Blanks.Skip);
        Assert.Equal(5 / 0.75, DistanceTable.All(skipping, skipping)[1], 1e-12);
    }

    [Fact]
    public void Chords_of_the_sphere_give_haversines_figures_from_a_metre_to_the_other_side()
    {
        var random = new Random(4);
        for (int k = 0; k < 200; k++)
        {
            double[] a = [(180 * random.NextDouble()) - 90, (360 * random.NextDouble()) - 180];
            double step = Math.Pow(10, -random.Next(6));
            double[] b = k % 2 == 0
                ? [Math.Clamp(a[0] + (step * random.NextDouble()), -90, 90), a[1] + (step * random.NextDouble())]
                : [-a[0] + (0.1 * random.NextDouble() * Math.Sign(a[0])), a[1] > 0 ? a[1] - 180 : a[1] + 180];
            double north = double.DegreesToRadians(a[0] - b[0]) / 2, east = double.DegreesToRadians(a[1] - b[1]) / 2;
            double cosines = Math.Cos(double.DegreesToRadians(a[0])) * Math.Cos(double.DegreesToRadians(b[0]));
            double share = Math.Pow(Math.Sin(north), 2) + (cosines * Math.Pow(Math.Sin(east), 2));
            double kilometres = 2 * Haversine.EarthKilometres * Math.Asin(Math.Sqrt(Math.Min(1, share)));
            double tolerance = kilometres > 15_000 ? 1e-3 : 1e-6; // a millimetre, and a metre where the arc's sine is nearly 1
            Assert.Equal(kilometres, new Haversine().Between(a, b), tolerance);
        }
    }

    [Fact]
    public void Nearest_distances_are_the_tables_to_the_last_bit_by_every_measure()
    {
        var random = new Random(3);
        foreach (var measure in (Measure[])[.. OfAnyRows, new Haversine()])
        {
            int width = measure is Haversine ? 2 : 32;
            double[] rows = [.. Enumerable.Range(0, 70 * width).Select(_ => random.NextDouble() < 0.3 ? 0.1 : random.NextDouble())];
            var prepared = new DistanceRows(measure, rows, width);
            double[] all = DistanceTable.All(prepared, prepared);
            var nearest = DistanceTable.Nearest(prepared, prepared, 7, leavesOutSelf: true);
            for (int row = 0; row < 70; row++)
            {
                var own = all[(row * 70)..((row + 1) * 70)].Where((_, k) => k != row);
                Assert.Equal(own.Order().Take(7), nearest[row].Select(near => near.Distance));
                Assert.All(nearest[row], near => Assert.Equal(all[(row * 70) + near.Row], near.Distance));
            }
        }
    }

    [Fact]
    public void Nearest_rows_are_those_of_the_whole_table()
    {
        var random = new Random(2);
        double[] a = [.. Enumerable.Range(0, 40 * 6).Select(_ => random.NextDouble())];
        double[] b = [.. Enumerable.Range(0, 700 * 6).Select(_ => random.NextDouble())];
        DistanceRows from = new(new Euclidean(), a, 6), to = new(new Euclidean(), b, 6);
        double[] all = DistanceTable.All(from, to);
        var nearest = DistanceTable.Nearest(from, to, 10);
        for (int row = 0; row < 40; row++)
        {
            var sorted = Enumerable.Range(0, 700).OrderBy(k => all[(row * 700) + k]).Take(10);
            Assert.Equal(sorted, nearest[row].Select(near => near.Row));
        }
    }
}
