using System.Globalization;
using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>Frames with tracked boxes, each object in its own colour with its number; lines and zones with their counts.</summary>
internal static class TrackDrawing
{
    /// <summary>The frames as they are read, drawn over.</summary>
    /// <param name="frames">In order, from 0.</param>
    /// <param name="followed">In the order of frames.</param>
    /// <param name="settings">Lines, which are drawn with how many crossed them so far, and zones, with how many are in them now; who is
    /// in a zone has the seconds since when beside the number.</param>
    public static IEnumerable<Image> Over(IEnumerable<Image> frames, IReadOnlyList<TrackedBox> followed, TrackSettings settings)
    {
        var lines = settings.CountLine is { } counted ? new LineWatch(counted) : null;
        var zones = settings.Zone is { } timed ? new ZoneWatch(timed) : null;
        int next = 0;
        foreach (var (number, picture) in frames.Index())
        {
            var boxes = new List<Box>();
            var within = new List<int>();
            for (; next < followed.Count && followed[next].Frame == number; next++)
            {
                var item = followed[next];
                lines?.Take(item);
                zones?.Take(item);
                List<Stay> stays = [.. zones?.Of(item.Id) ?? []];
                within.AddRange(stays.Select(stay => stay.Zone));
                string stayed = string.Concat(stays.Select(stay => string.Create(
                    CultureInfo.InvariantCulture, $" {settings.Zone!.Items[stay.Zone].Name} {stay.Seconds:0.0} s")));
                boxes.Add(item.Box with { Class = item.Id, Name = $"{item.Id} {item.Box.Name}{stayed}" });
            }

            var drawn = BoxDrawing.Over(picture, boxes);
            for (int k = 0; k < (settings.CountLine?.Items.Count ?? 0); k++) Counted(drawn, settings.CountLine!, k, lines!.Of(k));
            for (int k = 0; k < (settings.Zone?.Items.Count ?? 0); k++)
                Held(drawn, settings.Zone!.Items[k], within.Count(zone => zone == k));
            yield return drawn;
        }
    }

    private static void Counted(Image picture, TrackLines lines, int line, (int In, int Out) count)
    {
        var (x1, y1, x2, y2, _) = lines.Items[line];
        Line(picture, x1, y1, x2, y2);
        Said(picture, (x1 + x2) / 2, (y1 + y2) / 2, $"{lines.Called(line)}: {count.In} in, {count.Out} out");
    }

    private static void Held(Image picture, TrackZone zone, int count)
    {
        Outline(picture, zone.Corners);
        Said(picture, zone.Corners[0], zone.Corners[1], $"{zone.Name}: {count}");
    }

    private static void Said(Image picture, double x, double y, string text) => picture.DrawLabel(
        (int)Math.Clamp(x, 0, picture.Width), (int)Math.Clamp(y, 0, picture.Height), text, Rgb.Black, Rgb.White,
        Math.Max(12, Math.Min(picture.Width, picture.Height) / 40));

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
