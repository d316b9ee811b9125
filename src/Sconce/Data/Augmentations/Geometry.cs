using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>Shears, shifts and turns of picture, boxes and mask, as RandAugment makes them.</summary>
internal static class Geometry
{
    /// <summary>A row shifts by <paramref name="level"/> times its height to the left: result (x, y) is source (x + level y, y).</summary>
    internal static ImageExample ShearX(ImageExample example, double level, ResizeFilter filter, Rgb fill) =>
        Warped(example, new AffineMap(1, level, 0, 0, 1, 0), filter, fill);

    /// <summary>Result (x, y) is source (x, y + level x).</summary>
    internal static ImageExample ShearY(ImageExample example, double level, ResizeFilter filter, Rgb fill) =>
        Warped(example, new AffineMap(1, 0, 0, level, 1, 0), filter, fill);

    /// <summary>To the right and down, by pixels.</summary>
    internal static ImageExample Translate(ImageExample example, double x, double y, ResizeFilter filter, Rgb fill) =>
        Warped(example, new AffineMap(1, 0, -x, 0, 1, -y), filter, fill);

    /// <summary>Counter-clockwise around the centre, by degrees (Pillow's <c>rotate</c>, whose matrix is rounded to 15 places).</summary>
    internal static ImageExample Rotate(ImageExample example, double degrees, ResizeFilter filter, Rgb fill)
    {
        var (cos, sin) = Turn(degrees);
        double x = example.Image.Width / 2.0, y = example.Image.Height / 2.0;
        return Warped(example, new AffineMap(cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y), filter, fill);
    }

    /// <summary>
    /// Cosine and sine of a turn, rounded to 15 places. Remainders as Python takes them (never negative), multiplied as math.radians does:
    /// the last place
    /// decides which pixels of an edge fall in.
    /// </summary>
    internal static (double Cos, double Sin) Turn(double degrees)
    {
        var turn = degrees % 360;
        var angle = -((turn < 0 ? turn + 360 : turn) * (Math.PI / 180));
        return (Math.Round(Math.Cos(angle), 15), Math.Round(Math.Sin(angle), 15));
    }

    private static ImageExample Warped(ImageExample example, AffineMap inverse, ResizeFilter filter, Rgb fill) => example with
    {
        Image = AffineWarp.Apply(example.Image, inverse, filter, fill),
        Mask = example.Mask is { } mask ? AffineWarp.Apply(BoxGeometry.Checked(mask, example), inverse, ResizeFilter.Nearest) : null,
        Boxes = BoxGeometry.Moved(example.Boxes, inverse, example.Image.Width, example.Image.Height),
    };
}
