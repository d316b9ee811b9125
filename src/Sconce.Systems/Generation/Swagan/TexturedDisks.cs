using Sconce.Torch;

namespace Sconce.Systems.Generation.Swagan;

/// <summary>Smooth waves as ground, and a disk of a checkerboard or of stripes, each a pixel wide.</summary>
internal static class TexturedDisks
{
    private const double Amplitude = 0.5;

    /// <summary>Pictures <c>(count, 3, side, side)</c>, about -1 to 1.</summary>
    public static Tensor Draw(int count, int side, Random random)
    {
        float[] values = new float[count * 3 * side * side];
        for (int k = 0; k < count; k++) Draw(values.AsSpan(k * 3 * side * side, 3 * side * side), side, random);
        return Tensor.From(values, [count, 3, side, side]);
    }

    private static void Draw(Span<float> picture, int side, Random random)
    {
        double row = side * (0.3 + (0.4 * random.NextDouble())), column = side * (0.3 + (0.4 * random.NextDouble()));
        double radius = side * (0.2 + (0.15 * random.NextDouble()));
        int texture = random.Next(3);
        double across = (random.NextDouble() * 2) - 1, down = (random.NextDouble() * 2) - 1;
        double[] phases = [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble() * 2 * Math.PI)];
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                bool inside = ((y + 0.5 - row) * (y + 0.5 - row)) + ((x + 0.5 - column) * (x + 0.5 - column)) < radius * radius;
                int parity = (texture == 0 ? x + y : texture == 1 ? x : y) % 2;
                double detail = inside ? Amplitude * (1 - (2 * parity)) : 0;
                for (int c = 0; c < 3; c++)
                {
                    double wave = 0.5 * Math.Sin(phases[c] + (2 * Math.PI * ((across * x) + (down * y)) / side));
                    picture[(((c * side) + y) * side) + x] = (float)(wave + detail);
                }
            }
        }
    }
}
