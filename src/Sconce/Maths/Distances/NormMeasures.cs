namespace Sconce.Maths.Distances;

/// <summary>The straight line.</summary>
public sealed class Euclidean : Measure
{
    /// <inheritdoc/>
    public override string Name => "euclidean";

    /// <inheritdoc/>
    public override string Formula => "sqrt(sum (x-y)^2)";

    /// <inheritdoc/>
    public override string Range => "[0, inf)";

    /// <inheritdoc/>
    public override string Misleads =>
        "a column with larger numbers decides (standardise first); with many columns all rows become equally far";

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances) =>
        PreparedByRanks(own, others, distances);

    /// <inheritdoc/>
    public override double Rescaled(double distance, double share) => distance / Math.Sqrt(share);

    internal override void Ranks(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> ranks) =>
        PairKernels.Rows<SquaredDifference>(own, others, ranks);

    internal override double OfRank(double rank) => Math.Sqrt(rank);
}

/// <summary>Along the streets of a grid.</summary>
public sealed class Manhattan : Measure
{
    /// <inheritdoc/>
    public override string Name => "manhattan";

    /// <inheritdoc/>
    public override string Formula => "sum |x-y|";

    /// <inheritdoc/>
    public override string Range => "[0, inf)";

    /// <inheritdoc/>
    public override string Misleads => "not the shortest way; but it keeps more contrast than the straight line where columns are many";

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances) =>
        PairKernels.Rows<AbsoluteDifference>(own, others, distances);

    /// <inheritdoc/>
    public override double Rescaled(double distance, double share) => distance / share;
}

/// <summary>The largest difference: a king's moves.</summary>
public sealed class Chebyshev : Measure
{
    /// <inheritdoc/>
    public override string Name => "chebyshev";

    /// <inheritdoc/>
    public override string Formula => "max |x-y|";

    /// <inheritdoc/>
    public override string Range => "[0, inf)";

    /// <inheritdoc/>
    public override string Misleads => "one column decides and all others do not count";

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances) =>
        PairKernels.Rows<LargestDifference>(own, others, distances);
}

/// <summary>The family of the three above: p = 1, 2 and infinity.</summary>
/// <param name="p">Above 0; below 1 it is no metric.</param>
public sealed class Minkowski(double p) : Measure
{
    private readonly double power = p > 0 ? p : throw new DistanceException($"minkowski: p is above 0, not {p}");

    /// <summary>The power.</summary>
    public double P => power;

    /// <inheritdoc/>
    public override string Name => "minkowski";

    /// <inheritdoc/>
    public override string Formula => "(sum |x-y|^p)^(1/p)";

    /// <inheritdoc/>
    public override string Range => "[0, inf)";

    /// <inheritdoc/>
    public override bool IsMetric => power >= 1;

    /// <inheritdoc/>
    public override string Misleads => "p means nothing by itself and must be chosen; below 1 a detour can be shorter";

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances) =>
        PreparedByRanks(own, others, distances);

    /// <inheritdoc/>
    public override double Rescaled(double distance, double share) =>
        double.IsPositiveInfinity(power) ? distance : distance / Math.Pow(share, 1 / power);

    internal override void Ranks(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> ranks)
    {
        switch (power)
        {
            case 1: PairKernels.Rows<AbsoluteDifference>(own, others, ranks); break;
            case 2: PairKernels.Rows<SquaredDifference>(own, others, ranks); break;
            case 3: PairKernels.Rows<CubedDifference>(own, others, ranks); break;
            case double.PositiveInfinity: PairKernels.Rows<LargestDifference>(own, others, ranks); break;
            default:
                for (int k = 0; k < ranks.Length; k++) ranks[k] = Sum(own, others.Slice(k * own.Length, own.Length));
                break;
        }
    }

    internal override double OfRank(double rank) => power switch
    {
        1 or double.PositiveInfinity => rank,
        2 => Math.Sqrt(rank),
        _ => Math.Pow(rank, 1 / power),
    };

    private double Sum(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++) sum += Math.Pow(Math.Abs(a[k] - b[k]), power);
        return sum;
    }
}

/// <summary>A straight line in columns weighted by a matrix: each direction in units of its own spread.</summary>
public sealed class Mahalanobis : Measure
{
    private readonly double[] inverse;
    private readonly int width;

    /// <summary>From the factor of a covariance.</summary>
    /// <param name="covariance">Row by row, symmetric and positive.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="DistanceException">It is not positive: a column is constant, or follows from others.</exception>
    public Mahalanobis(ReadOnlySpan<double> covariance, int width)
    {
        if (covariance.Length != width * width)
            throw new DistanceException($"mahalanobis: {covariance.Length} numbers are no {width} x {width}");
        this.width = width;
        inverse = covariance.ToArray();
        for (int row = 0; row < width; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                double sum = inverse[(row * width) + column];
                for (int k = 0; k < column; k++) sum -= inverse[(row * width) + k] * inverse[(column * width) + k];
                if (row != column) inverse[(row * width) + column] = sum / inverse[(column * width) + column];
                else if (sum > 1e-12 * covariance[(row * width) + row]) inverse[(row * width) + row] = Math.Sqrt(sum);
                else throw new DistanceException($"mahalanobis: column {row + 1} is constant, or follows from earlier ones: leave it out");
            }
        }
    }

    /// <inheritdoc/>
    public override string Name => "mahalanobis";

    /// <inheritdoc/>
    public override string Formula => "sqrt((x-y)' S^-1 (x-y)), S the covariance of all rows";

    /// <inheritdoc/>
    public override string Range => "[0, inf)";

    /// <inheritdoc/>
    public override string Misleads => "outliers are in the covariance too; it takes many more rows than columns";

    /// <inheritdoc/>
    public override int Columns => width;

    /// <summary>Solves L z = x, so that straight lines between z are what is wanted.</summary>
    public override void Prepare(ReadOnlySpan<double> row, Span<double> prepared)
    {
        for (int k = 0; k < width; k++)
        {
            double sum = row[k];
            for (int j = 0; j < k; j++) sum -= inverse[(k * width) + j] * prepared[j];
            prepared[k] = sum / inverse[(k * width) + k];
        }
    }

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances) =>
        PreparedByRanks(own, others, distances);

    internal override void Ranks(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> ranks) =>
        PairKernels.Rows<SquaredDifference>(own, others, ranks);

    internal override double OfRank(double rank) => Math.Sqrt(rank);
}
