namespace Sconce.Maths.Distances;

/// <summary>
/// One less the cosine of the angle, computed as half the squared chord of the directions: 0 for a row with itself, exact for rows that
/// nearly point one way.
/// </summary>
/// <param name="zeros">What a row of zeros is.</param>
public sealed class Cosine(ZeroVectors zeros = ZeroVectors.Error) : Measure
{
    /// <inheritdoc/>
    public override string Name => "cosine";

    /// <inheritdoc/>
    public override string Formula => "1 - x.y/(|x||y|)";

    /// <inheritdoc/>
    public override string Range => "[0, 2]";

    /// <inheritdoc/>
    public override bool IsMetric => false;

    /// <inheritdoc/>
    public override string Misleads => "length does not count: a little and much of the same are one; a row of zeros has no direction";

    /// <summary>The cosine itself, in [-1, 1].</summary>
    public double Similarity(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => 1 - Between(a, b);

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<double> row, Span<double> prepared)
    {
        double largest = 0;
        foreach (double value in row) largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0)
        {
            if (zeros == ZeroVectors.Error) throw new DistanceException("cosine: a row of zeros has no direction");
            prepared.Fill(zeros == ZeroVectors.NaN ? double.NaN : 0);
            return;
        }

        // By the largest first, so that squares neither overflow nor vanish.
        for (int k = 0; k < row.Length; k++) prepared[k] = row[k] / largest;
        double length = Math.Sqrt(PairKernels.Run<Product>(prepared, prepared));
        for (int k = 0; k < row.Length; k++) prepared[k] /= length;
    }

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances)
    {
        PairKernels.Rows<SquaredDifference>(own, others, distances);
        bool isZero = !own.ContainsAnyExcept(0.0);
        for (int k = 0; k < distances.Length; k++)
        {
            distances[k] = Math.Min(2, distances[k] / 2);
            if (zeros != ZeroVectors.One) continue;
            bool other = !others.Slice(k * own.Length, own.Length).ContainsAnyExcept(0.0);
            if (isZero || other) distances[k] = isZero && other ? 0 : 1;
        }
    }
}

/// <summary>
/// How unlike two distributions are: the root of the Jensen-Shannon divergence in bits (scipy's <c>jensenshannon</c> with base 2).
/// </summary>
public sealed class JensenShannon : Measure
{
    /// <inheritdoc/>
    public override string Name => "jensen-shannon";

    /// <inheritdoc/>
    public override string Formula => "sqrt((KL(x|m) + KL(y|m))/2), m = (x+y)/2, in bits, rows brought to sum 1";

    /// <inheritdoc/>
    public override string Range => "[0, 1]";

    /// <inheritdoc/>
    public override string Misleads => "neighbouring columns are as foreign as distant ones; the rows' sums do not count";

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<double> row, Span<double> prepared)
    {
        double sum = 0;
        foreach (double value in row)
            sum += value >= 0 ? value : throw new DistanceException($"jensen-shannon: {value} is no share: rows are 0 or more");
        if (!(sum > 0)) throw new DistanceException("jensen-shannon: a row of zeros is no distribution");
        for (int k = 0; k < row.Length; k++) prepared[k] = row[k] / sum;
    }

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances)
    {
        for (int k = 0; k < distances.Length; k++)
        {
            var other = others.Slice(k * own.Length, own.Length);
            double sum = 0;
            for (int j = 0; j < own.Length; j++) sum += Bits(own[j], other[j]) + Bits(other[j], own[j]);
            distances[k] = Math.Sqrt(Math.Clamp(sum / 2, 0, 1));
        }
    }

    private static double Bits(double x, double y) => x > 0 && !x.Equals(y) ? x * Math.Log2(2 * x / (x + y)) : 0;
}
