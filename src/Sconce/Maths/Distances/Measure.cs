namespace Sconce.Maths.Distances;

/// <summary>
/// A measure of how far two rows of numbers are apart. Every measure is exactly 0 for a row with itself and never below; rows are first
/// prepared (brought to
/// length one, to radians, …), then compared, so that there is one way to every figure.
/// </summary>
public abstract class Measure
{
    /// <summary>As it is typed: <c>cosine</c>.</summary>
    public abstract string Name { get; }

    /// <summary>How it is computed, in a line.</summary>
    public abstract string Formula { get; }

    /// <summary>The values that it takes.</summary>
    public abstract string Range { get; }

    /// <summary>Whether a detour is never shorter: the triangle inequality.</summary>
    public virtual bool IsMetric => true;

    /// <summary>When it says something else than one thinks.</summary>
    public abstract string Misleads { get; }

    /// <summary>Columns that every row must have; 0 for any number.</summary>
    public virtual int Columns => 0;

    /// <summary>What prepared rows have of numbers, where rows have <paramref name="width"/>.</summary>
    public virtual int PreparedWidth(int width) => width;

    /// <summary>Prepares a row for <see cref="Prepared"/>.</summary>
    /// <param name="row">As it was given, without blanks.</param>
    /// <param name="prepared">Of <see cref="PreparedWidth"/>; filled.</param>
    /// <exception cref="DistanceException">The row cannot be measured: a latitude beyond 90, say.</exception>
    public virtual void Prepare(ReadOnlySpan<double> row, Span<double> prepared) => row.CopyTo(prepared);

    /// <summary>Distances of one prepared row from several.</summary>
    /// <param name="own">The row.</param>
    /// <param name="others">Prepared rows, one behind the other.</param>
    /// <param name="distances">One for each of the others; filled.</param>
    public abstract void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances);

    /// <summary>
    /// Numbers in the order of the distances, where these take a root or more to be had: who looks for the nearest rows needs few of them.
    /// </summary>
    /// <param name="own">See <see cref="Prepared"/>.</param>
    /// <param name="others">See there.</param>
    /// <param name="ranks">One for each of the others; filled.</param>
    internal virtual void Ranks(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> ranks) =>
        Prepared(own, others, ranks);

    /// <summary>The distance of a rank: what <see cref="Prepared"/> gives, to the last bit.</summary>
    internal virtual double OfRank(double rank) => rank;

    private protected void PreparedByRanks(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances)
    {
        Ranks(own, others, distances);
        foreach (ref double distance in distances) distance = OfRank(distance);
    }

    /// <summary>What a distance over some of the columns is taken to be over all: blanks are left out pair by pair.</summary>
    /// <param name="distance">Over the columns that both rows have.</param>
    /// <param name="share">Of all columns, in (0, 1].</param>
    public virtual double Rescaled(double distance, double share) => distance;

    /// <summary>The distance of two rows.</summary>
    /// <exception cref="DistanceException">Rows of unlike length, or one that cannot be measured.</exception>
    public double Between(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length || a.Length == 0) throw new DistanceException($"{Name}: rows of {a.Length} and {b.Length} numbers");
        Verify(a.Length);
        int width = PreparedWidth(a.Length);
        double[] first = new double[width], second = new double[width], distance = new double[1];
        Prepare(a, first);
        Prepare(b, second);
        Prepared(first, second, distance);
        return distance[0];
    }

    /// <summary>Refuses rows of another number of columns than the measure is for.</summary>
    /// <exception cref="DistanceException">It is for others.</exception>
    public void Verify(int width)
    {
        if (Columns > 0 && width != Columns) throw new DistanceException($"{Name} is for {Columns} columns, and the rows have {width}");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Rows that a measure cannot compare. The message says which and why.</summary>
public sealed class DistanceException : IOException
{
    /// <summary>Makes one.</summary>
    public DistanceException(string message)
        : base(message)
    {
    }
}

/// <summary>What a measure of directions makes of a row of zeros, which has none.</summary>
public enum ZeroVectors
{
    /// <summary>An error that names the row.</summary>
    Error,

    /// <summary>1 from every other row, as if at a right angle; 0 from another row of zeros.</summary>
    One,

    /// <summary>NaN from every row, itself among them; what scipy gives.</summary>
    NaN,
}

/// <summary>What is made of blanks.</summary>
public enum Blanks
{
    /// <summary>An error that names the row.</summary>
    Error,

    /// <summary>
    /// Columns that either row lacks are left out for the pair, and sums are scaled up to all columns; NaN where none is shared.
    /// </summary>
    Skip,
}
