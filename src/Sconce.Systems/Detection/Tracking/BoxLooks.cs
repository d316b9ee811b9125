using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// How a box looks by its colours alone, where no network says so: the shares of 64 colours in its upper and in its lower half, as roots,
/// so that the cosine of two is the overlap of their colours (Bhattacharyya's coefficient).
/// </summary>
internal static class BoxLooks
{
    private const int Levels = 4, Colours = Levels * Levels * Levels, Parts = 2;

    // A border of a box is mostly what is behind the object.
    private const double Border = 0.15;

    /// <summary>The numbers; none where the box has no pixel in the frame.</summary>
    /// <param name="frame">8-bit RGB.</param>
    /// <param name="box">In its pixels.</param>
    public static ReadOnlyMemory<float> Of(Image frame, Box box)
    {
        double across = Border * (box.Right - box.Left), down = Border * (box.Bottom - box.Top);
        int left = Math.Clamp((int)(box.Left + across), 0, frame.Width), right = Math.Clamp((int)(box.Right - across), 0, frame.Width);
        int top = Math.Clamp((int)(box.Top + down), 0, frame.Height), bottom = Math.Clamp((int)(box.Bottom - down), 0, frame.Height);
        if (right <= left || bottom <= top) return default;
        var counts = new float[Parts * Colours];
        for (int y = top; y < bottom; y++)
        {
            int part = (y - top) * Parts / (bottom - top);
            var row = frame.Row(y);
            for (int x = left; x < right; x++)
                counts[(part * Colours) + (((row[3 * x] >> 6) * Levels) + (row[(3 * x) + 1] >> 6)) * Levels + (row[(3 * x) + 2] >> 6)]++;
        }

        float all = (right - left) * (bottom - top);
        for (int k = 0; k < counts.Length; k++) counts[k] = MathF.Sqrt(counts[k] / all);
        return counts;
    }
}
