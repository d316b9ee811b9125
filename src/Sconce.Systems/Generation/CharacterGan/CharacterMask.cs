using Sconce.Imaging;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>What of a picture is the character: its own transparency, or what differs from the background. data/dataset.py.</summary>
internal static class CharacterMask
{
    private const double Tolerance = 0.1;
    private const int SmallestObject = 10, SmallestHole = 2;

    /// <summary>The colour of the upper left corner, which the character does not reach.</summary>
    public static Rgb Background(Image picture)
    {
        var row = picture.Row(0);
        return new Rgb(row[0], row[1], row[2]);
    }

    /// <summary>A transparent picture's own, in [0, 1], on a square of a side: <c>(side, side)</c>.</summary>
    public static float[] OfAlpha(Image picture, int side)
    {
        var mask = new float[side * side];
        for (int y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (int x = 0; x < picture.Width; x++) mask[(y * side) + x] = row[(4 * x) + 3] / 255f;
        }

        return mask;
    }

    /// <summary>
    /// 1 where the mean of a pixel's colours is not within a tenth of the background's. Spots of less than ten pixels are none of the
    /// character's, and holes of less than two are.
    /// </summary>
    public static float[] OfColour(Image picture, Rgb background)
    {
        double mean = (background.R + background.G + background.B) / 3.0;
        var mask = new float[picture.Width * picture.Height];
        for (int y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (int x = 0; x < picture.Width; x++)
            {
                double value = (row[3 * x] + row[(3 * x) + 1] + row[(3 * x) + 2]) / 3.0;
                if (Math.Abs(value - mean) > Tolerance * Math.Max(mean, 1)) mask[(y * picture.Width) + x] = 1;
            }
        }

        Turn(mask, picture.Width, 1, SmallestObject);
        Turn(mask, picture.Width, 0, SmallestHole);
        return mask;
    }

    /// <summary>Turns regions of a value that are smaller than a size; neighbours share an edge.</summary>
    private static void Turn(float[] mask, int width, float value, int smallest)
    {
        var seen = new bool[mask.Length];
        var region = new List<int>();
        for (int first = 0; first < mask.Length; first++)
        {
            if (seen[first] || mask[first] != value) continue;
            region.Clear();
            region.Add(first);
            seen[first] = true;
            for (int k = 0; k < region.Count; k++)
            {
                int at = region[k], x = at % width;
                Visit(at - width, at >= width);
                Visit(at + width, at + width < mask.Length);
                Visit(at - 1, x > 0);
                Visit(at + 1, x < width - 1);
            }

            if (region.Count >= smallest) continue;
            foreach (int pixel in region) mask[pixel] = 1 - value;
        }

        void Visit(int pixel, bool isInside)
        {
            if (!isInside || seen[pixel] || mask[pixel] != value) return;
            seen[pixel] = true;
            region.Add(pixel);
        }
    }
}
