namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>A keypoint's place in pixels; x counts columns, y rows.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From the top.</param>
public readonly record struct Keypoint(int X, int Y);

/// <summary>
/// Keypoints as pictures, which the generator reads: a soft dot for each, one colour for each place in its layer, joined by the lines of
/// a skeleton. tohinz/CharacterGAN@8154aba3 util/keypoint_functions.py, data/dataset.py.
/// </summary>
/// <param name="height">Of the pictures.</param>
/// <param name="width">Of the pictures.</param>
/// <param name="radius">Of a dot, as a share of the longer side; whole pixels are taken, rounding down.</param>
/// <param name="blur">The standard deviation of its blur, the same way; below one pixel there is none.</param>
public sealed class KeypointMaps(int height, int width, double radius = 0.05, double blur = 0.015)
{
    private const int Core = 2;

    /// <summary>The colours of a layer's first, second … keypoint, as (red, green, blue) in [0, 1].</summary>
    public static IReadOnlyList<(double Red, double Green, double Blue)> Colours { get; } =
    [
        (.3, 0, 0), (0, .3, 0), (0, 0, .3), (.3, .3, 0), (0, .3, .3), (.3, 0, .3), (.3, .3, .3), (.1, .3, .4), (.4, .1, .3), (.3, .4, .1),
        (.1, .3, .1), (.1, .1, .3), (.3, .1, .1), (.1, .1, 0), (.1, 0, .1), (.1, .1, .1),
    ];

    /// <summary>A dot for each keypoint, row by row, in [0, 1]: the largest number of all maps is 1.</summary>
    public float[][] Dots(IReadOnlyList<Keypoint> points)
    {
        int longer = Math.Max(height, width), disk = (int)(radius * longer), sigma = (int)(blur * longer);
        float[][] maps = [.. points.Select(point => Blurred(Dot(point, disk), sigma))];
        float largest = maps.Max(map => map.Max());
        if (largest > 0)
        {
            foreach (var map in maps)
            {
                for (int k = 0; k < map.Length; k++) map[k] /= largest;
            }
        }

        return maps;
    }

    /// <summary>
    /// A layer's picture <c>(3, H, W)</c> in [-1, 1], stepped as eight bits are: sums above 255 begin again at 0, as officially.
    /// </summary>
    /// <param name="dots">Of all keypoints; see <see cref="Dots"/>.</param>
    /// <param name="points">All keypoints.</param>
    /// <param name="layer">Those of the layer, in ascending order.</param>
    /// <param name="skeleton">Lines between keypoints; those that leave the layer are left out.</param>
    /// <param name="colours">By place in the layer; the official ones where left out.</param>
    /// <exception cref="ArgumentException">The layer has more keypoints than there are colours.</exception>
    public float[] Layer(
        IReadOnlyList<float[]> dots, IReadOnlyList<Keypoint> points, IReadOnlyList<int> layer, IReadOnlyList<(int From, int To)> skeleton,
        IReadOnlyList<(double Red, double Green, double Blue)>? colours = null)
    {
        colours ??= Colours;
        if (layer.Count > colours.Count)
        {
            throw new ArgumentException(
                $"keypoint maps: a layer of {layer.Count} keypoints, and {colours.Count} colours to tell them apart", nameof(layer));
        }

        var lines = skeleton.Where(edge => layer.Contains(edge.From) && layer.Contains(edge.To)).SelectMany(edge =>
            SkeletonLine.Pixels(points[edge.From], points[edge.To], Math.Max(height, width))).Where(IsInside).ToHashSet();
        int area = height * width;
        var sums = new double[3 * area];
        foreach (var (place, keypoint) in layer.Index())
        {
            double[] colour = [colours[place].Red, colours[place].Green, colours[place].Blue];
            for (int channel = 0; channel < 3; channel++)
            {
                for (int k = 0; k < area; k++) sums[(channel * area) + k] += dots[keypoint][k] * colour[channel];
                foreach (var pixel in lines) sums[(channel * area) + (pixel.Y * width) + pixel.X] = 1; // redrawn after every dot
            }
        }

        return [.. sums.Select(sum => (((byte)(int)(sum * 255) / 255f) - 0.5f) / 0.5f)];
    }

    private bool IsInside(Keypoint pixel) => pixel.X >= 0 && pixel.X < width && pixel.Y >= 0 && pixel.Y < height;

    /// <summary>Sixteen pixels, grown by a disk: what a disk at each of them covers.</summary>
    private float[] Dot(Keypoint point, int disk)
    {
        var map = new float[height * width];
        for (int y = point.Y - Core; y < point.Y + Core; y++)
        {
            for (int x = point.X - Core; x < point.X + Core; x++)
            {
                if (IsInside(new(x, y))) Grow(map, x, y, disk);
            }
        }

        return map;
    }

    private void Grow(float[] map, int x, int y, int disk)
    {
        for (int dy = -disk; dy <= disk; dy++)
        {
            for (int dx = -disk; dx <= disk; dx++)
            {
                if ((dx * dx) + (dy * dy) <= disk * disk && IsInside(new(x + dx, y + dy))) map[((y + dy) * width) + x + dx] = 1;
            }
        }
    }

    /// <summary>A Gaussian cut at four standard deviations, the edge repeated beyond itself.</summary>
    private float[] Blurred(float[] map, int sigma)
    {
        if (sigma == 0) return map;
        int reach = 4 * sigma;
        double[] weights = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(k => Math.Exp(-0.5 * k * k / ((double)sigma * sigma)))];
        double total = weights.Sum();
        return Pass(Pass(map, height, width), width, height);

        // Along the rows' direction, laying the result out the other way around.
        float[] Pass(float[] from, int lines, int length)
        {
            var to = new float[from.Length];
            for (int line = 0; line < lines; line++)
            {
                for (int k = 0; k < length; k++)
                {
                    double sum = 0;
                    for (int d = -reach; d <= reach; d++)
                    {
                        sum += weights[d + reach] * from[(line * length) + Math.Clamp(k + d, 0, length - 1)];
                    }

                    to[(k * lines) + line] = (float)(sum / total);
                }
            }

            return to;
        }
    }
}
