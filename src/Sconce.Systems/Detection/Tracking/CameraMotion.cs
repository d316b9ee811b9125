using Sconce.Imaging;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// How the camera moved, frame by frame: small patches with corners in them are sought again near their place in the next frame, and
/// <see cref="SceneMotion.Estimate"/> asks what most of them agree on. Belongs to one clip; frames come in order.
/// </summary>
public sealed class CameraMotion
{
    // In pixels of the reduced frame.
    private const int LongestSide = 320, Half = 4, Reach = 14, Cell = 20;
    private const double LeastTexture = 40, MostDifference = 14, Clearer = 0.8;

    private byte[]? before;
    private int width, height;

    /// <summary>The motion from the frame before to this one; none for the first, and where nothing can be recognised.</summary>
    /// <param name="frame">Of the size of all.</param>
    /// <param name="moving">Boxes of the frame before, in pixels, in which things move by themselves: left out.</param>
    /// <exception cref="ArgumentException">It has another size.</exception>
    public SceneMotion Next(Image frame, IReadOnlyList<(double Left, double Top, double Right, double Bottom)>? moving = null)
    {
        ArgumentNullException.ThrowIfNull(frame);
        double scale = Math.Max(1, Math.Max(frame.Width, frame.Height) / (double)LongestSide);
        int across = Math.Max(1, (int)(frame.Width / scale)), down = Math.Max(1, (int)(frame.Height / scale));
        if (before is not null && (across, down) != (width, height))
            throw new ArgumentException($"camera motion: a frame of {frame.Width} x {frame.Height} after others of another size");
        byte[] now = frame.To8Bit().ToGray().Resize(across, down, ResizeFilter.Bilinear).Pixels.ToArray();
        (width, height) = (across, down);
        var motion = before is { } known ? Between(known, now, scale, moving ?? []) : SceneMotion.None;
        before = now;
        return motion;
    }

    private SceneMotion Between(
        byte[] first, byte[] second, double scale, IReadOnlyList<(double Left, double Top, double Right, double Bottom)> moving)
    {
        List<double> from = [], to = [];
        for (int top = Half + 1; top + Cell <= height - Half; top += Cell)
        {
            for (int left = Half + 1; left + Cell <= width - Half; left += Cell)
            {
                if (Corner(first, left, top) is not { } corner || IsMoving(corner.X * scale, corner.Y * scale)) continue;
                if (Sought(first, second, corner.X, corner.Y) is not { } found) continue;
                from.AddRange([corner.X * scale, corner.Y * scale]);
                to.AddRange([found.X * scale, found.Y * scale]);
            }
        }

        return SceneMotion.Estimate([.. from], [.. to]);

        bool IsMoving(double x, double y) => moving.Any(box => x >= box.Left && x <= box.Right && y >= box.Top && y <= box.Bottom);
    }

    /// <summary>The place of a cell around which brightness changes most in both directions.</summary>
    private (int X, int Y)? Corner(byte[] grey, int left, int top)
    {
        (int X, int Y)? best = null;
        double most = LeastTexture;
        for (int y = top; y < top + Cell; y += 2)
        {
            for (int x = left; x < left + Cell; x += 2)
            {
                double xx = 0, yy = 0, xy = 0;
                for (int v = -2; v <= 2; v++)
                {
                    for (int u = -2; u <= 2; u++)
                    {
                        int at = ((y + v) * width) + x + u;
                        double dx = grey[at + 1] - grey[at - 1], dy = grey[at + width] - grey[at - width];
                        (xx, yy, xy) = (xx + (dx * dx), yy + (dy * dy), xy + (dx * dy));
                    }
                }

                // The smaller eigenvalue (Shi and Tomasi, 1994): along an edge alone it is small.
                double texture = ((xx + yy) - Math.Sqrt(((xx - yy) * (xx - yy)) + (4 * xy * xy))) / 2 / 25;
                if (texture > most) (most, best) = (texture, (x, y));
            }
        }

        return best;
    }

    /// <summary>Where the patch lies now, to a part of a pixel; nothing where it looks like none or like several places.</summary>
    private (double X, double Y)? Sought(byte[] first, byte[] second, int x, int y)
    {
        int least = int.MaxValue, bestX = 0, bestY = 0;
        var differences = new int[(2 * Reach) + 1, (2 * Reach) + 1];
        for (int v = -Reach; v <= Reach; v++)
        {
            for (int u = -Reach; u <= Reach; u++)
            {
                int difference = Difference(first, second, x, y, x + u, y + v);
                differences[u + Reach, v + Reach] = difference;
                if (difference < least) (least, bestX, bestY) = (difference, u, v);
            }
        }

        const int pixels = ((2 * Half) + 1) * ((2 * Half) + 1);
        if (least == int.MaxValue || least > MostDifference * pixels || Math.Abs(bestX) == Reach || Math.Abs(bestY) == Reach) return null;
        int other = int.MaxValue;
        for (int v = 0; v <= 2 * Reach; v++)
        {
            for (int u = 0; u <= 2 * Reach; u++)
            {
                if (Math.Max(Math.Abs(u - Reach - bestX), Math.Abs(v - Reach - bestY)) > 2) other = Math.Min(other, differences[u, v]);
            }
        }

        if (least > Clearer * other) return null;
        return (x + bestX + Within(At(-1, 0), least, At(1, 0)), y + bestY + Within(At(0, -1), least, At(0, 1)));

        int At(int right, int down) => differences[bestX + Reach + right, bestY + Reach + down];
    }

    /// <summary>The lowest place of the parabola through three differences, from -0.5 to 0.5.</summary>
    private static double Within(int left, int middle, int right)
    {
        if (left == int.MaxValue || right == int.MaxValue) return 0;
        double bend = left - (2.0 * middle) + right;
        return bend > 0 ? Math.Clamp((left - right) / (2 * bend), -0.5, 0.5) : 0;
    }

    /// <summary>The sum of absolute differences; the largest number where the place lies outside.</summary>
    private int Difference(byte[] first, byte[] second, int x, int y, int otherX, int otherY)
    {
        if (otherX < Half || otherY < Half || otherX >= width - Half || otherY >= height - Half) return int.MaxValue;
        int sum = 0;
        for (int v = -Half; v <= Half; v++)
        {
            int one = ((y + v) * width) + x - Half, other = ((otherY + v) * width) + otherX - Half;
            for (int u = 0; u <= 2 * Half; u++) sum += Math.Abs(first[one + u] - second[other + u]);
        }

        return sum;
    }
}
