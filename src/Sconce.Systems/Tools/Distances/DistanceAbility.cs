using Sconce.Abilities;
using Sconce.Maths.Distances;
using Sconce.Tables;

namespace Sconce.Systems.Tools.Distances;

/// <summary>The measures, by name.</summary>
public enum MeasureKind
{
    /// <summary>sqrt(sum (x-y)^2).</summary>
    Euclidean,

    /// <summary>1 - x.y/(|x||y|).</summary>
    Cosine,

    /// <summary>The share of positions that differ.</summary>
    Hamming,

    /// <summary>The number of positions that differ.</summary>
    HammingCount,

    /// <summary>sum |x-y|.</summary>
    Manhattan,

    /// <summary>max |x-y|.</summary>
    Chebyshev,

    /// <summary>(sum |x-y|^p)^(1/p).</summary>
    Minkowski,

    /// <summary>1 - |A and B|/|A or B|, of rows of 0 and not 0.</summary>
    Jaccard,

    /// <summary>1 - 2|A and B|/(|A|+|B|), of rows of 0 and not 0.</summary>
    Dice,

    /// <summary>Kilometres on a sphere, of latitude and longitude in degrees.</summary>
    Haversine,

    /// <summary>Kilometres on the earth's ellipsoid, of latitude and longitude in degrees.</summary>
    Geodesic,

    /// <summary>The root of the Jensen-Shannon divergence of rows as distributions, in bits.</summary>
    JensenShannon,

    /// <summary>A straight line in units of the first table's covariance.</summary>
    Mahalanobis,
}

/// <summary>What is compared, and how.</summary>
[Settings]
public sealed partial record DistanceSettings
{
    /// <summary>The measure.</summary>
    public MeasureKind Measure { get; init; } = MeasureKind.Euclidean;

    /// <summary>The nearest rows of each that are told; the whole table where left out.</summary>
    [Within(1)]
    public int? Neighbours { get; init; }

    /// <summary>The columns that are compared, in this order; all columns of numbers where left out.</summary>
    public LabelList? Columns { get; init; }

    /// <summary>Minkowski's power.</summary>
    [Within(0, Above = true)]
    public double P { get; init; } = 3;

    /// <summary>The sphere's radius, in kilometres.</summary>
    [Within(0, Above = true)]
    public double Radius { get; init; } = Haversine.EarthKilometres;

    /// <summary>Whether each column is first brought to mean 0 and deviation 1 by the first table.</summary>
    public bool Standardise { get; init; }

    /// <summary>What the cosine makes of a row of zeros.</summary>
    public ZeroVectors Zeros { get; init; }

    /// <summary>What is made of blanks.</summary>
    public Blanks Blanks { get; init; }

    /// <summary>Columns that two rows must share where blanks are skipped; with fewer they are NaN apart, and no neighbours.</summary>
    [Within(1)]
    public int Shared { get; init; } = 1;

    internal Measure Create(double[] rows, int width) => Measure switch
    {
        MeasureKind.Euclidean => new Euclidean(),
        MeasureKind.Cosine => new Cosine(Zeros),
        MeasureKind.Hamming => new Hamming(),
        MeasureKind.HammingCount => new Hamming(counts: true),
        MeasureKind.Manhattan => new Manhattan(),
        MeasureKind.Chebyshev => new Chebyshev(),
        MeasureKind.Minkowski => new Minkowski(P),
        MeasureKind.Jaccard => new Jaccard(),
        MeasureKind.Dice => new Dice(),
        MeasureKind.Haversine => new Haversine(Radius),
        MeasureKind.Geodesic => new Geodesic(),
        MeasureKind.JensenShannon => new JensenShannon(),
        _ => new Mahalanobis(Covariance(rows, width), width),
    };

    private static double[] Covariance(double[] rows, int width)
    {
        int count = rows.Length / width;
        if (count <= width) throw new DistanceException($"mahalanobis: {count} rows are too few for {width} columns");
        if (rows.Contains(double.NaN)) throw new DistanceException("mahalanobis: a covariance takes rows without blanks");
        double Mean(int column) => Enumerable.Range(0, count).Average(row => rows[(row * width) + column]);
        double[] means = [.. Enumerable.Range(0, width).Select(Mean)];
        var covariance = new double[width * width];
        for (int row = 0; row < count; row++)
        {
            for (int a = 0; a < width; a++)
            {
                double away = (rows[(row * width) + a] - means[a]) / (count - 1);
                for (int b = 0; b < width; b++) covariance[(a * width) + b] += away * (rows[(row * width) + b] - means[b]);
            }
        }

        return covariance;
    }
}

/// <summary>How far the rows of one table are from those of another, or from each other.</summary>
public sealed class DistanceAbility : Ability<TableFiles, MadeTable, DistanceSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Distance;

    /// <inheritdoc/>
    public override string Purpose =>
        "two tables in, or one; out, the distance of every row of the first from every row of the second, or the nearest rows";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool TakesAllTogether => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("shops.csv customers.csv --measure haversine --columns latitude,longitude --neighbours 5 --out nearest.csv",
            "the five nearest customers of each shop, in kilometres")];

    /// <inheritdoc/>
    public override Session<TableFiles, MadeTable, DistanceSettings> Open(OpenRequest request) => new DistanceSession();
}

/// <summary>Compares tables. Several threads may ask it.</summary>
public sealed class DistanceSession : Session<TableFiles, MadeTable, DistanceSettings>
{
    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<MadeTable> Answer(
        IReadOnlyList<TableFiles> inputs, DistanceSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Compared(input.Tables, settings, progress, cancellation))];

    private static MadeTable Compared(
        IReadOnlyList<Table> tables, DistanceSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (tables.Count > 2) throw new UsageException($"{tables.Count} tables cannot be compared at once: two, or one with itself");
        Table first = tables[0], second = tables[^1];
        var columns = Columns(first, second, settings.Columns);
        double[] rows = Numbers(first, columns), others = tables.Count == 1 ? rows : Numbers(second, columns);
        if (settings.Standardise) Standardised(columns.Count, rows, others);
        var measure = settings.Create(rows, columns.Count);
        if (settings.Shared > columns.Count)
            throw new SettingsException("shared", called => $"{called} {settings.Shared}: only {columns.Count} columns are compared");
        DistanceRows Of(double[] numbers, Table table) =>
            new(measure, numbers, columns.Count, settings.Blanks, table.Name) { LeastShared = settings.Shared };
        var a = Of(rows, first);
        var b = tables.Count == 1 ? a : Of(others, second);
        if (settings.Neighbours is not { } count)
        {
            double[] all = DistanceTable.All(a, b, cancellation);
            return new MadeTable(new Table("distances", [.. Enumerable.Range(0, b.Count).Select(to =>
                new TableColumn($"{to + 1}", [.. Enumerable.Range(0, a.Count).Select(row => all[(row * b.Count) + to])]))]));
        }

        var nearest = DistanceTable.Nearest(a, b, count, leavesOutSelf: tables.Count == 1, progress, cancellation);
        var flat = nearest.SelectMany((found, row) =>
            found.Select((near, rank) => (Row: row + 1.0, Rank: rank + 1.0, Other: near.Row + 1.0, near.Distance))).ToList();
        return new MadeTable(new Table("nearest",
        [
            new TableColumn("row", [.. flat.Select(one => one.Row)]),
            new TableColumn("rank", [.. flat.Select(one => one.Rank)]),
            new TableColumn("neighbour", [.. flat.Select(one => one.Other)]),
            new TableColumn("distance", [.. flat.Select(one => one.Distance)]),
        ]));
    }

    private static IReadOnlyList<string> Columns(Table first, Table second, LabelList? asked)
    {
        var shared = first.Columns.Where(column => column.IsNumber && second.Has(column.Name));
        var names = asked?.Names ?? [.. shared.Select(column => column.Name)];
        if (names.Count == 0) throw new TableException(first.Name, $"it shares no column of numbers with {second.Name}");
        foreach (var (table, name) in names.SelectMany(name => new[] { (first, name), (second, name) }))
        {
            if (!table[name].IsNumber) throw new TableException(table.Name, $"the column '{name}' holds texts: numbers are compared");
        }

        return names;
    }

    private static double[] Numbers(Table table, IReadOnlyList<string> columns)
    {
        var rows = new double[table.Rows * columns.Count];
        for (int k = 0; k < columns.Count; k++)
        {
            var numbers = table[columns[k]].Numbers;
            for (int row = 0; row < numbers.Length; row++) rows[(row * columns.Count) + k] = numbers[row];
        }

        return rows;
    }

    private static void Standardised(int width, double[] rows, double[] others)
    {
        for (int column = 0; column < width; column++)
        {
            double[] values = [.. rows.Where((value, k) => k % width == column && !double.IsNaN(value))];
            double mean = values.Length == 0 ? 0 : values.Average();
            double spread = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length));
            foreach (double[] table in ReferenceEquals(rows, others) ? [rows] : (double[][])[rows, others])
            {
                for (int k = column; k < table.Length; k += width) table[k] = spread > 0 ? (table[k] - mean) / spread : 0;
            }
        }
    }
}
