using Sconce.Imaging;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>How hard a brush presses at each place of its stroke.</summary>
internal interface IBrushMark
{
    /// <summary>The pressure in [0, 1] at a place of the stroke's own frame, both numbers in [-1, 1].</summary>
    double At(double across, double down);
}

/// <summary>
/// A person's own brush: a picture of one stroke that lies across, which takes any size and turn. Its transparency says where there is
/// paint; where it has none, what is dark does.
/// </summary>
public sealed class PictureMark : IBrushMark
{
    private const int LongestSide = 512;
    private readonly int width, height;
    private readonly float[] pressure; // row by row

    /// <summary>Takes the picture's pressure.</summary>
    /// <param name="picture">Of any size; large ones are reduced.</param>
    /// <exception cref="ArgumentException">It has no paint anywhere.</exception>
    public PictureMark(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var small = picture.To8Bit();
        int side = Math.Max(small.Width, small.Height);
        if (side > LongestSide)
        {
            small = small.Resize(
                Math.Max(1, small.Width * LongestSide / side), Math.Max(1, small.Height * LongestSide / side), ResizeFilter.Bilinear);
        }

        bool hasAlpha = small.Channels is 2 or 4;
        (width, height) = (small.Width, small.Height);
        pressure = hasAlpha ? Channel(small.ToRgba(), 3, value => value / 255f) : Channel(small.ToGray(), 0, value => 1 - (value / 255f));
        if (pressure.All(value => value <= 0))
        {
            throw new ArgumentException(
                hasAlpha ? "it is transparent everywhere: paint is where it is not" : "it is white everywhere: paint is where it is dark",
                nameof(picture));
        }
    }

    /// <inheritdoc/>
    double IBrushMark.At(double across, double down)
    {
        double x = Math.Clamp(((across + 1) / 2 * width) - 0.5, 0, width - 1);
        double y = Math.Clamp(((down + 1) / 2 * height) - 0.5, 0, height - 1);
        int left = (int)x, top = (int)y, right = Math.Min(left + 1, width - 1), bottom = Math.Min(top + 1, height - 1);
        double toRight = x - left, toBottom = y - top;
        double upper = (Value(left, top) * (1 - toRight)) + (Value(right, top) * toRight);
        double lower = (Value(left, bottom) * (1 - toRight)) + (Value(right, bottom) * toRight);
        return (upper * (1 - toBottom)) + (lower * toBottom);
    }

    private static float[] Channel(Image picture, int channel, Func<byte, float> read)
    {
        var values = new float[picture.Width * picture.Height];
        for (int k = 0; k < values.Length; k++)
            values[k] = read(picture.Row(k / picture.Width)[(k % picture.Width * picture.Channels) + channel]);
        return values;
    }

    private double Value(int x, int y) => pressure[(y * width) + x];
}
