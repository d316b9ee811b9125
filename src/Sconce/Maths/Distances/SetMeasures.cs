namespace Sconce.Maths.Distances;

/// <summary>Positions that differ: a share of all, or their number.</summary>
/// <param name="counts">Their number.</param>
public sealed class Hamming(bool counts = false) : Measure
{
    /// <inheritdoc/>
    public override string Name => counts ? "hamming-count" : "hamming";

    /// <inheritdoc/>
    public override string Formula => counts ? "number of positions with x != y" : "share of positions with x != y";

    /// <inheritdoc/>
    public override string Range => counts ? "0 to the columns" : "[0, 1]";

    /// <inheritdoc/>
    public override string Misleads => "by how much two values differ does not count";

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances)
    {
        PairKernels.Rows<Unequal>(own, others, distances);
        if (counts) return;
        for (int k = 0; k < distances.Length; k++) distances[k] /= own.Length;
    }

    /// <inheritdoc/>
    public override double Rescaled(double distance, double share) => counts ? distance / share : distance;
}

/// <summary>A measure of sets, given as rows of 0 and not 0. Two empty sets are the same: 0.</summary>
public abstract class SetMeasure : Measure
{
    /// <inheritdoc/>
    public override string Range => "[0, 1]";

    /// <inheritdoc/>
    public override int PreparedWidth(int width) => width + 1;

    /// <summary>Ones, and how many of them last.</summary>
    public override void Prepare(ReadOnlySpan<double> row, Span<double> prepared)
    {
        double count = 0;
        for (int k = 0; k < row.Length; k++) count += prepared[k] = row[k] == 0 ? 0 : 1;
        prepared[^1] = count;
    }

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances)
    {
        int width = own.Length - 1;
        PairKernels.Rows<Product>(own[..width], others, distances, own.Length);
        for (int k = 0; k < distances.Length; k++) distances[k] = Of(distances[k], own[width], others[(k * own.Length) + width]);
    }

    private protected abstract double Of(double both, double first, double second);
}

/// <summary>What two sets do not share, of all that is in either.</summary>
public sealed class Jaccard : SetMeasure
{
    /// <inheritdoc/>
    public override string Name => "jaccard";

    /// <inheritdoc/>
    public override string Formula => "1 - |A and B|/|A or B|";

    /// <inheritdoc/>
    public override string Misleads => "large sets look unlike, as what is in either grows";

    private protected override double Of(double both, double first, double second) =>
        first + second == 0 ? 0 : (first + second - (2 * both)) / (first + second - both);
}

/// <summary>Sorensen's and Dice's: what is shared counts twice.</summary>
public sealed class Dice : SetMeasure
{
    /// <inheritdoc/>
    public override string Name => "dice";

    /// <inheritdoc/>
    public override string Formula => "1 - 2|A and B|/(|A|+|B|)";

    /// <inheritdoc/>
    public override bool IsMetric => false;

    /// <inheritdoc/>
    public override string Misleads => "sets with little in them weigh too much; a detour can be shorter";

    private protected override double Of(double both, double first, double second) =>
        first + second == 0 ? 0 : (first + second - (2 * both)) / (first + second);
}
