using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Answers drawn into pictures.</summary>
public static class DetrDrawing
{
    private const double Opacity = 0.5;

    /// <summary>A copy of the picture with each segment tinted and named.</summary>
    public static Image Segments(Image picture, PanopticSegments segments, IReadOnlyList<string> labels)
    {
        var drawn = picture.Clone();
        var pixels = drawn.Pixels;
        for (int k = 0; k < segments.Map.Count; k++)
        {
            if (segments.Map[k] < 0) continue;
            var segment = segments.Segments[segments.Map[k]];
            var colour = BoxDrawing.Colour((segment.Label * 7) + segment.Id);
            var pixel = pixels.Slice(3 * k, 3);
            pixel[0] = Mix(pixel[0], colour.R);
            pixel[1] = Mix(pixel[1], colour.G);
            pixel[2] = Mix(pixel[2], colour.B);
        }

        int letters = Math.Max(12, Math.Min(picture.Width, picture.Height) / 40);
        foreach (var (segment, box) in segments.Segments.Zip(Around(segments)))
        {
            if (segment.Area > 0)
                drawn.DrawLabel((int)(box[0] + box[2]) / 2, (int)(box[1] + box[3]) / 2, labels[segment.Label], Rgb.White,
                    Rgb.Black, letters);
        }

        return drawn;
    }

    /// <summary>The segments with the boxes around them, surest first.</summary>
    public static Boxes Objects(PanopticSegments segments, IReadOnlyList<string> labels) => new(
    [
        .. segments.Segments.Zip(Around(segments)).Where(pair => pair.First.Area > 0)
            .Select(pair => new Box(labels[pair.First.Label], pair.First.Score, pair.Second[0], pair.Second[1], pair.Second[2],
                pair.Second[3], pair.First.Label))
            .OrderByDescending(answer => answer.Confidence),
    ]);

    /// <summary>Left, top, right and bottom of each segment.</summary>
    private static double[][] Around(PanopticSegments segments)
    {
        double[][] boxes = [.. segments.Segments.Select(_ => new double[] { segments.Width, segments.Height, 0, 0 })];
        for (int k = 0; k < segments.Map.Count; k++)
        {
            if (segments.Map[k] < 0) continue;
            var box = boxes[segments.Map[k]];
            var (y, x) = Math.DivRem(k, segments.Width);
            (box[0], box[1], box[2], box[3]) = (Math.Min(box[0], x), Math.Min(box[1], y), Math.Max(box[2], x + 1), Math.Max(box[3], y + 1));
        }

        return boxes;
    }

    private static byte Mix(byte under, byte over) => (byte)Math.Round((under * (1 - Opacity)) + (over * Opacity));
}
