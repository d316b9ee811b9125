using Sconce.Torch;

namespace Sconce.Systems.Generation.Cips;

/// <summary>Colours, and a soft disk of a texture of +1 and -1 that all pictures share: detail that is tied to the pixel grid.</summary>
internal static class GridTextures
{
    /// <summary>Pictures <c>(count, 3, side, side)</c>, about -1 to 1.</summary>
    public static Tensor Draw(int count, int side, Random random)
    {
        double[] texture = [.. Enumerable.Range(0, side * side).Select(_ => random.Next(2) == 0 ? -1.0 : 1)];
        float[] values = new float[count * 3 * side * side];
        for (int k = 0; k < count; k++)
        {
            double amplitude = 0.3 + (0.3 * random.NextDouble()), radius = side * (0.25 + (0.15 * random.NextDouble()));
            double row = side * (0.3 + (0.4 * random.NextDouble())), column = side * (0.3 + (0.4 * random.NextDouble()));
            double[] colours = [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble() - 0.5)];
            for (int place = 0; place < side * side; place++)
            {
                double down = (place / side) + 0.5 - row, across = (place % side) + 0.5 - column;
                // Soft by a pixel and a half.
                double disk = 1 / (1 + Math.Exp((Math.Sqrt((down * down) + (across * across)) - radius) / 1.5));
                for (int c = 0; c < 3; c++)
                    values[(((k * 3) + c) * side * side) + place] = (float)(colours[c] + (amplitude * disk * texture[place]));
            }
        }

        return Tensor.From(values, [count, 3, side, side]);
    }
}
