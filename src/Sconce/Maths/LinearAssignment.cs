namespace Sconce.Maths;

/// <summary>
/// The cheapest one-to-one assignment of rows to columns of a cost matrix, by shortest augmenting paths in O(n³): Jonker and Volgenant's
/// algorithm in the rectangular form of Crouse, "On implementing 2D rectangular assignment algorithms", 2016. Ties fall as in SciPy's
/// <c>linear_sum_assignment</c>.
/// </summary>
public static class LinearAssignment
{
    /// <summary>Assigns the smaller side completely.</summary>
    /// <param name="cost">Row by row, <paramref name="rows"/> × <paramref name="columns"/>; positive infinity forbids a pair.</param>
    /// <param name="rows">How many, 0 or more.</param>
    /// <param name="columns">How many, 0 or more.</param>
    /// <returns>min(rows, columns) pairs whose costs have the least sum, ascending by row.</returns>
    /// <exception cref="ArgumentException">The costs are not rows × columns, hold NaN or negative infinity, or forbid every complete
    /// assignment.</exception>
    public static IReadOnlyList<(int Row, int Column)> Solve(ReadOnlySpan<double> cost, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (cost.Length != (long)rows * columns)
            throw new ArgumentException($"assignment: {cost.Length} costs for {rows} rows and {columns} columns", nameof(cost));
        foreach (double value in cost)
        {
            if (double.IsNaN(value) || double.IsNegativeInfinity(value))
                throw new ArgumentException($"assignment: a cost is {value}; costs are numbers, or positive infinity for a pair "
                    + $"that may not be", nameof(cost));
        }

        if (rows == 0 || columns == 0) return [];
        bool turned = columns < rows; // every row of the shorter side gets a column
        var work = turned ? Transposed(cost, rows, columns) : cost.ToArray();
        int[] columnOf = new AugmentingPaths(work, Math.Min(rows, columns), Math.Max(rows, columns)).Solve();
        return turned ? [.. columnOf.Select((row, column) => (row, column)).OrderBy(pair => pair.row)]
            : [.. columnOf.Select((column, row) => (row, column))];
    }

    private static double[] Transposed(ReadOnlySpan<double> cost, int rows, int columns)
    {
        var turned = new double[cost.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) turned[(column * rows) + row] = cost[(row * columns) + column];
        }

        return turned;
    }

    /// <summary>One run of the algorithm; rows ≤ columns.</summary>
    private sealed class AugmentingPaths(double[] cost, int rows, int columns)
    {
        private readonly double[] rowPrice = new double[rows], columnPrice = new double[columns], distance = new double[columns];
        private readonly int[] columnOf = [.. Enumerable.Repeat(-1, rows)], rowOf = [.. Enumerable.Repeat(-1, columns)],
            before = new int[columns], open = new int[columns];
        private readonly bool[] rowSeen = new bool[rows], columnSeen = new bool[columns];

        internal int[] Solve()
        {
            for (int row = 0; row < rows; row++)
            {
                var (end, length) = ShortestPath(row);
                Reprice(row, length);
                // Turn the path around.
                int column = end, current;
                do
                {
                    current = before[column];
                    rowOf[column] = current;
                    (columnOf[current], column) = (column, columnOf[current]);
                }
                while (current != row);
            }

            return columnOf;
        }

        /// <summary>Dijkstra's search over reduced costs from a free row to a free column.</summary>
        private (int End, double Length) ShortestPath(int start)
        {
            Array.Fill(distance, double.PositiveInfinity);
            Array.Clear(rowSeen);
            Array.Clear(columnSeen);
            int left = columns, row = start;
            for (int k = 0; k < columns; k++) open[k] = columns - 1 - k;
            double length = 0;
            while (true)
            {
                rowSeen[row] = true;
                int best = -1;
                double lowest = double.PositiveInfinity;
                for (int k = 0; k < left; k++)
                {
                    int column = open[k];
                    double reach = length + cost[(row * columns) + column] - rowPrice[row] - columnPrice[column];
                    if (reach < distance[column]) (before[column], distance[column]) = (row, reach);
                    // Of equals, a free column ends the search at once.
                    if (distance[column] < lowest || (distance[column] == lowest && rowOf[column] == -1))
                        (lowest, best) = (distance[column], k);
                }

                length = lowest;
                if (best < 0 || double.IsPositiveInfinity(length))
                    throw new ArgumentException("assignment: the pairs that cost less than infinity allow no complete assignment");
                int taken = open[best];
                columnSeen[taken] = true;
                open[best] = open[--left];
                if (rowOf[taken] == -1) return (taken, length);
                row = rowOf[taken];
            }
        }

        private void Reprice(int start, double length)
        {
            rowPrice[start] += length;
            for (int row = 0; row < rows; row++)
            {
                if (rowSeen[row] && row != start) rowPrice[row] += length - distance[columnOf[row]];
            }

            for (int column = 0; column < columns; column++)
            {
                if (columnSeen[column]) columnPrice[column] -= length - distance[column];
            }
        }
    }
}
