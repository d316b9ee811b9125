using Sconce.Imaging;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>Draws fields: black through red and yellow to white from cold to hot, differences blue below and red above.</summary>
internal static class HeatPicture
{
    private const int LeastSide = 240, Gap = 8;

    /// <summary>A field, each place a square.</summary>
    public static Image Side(double[] field, double least, double most) =>
        Draw(field, value => Heat((value - least) / Math.Max(1e-9, most - least)));

    /// <summary>Differences about 0.</summary>
    public static Image Apart(double[] difference, double most) => Draw(difference, value =>
    {
        double share = Math.Clamp(value / Math.Max(1e-9, most), -1, 1), rest = 1 - Math.Abs(share);
        return share < 0 ? Colour(rest, rest, 1) : Colour(1, rest, rest);
    });

    /// <summary>Pictures of one height side by side.</summary>
    public static Image Beside(params IReadOnlyList<Image> pictures)
    {
        var whole = new Image(pictures.Sum(picture => picture.Width) + (Gap * (pictures.Count - 1)), pictures[0].Height);
        int left = 0;
        foreach (var picture in pictures)
        {
            for (int y = 0; y < picture.Height; y++) picture.Row(y).CopyTo(whole.Row(y)[(left * 3)..]);
            left += picture.Width + Gap;
        }

        return whole;
    }

    private static Image Draw(double[] field, Func<double, Rgb> colour)
    {
        int size = (int)Math.Sqrt(field.Length), scale = 2 * Math.Max(1, (LeastSide + (2 * size) - 1) / (2 * size));
        var picture = new Image(size * scale, size * scale);
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                var place = new PixelBox(column * scale, row * scale, (column + 1) * scale, (row + 1) * scale);
                picture.Fill(place, colour(field[(row * size) + column]));
            }
        }

        return picture;
    }

    private static Rgb Heat(double share) => Colour(3 * share, (3 * share) - 1, (3 * share) - 2);

    private static Rgb Colour(double red, double green, double blue) => new(Byte(red), Byte(green), Byte(blue));

    private static byte Byte(double share) => (byte)Math.Round(255 * Math.Clamp(share, 0, 1));
}
