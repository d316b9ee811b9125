namespace Sconce.Maths;

/// <summary>Cells of a grid that hang together, corners included.</summary>
/// <param name="Cells">Their numbers, row by row of the whole grid.</param>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Right">Beyond the last column.</param>
/// <param name="Bottom">Below the last row.</param>
/// <param name="Width">The grid's columns.</param>
public sealed record ConnectedRegion(IReadOnlyList<int> Cells, int Left, int Top, int Right, int Bottom, int Width)
{
    private static readonly (int X, int Y)[] Ways = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>The corners of its outer edge in order, the region on the right hand: straight parts have two corners.</summary>
    public IReadOnlyList<(int X, int Y)> Outline()
    {
        var own = Cells.ToHashSet();
        bool Has(int x, int y) => x >= Left && x < Right && y >= Top && y < Bottom && own.Contains((y * Width) + x);
        int first = Cells.Min();
        (int X, int Y) at = (first % Width, first / Width), start = at;
        int way = 0;
        var corners = new List<(int, int)> { at };
        do
        {
            at = (at.X + Ways[way].X, at.Y + Ways[way].Y);
            // The cells ahead, left and right of the way; at a corner that two cells share, it goes on along the region's other cell.
            var (ahead, right) = way switch
            {
                0 => (Left: Has(at.X, at.Y - 1), Right: Has(at.X, at.Y)),
                1 => (Left: Has(at.X, at.Y), Right: Has(at.X - 1, at.Y)),
                2 => (Left: Has(at.X - 1, at.Y), Right: Has(at.X - 1, at.Y - 1)),
                _ => (Left: Has(at.X - 1, at.Y - 1), Right: Has(at.X, at.Y - 1)),
            };
            if (ahead) way = (way + 3) & 3;
            else if (!right) way = (way + 1) & 3;
            else continue;
            corners.Add(at);
        }
        while (at != start || way != 0);
        corners.RemoveAt(corners.Count - 1);
        return corners;
    }
}

/// <summary>Finds the regions of a grid.</summary>
public static class ConnectedRegions
{
    /// <summary>All of them, in the order of their first cells.</summary>
    /// <param name="cells">Row by row.</param>
    /// <param name="width">Cells a row.</param>
    public static IReadOnlyList<ConnectedRegion> Of(ReadOnlySpan<bool> cells, int width)
    {
        var regions = new List<ConnectedRegion>();
        var seen = new bool[cells.Length];
        int height = width < 1 ? 0 : cells.Length / width;
        var queue = new Queue<int>();
        for (int first = 0; first < cells.Length; first++)
        {
            if (!cells[first] || seen[first]) continue;
            var own = new List<int>();
            (int left, int top, int right, int bottom) = (width, height, 0, 0);
            seen[first] = true;
            queue.Enqueue(first);
            while (queue.TryDequeue(out int cell))
            {
                own.Add(cell);
                var (x, y) = (cell % width, cell / width);
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
                for (int row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
                {
                    for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
                    {
                        int next = (row * width) + column;
                        if (!cells[next] || seen[next]) continue;
                        seen[next] = true;
                        queue.Enqueue(next);
                    }
                }
            }

            regions.Add(new ConnectedRegion(own, left, top, right, bottom, width));
        }

        return regions;
    }
}
