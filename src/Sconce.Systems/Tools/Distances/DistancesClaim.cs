using System.Globalization;
using Sconce.Claims;
using Sconce.Maths.Distances;

namespace Sconce.Systems.Tools.Distances;

/// <summary>
/// When measures mislead: length hides topics from the straight line, degrees are no distances, and many columns make all rows equally
/// far.
/// </summary>
public sealed class DistancesClaim : Claim
{
    private const string Accuracy = "leave-one-out 1-NN accuracy", Agreement = "share of nearest neighbours that agree";
    private const string Contrast = "relative contrast", Dateline = "kilometres";
    private const int Topics = 5, Words = 200, Places = 400, Points = 500;
    private static readonly int[] Dimensions = [2, 10, 100, 1000];

    /// <inheritdoc/>
    public override string Statement =>
        "A measure of distance must fit its data: cosine for counts of unlike length, haversine for places on earth; " +
            "with many columns the straight line loses its contrast.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if the nearest neighbour by cosine tells the topic of a text at least 0.1 more often than by the " +
        "straight line; at latitudes of 60 to 85 degrees no more than 0.75 of nearest neighbours by degrees are those by haversine, and " +
        "two places either side of the date line are within 25 kilometres by it; and the relative contrast of uniform " +
        "points falls from 2 to 10 to 100 to 1000 columns, to less than 0.2.";

    /// <inheritdoc/>
    public override string? KeepsNone => "It measures distances and trains no network.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var random = new Random(seed);
        int texts = options.Quick ? 100 : 600;
        var (counts, topics) = Counts(texts, random);
        double Right(Measure measure)
        {
            var rows = new DistanceRows(measure, counts, Words);
            var nearest = DistanceTable.Nearest(rows, rows, 1, leavesOutSelf: true, cancellation: cancellation);
            return nearest.Where((near, k) => topics[near[0].Row] == topics[k]).Count() / (double)texts;
        }

        double[] Place() => [60 + (25 * random.NextDouble()), (360 * random.NextDouble()) - 180];
        double[] places = [.. Enumerable.Range(0, Places).SelectMany(_ => Place())];
        int[] Nearest(Measure measure)
        {
            var rows = new DistanceRows(measure, places, 2);
            return [.. DistanceTable.Nearest(rows, rows, 1, leavesOutSelf: true, cancellation: cancellation).Select(near => near[0].Row)];
        }

        double agreement = Nearest(new Euclidean()).Zip(Nearest(new Haversine())).Count(pair => pair.First == pair.Second) / (double)Places;
        var figures = new List<ClaimRow>
        {
            new("cosine", Accuracy, [Right(new Cosine())]) { IsMethod = true },
            new("euclidean", Accuracy, [Right(new Euclidean())]),
            new("degrees and haversine", Agreement, [agreement]),
            new("across the date line", Dateline, [new Haversine().Between([0, 179.9], [0, -179.9])]),
        };
        figures.AddRange(Dimensions.Select(width => new ClaimRow(Columns(width), Contrast, [ContrastOf(width, random)])));
        return new SeedResult(figures)
        {
            Configuration =
            [
                ("texts", $"{texts} of {Topics} topics over {Words} words: 0.15 of the topic and 0.85 uniform, 10 to 1,000 words long"),
                ("places", $"{Places} at latitudes of 60 to 85 degrees"),
                ("contrast", $"(max - min)/min of the distances of {Points} uniform points from another"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<double> cosine = table["cosine", Accuracy], straight = table["euclidean", Accuracy];
        var agreement = table["degrees and haversine", Agreement];
        var contrast = Dimensions.Select(width => table[Columns(width), Contrast]).ToList();
        var verdict = ByMargins(
            [
                cosine.Zip(straight, (a, b) => a - b - 0.1),
                agreement.Select(share => 0.75 - share),
                table["across the date line", Dateline].Select(kilometres => 25 - kilometres),
                .. contrast.Zip(contrast.Skip(1), (wide, narrow) => wide.Zip(narrow, (a, b) => a - b)),
                contrast[^1].Select(value => 0.2 - value),
            ]);
        string contrasts = string.Join(", ", contrast.Select(values => values.Average().ToString("0.00", CultureInfo.InvariantCulture)));
        string accuracies = FormattableString.Invariant(
            $"{cosine.Average():0.000} by cosine and {straight.Average():0.000} by the straight line");
        string agreed = FormattableString.Invariant($"{agreement.Average():0.000} of neighbours agree");
        return (verdict, $"accuracy {accuracies}; {agreed}; contrast {contrasts}");
    }

    private static string Columns(int width) => $"{width} columns";

    private static double ContrastOf(int width, Random random)
    {
        double[] points = [.. Enumerable.Range(0, (Points + 1) * width).Select(_ => random.NextDouble())];
        var measure = new Euclidean();
        double[] away = DistanceTable.All(
            new DistanceRows(measure, points[..width], width), new DistanceRows(measure, points[width..], width));
        return (away.Max() - away.Min()) / away.Min();
    }

    private static (double[] Counts, int[] Topics) Counts(int texts, Random random)
    {
        double[][] topics = [.. Enumerable.Range(0, Topics).Select(_ => Dirichlet(0.05, random))];
        var counts = new double[texts * Words];
        var own = new int[texts];
        for (int text = 0; text < texts; text++)
        {
            own[text] = random.Next(Topics);
            int length = (int)Math.Pow(10, 1 + (2 * random.NextDouble()));
            for (int k = 0; k < length; k++)
            {
                int word = random.NextDouble() < 0.15 ? Drawn(topics[own[text]], random) : random.Next(Words);
                counts[(text * Words) + word]++;
            }
        }

        return (counts, own);
    }

    private static int Drawn(double[] shares, Random random)
    {
        double at = random.NextDouble();
        int word = 0;
        while (word < shares.Length - 1 && (at -= shares[word]) > 0) word++;
        return word;
    }

    /// <summary>Gamma numbers of a shape below 1 (Ahrens and Dieter's), brought to sum 1.</summary>
    private static double[] Dirichlet(double shape, Random random)
    {
        double[] drawn = [.. Enumerable.Range(0, Words).Select(_ => Gamma(shape, random))];
        double sum = drawn.Sum();
        return [.. drawn.Select(value => value / sum)];
    }

    private static double Gamma(double shape, Random random)
    {
        double bound = (Math.E + shape) / Math.E;
        while (true)
        {
            double p = bound * random.NextDouble(), test = random.NextDouble();
            if (p <= 1)
            {
                double x = Math.Pow(p, 1 / shape);
                if (test <= Math.Exp(-x)) return x;
            }
            else
            {
                double x = -Math.Log((bound - p) / shape);
                if (test <= Math.Pow(x, shape - 1)) return x;
            }
        }
    }
}
