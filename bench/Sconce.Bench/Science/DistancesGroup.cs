using System.Globalization;
using Sconce.Maths.Distances;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Science;

/// <summary>
/// The nearest 10 of 20,000 rows to each of 20,000, by nine measures, never held as a table; bench/peer/distances.py has scipy's cdist in
/// blocks. SCONCE_BENCH_ROWS takes fewer.
/// </summary>
internal sealed class DistancesGroup : BenchGroup
{
    private const int Width = 64, Nearest = 10;

    private static readonly (string Name, Func<Measure> Create, Func<Random, double> Draw)[] Measures =
    [
        ("euclidean", () => new Euclidean(), random => random.NextDouble()),
        ("cosine", () => new Cosine(), random => random.NextDouble() - 0.3),
        ("hamming", () => new Hamming(), random => random.Next(4)),
        ("manhattan", () => new Manhattan(), random => random.NextDouble()),
        ("minkowski", () => new Minkowski(3), random => random.NextDouble()),
        ("chebyshev", () => new Chebyshev(), random => random.NextDouble()),
        ("jaccard", () => new Jaccard(), random => random.Next(2)),
        ("haversine", () => new Haversine(), random => (180 * random.NextDouble()) - 90),
        ("dice", () => new Dice(), random => random.Next(2)),
    ];

    private static int Rows => int.Parse(Environment.GetEnvironmentVariable("SCONCE_BENCH_ROWS") ?? "20000", CultureInfo.InvariantCulture);

    internal override string Name => "distances";

    internal override string About => "the nearest 10 of 20,000 rows to each of 20,000, nine measures, against scipy (half an hour)";

    internal override bool ByDefault => false;

    internal override void Measure(BenchTable table)
    {
        var ratios = new List<double>();
        foreach (string measure in Measures.Select(one => one.Name))
        {
            ratios.Add(table.Row(
                $"nearest {Nearest} of {Rows:N0} to each of {Rows:N0}, {measure}, against scipy",
                () => BenchTable.Own(Name, measure, table.Folder), () => BenchTable.Peer("distances.py", measure, table.Folder),
                agreement: 1e-6, rounds: 1));
        }

        table.Figure("nearest rows, the median of nine ratios", ratios.Order().ElementAt(4).ToString("0.00", CultureInfo.InvariantCulture),
            "2");
    }

    internal override Measured Work(string[] task)
    {
        var (name, create, draw) = Measures.First(one => one.Name == task[0]);
        int width = name == "haversine" ? 2 : Width;
        double[] first = Drawn(1, width, draw), second = Drawn(2, width, draw);
        Find(create(), first[..(200 * width)], second, width); // compiled
        double start = BenchClock.Now;
        var nearest = Find(create(), first, second, width);
        double seconds = BenchClock.Now - start;
        Save("rows", [Rows, width], first);
        Save("others", [Rows, width], second);
        Save("places", [Rows, Nearest], [.. nearest.SelectMany(row => row.Select(near => (double)near.Row))]);
        Save("found", [Rows, Nearest], [.. nearest.SelectMany(row => row.Select(near => near.Distance))]);
        return new Measured { Seconds = seconds };

        void Save(string what, long[] shape, double[] values) =>
            NpyWriter.Save(Path.Combine(task[1], $"{name}-{what}.npy"), TensorData.Of(what, DType.Float64, shape, values));
    }

    private static Neighbour[][] Find(Measure measure, double[] first, double[] second, int width) =>
        DistanceTable.Nearest(new DistanceRows(measure, first, width), new DistanceRows(measure, second, width), Nearest);

    private static double[] Drawn(int seed, int width, Func<Random, double> draw)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows * width).Select(_ => draw(random))];
    }
}
