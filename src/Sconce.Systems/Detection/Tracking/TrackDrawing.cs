using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>Frames with tracked boxes, each object in its own colour with its number.</summary>
internal static class TrackDrawing
{
    /// <summary>The frames as they are read, drawn over.</summary>
    /// <param name="frames">In order, from 0.</param>
    /// <param name="followed">In the order of frames.</param>
    /// <param name="settings">Lines and zones.</param>
    public static IEnumerable<Image> Over(IEnumerable<Image> frames, IReadOnlyList<TrackedBox> followed, TrackSettings settings)
    {
        int next = 0;
        foreach (var (number, picture) in frames.Index())
        {
            var boxes = new List<Box>();
            for (; next < followed.Count && followed[next].Frame == number; next++)
            {
                var (id, box) = (followed[next].Id, followed[next].Box);
                boxes.Add(box with { Class = id, Name = $"{id} {box.Name}" });
            }

            var drawn = BoxDrawing.Over(picture, boxes);
            foreach (var line in settings.CountLine?.Items ?? []) Line(drawn, line.X1, line.Y1, line.X2, line.Y2);
            foreach (var zone in settings.Zone?.Items ?? []) Outline(drawn, zone.Corners);
            yield return drawn;
        }
    }

    private static void Outline(Image picture, IReadOnlyList<double> corners)
    {
        for (int k = 0, last = corners.Count - 2; k < corners.Count; last = k, k += 2)
            Line(picture, corners[last], corners[last + 1], corners[k], corners[k + 1]);
    }

    /// <summary>A white line of a few pixels; what lies outside of the picture is left out.</summary>
    private static void Line(Image picture, double x1, double y1, double x2, double y2)
    {
        int thickness = Math.Max(2, Math.Min(picture.Width, picture.Height) / 250);
        int steps = (int)Math.Min(Math.Ceiling(Math.Max(Math.Abs(x2 - x1), Math.Abs(y2 - y1))), 100_000);
        var pixels = picture.Pixels;
        for (int step = 0; step <= steps; step++)
        {
            double share = steps == 0 ? 0 : (double)step / steps, x = x1 + (share * (x2 - x1)), y = y1 + (share * (y2 - y1));
            for (int down = 0; down < thickness; down++)
            {
                for (int across = 0; across < thickness; across++)
                {
                    double column = Math.Round(x) + across, row = Math.Round(y) + down;
                    if (column < 0 || row < 0 || column >= picture.Width || row >= picture.Height) continue;
                    pixels.Slice(3 * (((int)row * picture.Width) + (int)column), 3).Fill(byte.MaxValue);
                }
            }
        }
    }
}
