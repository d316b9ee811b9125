namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// ADWIN: a window over a stream of losses that shrinks when its older part differs from its newer one. An exponential histogram keeps it
/// in logarithmic memory. Bifet and Gavaldà, SDM 2007; as in river's adwin_c.pyx.
/// </summary>
/// <param name="delta">The chance of a false alarm at one cut, in (0, 1).</param>
public sealed class Adwin(double delta = 0.002) : IDriftDetector, IRemembers
{
    private const int BucketsPerRow = 5, Clock = 32, LeastWidth = 10, LeastPart = 5;

    private readonly List<List<Bucket>> rows = [[]]; // row r holds buckets of 2^r values, oldest first; the last row is the oldest
    private double total, squares;
    private long seen;

    /// <summary>
    /// What river's file does: cuts behind the newest bucket of each row are passed over, so that parts look smaller than they are.
    /// </summary>
    public bool SkipsNewestBuckets { get; init; }

    /// <summary>Values in the window.</summary>
    public long Width { get; private set; }

    /// <summary>Their mean; 0 of none.</summary>
    public double Mean => Width > 0 ? total / Width : 0;

    /// <summary>The sums, then of each row its buckets: how many, and the two numbers of each.</summary>
    double[] IRemembers.Numbers
    {
        get =>
        [
            total, squares, seen, Width,
            .. rows.SelectMany(row => (double[])[row.Count, .. row.SelectMany(bucket => (double[])[bucket.Total, bucket.Squares])]),
        ];
        set
        {
            (total, squares, seen, Width) = (value[0], value[1], (long)value[2], (long)value[3]);
            rows.Clear();
            for (int at = 4; at < value.Length;)
            {
                int count = (int)value[at++];
                rows.Add([.. Enumerable.Range(0, count).Select(k => new Bucket(value[at + (2 * k)], value[at + (2 * k) + 1]))]);
                at += 2 * count;
            }
        }
    }

    /// <inheritdoc/>
    public DriftLevel Update(double loss)
    {
        Insert(loss);
        seen++;
        if (seen % Clock != 0 || Width <= LeastWidth) return DriftLevel.None;
        bool drifted = false;
        while (FindsCut())
        {
            DropOldest();
            drifted = true;
        }

        return drifted ? DriftLevel.Drift : DriftLevel.None;
    }

    private void Insert(double value)
    {
        rows[0].Add(new(value, 0));
        Width++;
        if (Width > 1) squares += (Width - 1) * Math.Pow(value - (total / (Width - 1)), 2) / Width;
        total += value;
        for (int row = 0; row < rows.Count && rows[row].Count > BucketsPerRow; row++)
        {
            if (row + 1 == rows.Count) rows.Add([]);
            Bucket first = rows[row][0], second = rows[row][1];
            double size = Size(row), difference = (first.Total - second.Total) / size;
            rows[row + 1].Add(new(first.Total + second.Total, first.Squares + second.Squares + (size * difference * difference / 2)));
            rows[row].RemoveRange(0, 2);
        }
    }

    private bool FindsCut()
    {
        double older = 0, olderTotal = 0;
        for (int row = rows.Count - 1; row >= 0; row--)
        {
            int last = rows[row].Count - (SkipsNewestBuckets || row == 0 ? 1 : 0);
            for (int k = 0; k < last; k++)
            {
                older += Size(row);
                olderTotal += rows[row][k].Total;
                double newer = Width - older;
                if (older < LeastPart || newer < LeastPart) continue;
                if (Math.Abs((olderTotal / older) - ((total - olderTotal) / newer)) > Bound(older, newer)) return true;
            }
        }

        return false;
    }

    private double Bound(double older, double newer)
    {
        double chance = Math.Log(2 * Math.Log(Width) / delta);
        double inverse = (1 / (older - LeastPart + 1)) + (1 / (newer - LeastPart + 1));
        return Math.Sqrt(2 * inverse * (squares / Width) * chance) + (2.0 / 3 * chance * inverse);
    }

    private void DropOldest()
    {
        int row = rows.Count - 1;
        var oldest = rows[row][0];
        double size = Size(row);
        Width -= (long)size;
        total -= oldest.Total;
        double difference = (oldest.Total / size) - (total / Width);
        squares -= oldest.Squares + (size * Width * difference * difference / (size + Width));
        rows[row].RemoveAt(0);
        while (rows.Count > 1 && rows[^1].Count == 0) rows.RemoveAt(rows.Count - 1);
    }

    private static double Size(int row) => 1L << row;

    /// <summary>Values together: their sum, and the sum of their squared differences from their mean.</summary>
    private readonly record struct Bucket(double Total, double Squares);
}
