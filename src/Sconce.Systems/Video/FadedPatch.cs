using Sconce.Imaging;

namespace Sconce.Systems.Video;

/// <summary>Puts what was painted of a face back into its picture, without a seam.</summary>
internal static class FadedPatch
{
    /// <summary>The share of the box over which its edges fade into the picture.</summary>
    private const double Fade = 0.08;

    /// <summary>The patch over the picture, its edges fading inwards; an edge that is the picture's own does not fade.</summary>
    /// <param name="picture">8-bit RGB; it stays as it is.</param>
    /// <param name="patch">8-bit RGB, as large as the box.</param>
    /// <param name="box">Inside the picture.</param>
    internal static Image Over(Image picture, Image patch, PixelBox box)
    {
        var whole = picture.Clone();
        for (int y = 0; y < box.Height; y++)
        {
            Span<byte> to = whole.Row(box.Top + y)[(3 * box.Left)..], from = patch.Row(y);
            double vertical = Math.Min(
                Share(y, box.Height, box.Top == 0), Share(box.Height - 1 - y, box.Height, box.Bottom == picture.Height));
            for (int x = 0; x < box.Width; x++)
            {
                double horizontal = Math.Min(
                    Share(x, box.Width, box.Left == 0), Share(box.Width - 1 - x, box.Width, box.Right == picture.Width));
                double share = Math.Min(vertical, horizontal);
                for (int c = 3 * x; c < (3 * x) + 3; c++) to[c] = (byte)Math.Round(to[c] + ((from[c] - to[c]) * share));
            }
        }

        return whole;
    }

    private static double Share(int distance, int length, bool isAtEdge) =>
        isAtEdge ? 1 : Math.Min(1, (distance + 1) / Math.Max(1, Fade * length));
}
