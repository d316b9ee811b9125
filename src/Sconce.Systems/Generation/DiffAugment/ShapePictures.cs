using Sconce.Torch;

namespace Sconce.Systems.Generation.DiffAugment;

/// <summary>A disk or a square of any place, size and colour on two halves of other colours, at 16 x 16 pixels.</summary>
internal static class ShapePictures
{
    public const int Side = 16;

    /// <summary>The brightest and the darkest colour; twenty pictures then lie as far from fresh ones as in the sheet's sketch.</summary>
    private const float Contrast = 0.4f;

    /// <summary>Pictures <c>(count, 3, 16, 16)</c> in [-0.4, 0.4].</summary>
    public static Tensor Draw(int count, Random random)
    {
        float[] values = new float[count * 3 * Side * Side];
        for (int k = 0; k < count; k++) Draw(values.AsSpan(k * 3 * Side * Side, 3 * Side * Side), random);
        return Tensor.From(values, [count, 3, Side, Side]);
    }

    private static void Draw(Span<float> picture, Random random)
    {
        double row = random.NextDouble() * Side, column = random.NextDouble() * Side, radius = 2.5 + (random.NextDouble() * 2.5);
        bool disk = random.Next(2) == 0;
        int horizon = random.Next(4, Side - 4);
        float[] colours = [.. Enumerable.Range(0, 9).Select(_ => Contrast * ((random.NextSingle() * 2) - 1))];
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double down = Math.Abs(y + 0.5 - row), across = Math.Abs(x + 0.5 - column);
                bool inside = disk ? (down * down) + (across * across) < radius * radius : Math.Max(down, across) < radius;
                int colour = inside ? 0 : y < horizon ? 1 : 2;
                for (int c = 0; c < 3; c++) picture[(((c * Side) + y) * Side) + x] = colours[(3 * colour) + c];
            }
        }
    }
}
