using System.Globalization;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Cips;

/// <summary>
/// A rectangle of a square picture. It is painted in tiles that lie where they would lie in the whole, so that it equals the same rectangle
/// of the whole, bit for bit.
/// </summary>
internal readonly record struct PixelRegion
{
    private const int Tile = 64, LargestSide = 1 << 16;

    // Four times 4096 x 4096: as floating-point numbers a quarter of a gigabyte a colour.
    private const long MostPixels = 1L << 26;

    private PixelRegion(int side, int left, int top, int width, int height) =>
        (Side, Left, Top, Width, Height) = (side, left, top, width, height);

    /// <summary>Of the whole picture.</summary>
    public int Side { get; }

    /// <summary>The first column.</summary>
    public int Left { get; }

    /// <summary>The first row.</summary>
    public int Top { get; }

    /// <summary>In pixels.</summary>
    public int Width { get; }

    /// <summary>In pixels.</summary>
    public int Height { get; }

    /// <summary>All of a picture.</summary>
    public static PixelRegion Whole(int side) => new(side, 0, 0, side, side);

    /// <summary>What was asked for: <c>left,top,width,height</c>, or null for all of it.</summary>
    /// <exception cref="SettingsException">It is no rectangle, reaches beyond the picture, or is too large to be held.</exception>
    public static PixelRegion Of(string? asked, int side)
    {
        if (side is < 1 or > LargestSide) throw new SettingsException("size", called => $"{called} is {side}: it is at most {LargestSide}");
        var region = asked is null ? Whole(side) : Read(asked, side);
        if ((long)region.Width * region.Height <= MostPixels) return region;
        throw new SettingsException("region", called =>
            $"{region.Width} by {region.Height} pixels are more than are painted at once: {called} x,y,width,height takes a part, "
            + $"{MostPixels:N0} pixels at most");
    }

    /// <summary>Its pixels of pictures: <c>(N, style) -> (N, 3, Height, Width)</c>, without noise.</summary>
    public Tensor Paint(CipsGenerator network, Tensor styles)
    {
        using var scope = new TensorScope();
        List<Tensor> rows = [];
        for (int row = Top / Tile * Tile; row < Top + Height; row += Tile)
        {
            List<Tensor> columns = [];
            for (int column = Left / Tile * Tile; column < Left + Width; column += Tile) columns.Add(Cut(network, styles, row, column));
            rows.Add(Tensor.Cat([.. columns], 3));
        }

        return scope.Keep(Tensor.Cat([.. rows], 2));
    }

    /// <summary>What of a tile belongs to the region.</summary>
    private Tensor Cut(CipsGenerator network, Tensor styles, int row, int column)
    {
        using var scope = new TensorScope();
        Extent2 size = (Math.Min(Tile, Side - row), Math.Min(Tile, Side - column));
        var places = CoordinateGrid.Region(Side, row, column, size).To(styles.Device, styles.DType);
        var painted = network.Render(places, styles, network.NoNoise());
        int top = Math.Max(0, Top - row), left = Math.Max(0, Left - column);
        int bottom = Math.Min(size.Height, Top + Height - row), right = Math.Min(size.Width, Left + Width - column);
        return scope.Keep(painted.Narrow(2, top, bottom - top).Narrow(3, left, right - left).Contiguous());
    }

    private static PixelRegion Read(string asked, int side)
    {
        string[] parts = asked.Split(',');
        int[] numbers = new int[4];
        var invariant = CultureInfo.InvariantCulture;
        bool isRead = parts.Length == 4
            && parts.Select((part, k) => int.TryParse(part, NumberStyles.None, invariant, out numbers[k])).All(read => read);
        if (!isRead || numbers[2] < 1 || numbers[3] < 1)
        {
            throw new SettingsException("region", called =>
                $"{called} '{asked}': it takes left column, upper row, width and height, such as 512,512,256,128");
        }

        var region = new PixelRegion(side, numbers[0], numbers[1], numbers[2], numbers[3]);
        if ((long)region.Left + region.Width <= side && (long)region.Top + region.Height <= side) return region;
        throw new SettingsException("region", called => $"{called} {asked} reaches beyond the picture of {side} by {side} pixels");
    }
}
