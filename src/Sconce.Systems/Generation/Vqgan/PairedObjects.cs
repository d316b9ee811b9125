using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// Small pictures of two objects far apart that always share colour and shape, and a reader that says whether they do: whoever sees a part
/// alone cannot know the other's colour.
/// </summary>
internal static class PairedObjects
{
    internal const int Side = 32;
    private const int Reach = 5, LeastPixels = 12, Shapes = 3;
    private const float Ground = 0, Noise = 0.05f;
    private static readonly float[][] Palette = [[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]];

    /// <summary>Pictures <c>(count, 3, 32, 32)</c> about -1 to 1.</summary>
    internal static Tensor Draw(int count, Random random)
    {
        float[] values = new float[count * 3 * Side * Side];
        for (int k = 0; k < count; k++)
        {
            var picture = values.AsSpan(k * 3 * Side * Side, 3 * Side * Side);
            for (int i = 0; i < picture.Length; i++) picture[i] = Ground + (Noise * Normal(random));
            float[] colour = Palette[random.Next(Palette.Length)];
            int shape = random.Next(Shapes);
            foreach (int left in (int[])[6, 22]) Object(picture, left + random.Next(4), 7 + random.Next(18), shape, colour, random);
        }

        return Tensor.From(values, [count, 3, Side, Side]);
    }

    /// <summary>The shares of pictures with an object in both halves, and of those with both of one colour.</summary>
    /// <param name="pictures"><c>(N, 3, 32, 32)</c></param>
    internal static (double Valid, double Consistent) Read(Tensor pictures)
    {
        float[] values = pictures.Cpu().Contiguous().ToArray<float>();
        int count = (int)pictures.Size(0), valid = 0, consistent = 0;
        for (int k = 0; k < count; k++)
        {
            var picture = values.AsSpan(k * 3 * Side * Side, 3 * Side * Side);
            int left = Colour(picture, 0), right = Colour(picture, Side / 2);
            if (left < 0 || right < 0) continue;
            valid++;
            if (left == right) consistent++;
        }

        return ((double)valid / count, (double)consistent / count);
    }

    private static void Object(Span<float> picture, int x, int y, int shape, float[] colour, Random random)
    {
        for (int row = Math.Max(0, y - Reach); row <= Math.Min(Side - 1, y + Reach); row++)
        {
            for (int column = Math.Max(0, x - Reach); column <= Math.Min(Side - 1, x + Reach); column++)
            {
                if (!IsInside(column - x, row - y, shape)) continue;
                for (int c = 0; c < 3; c++) picture[(((c * Side) + row) * Side) + column] = colour[c] + (Noise * Normal(random));
            }
        }
    }

    /// <summary>A square, a disc, or a triangle.</summary>
    private static bool IsInside(int across, int down, int shape) => shape switch
    {
        0 => Math.Abs(across) < Reach && Math.Abs(down) < Reach,
        1 => (across * across) + (down * down) <= Reach * Reach,
        _ => Math.Abs(across) * 2 <= down + Reach,
    };

    /// <summary>The nearest colour of the coloured pixels of a half; -1 where there are too few.</summary>
    private static int Colour(ReadOnlySpan<float> picture, int from)
    {
        const float coloured = 1;
        Span<double> sum = stackalloc double[3];
        sum.Clear();
        int count = 0;
        for (int place = 0; place < Side * Side; place++)
        {
            int column = place % Side;
            if (column < from || column >= from + (Side / 2)) continue;
            float red = picture[place], green = picture[(Side * Side) + place], blue = picture[(2 * Side * Side) + place];
            if (Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)) <= coloured) continue;
            (sum[0], sum[1], sum[2]) = (sum[0] + red, sum[1] + green, sum[2] + blue);
            count++;
        }

        if (count < LeastPixels) return -1;
        int best = 0;
        double least = double.PositiveInfinity;
        for (int k = 0; k < Palette.Length; k++)
        {
            double distance = 0;
            for (int c = 0; c < 3; c++) distance += Math.Pow((sum[c] / count) - Palette[k][c], 2);
            if (distance < least) (best, least) = (k, distance);
        }

        return best;
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
