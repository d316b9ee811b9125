namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>The claim's maps: a soft dot for each keypoint, each of a layer in a colour of its own, and no lines.</summary>
internal static class SoftDots
{
    private const int Channels = 3;

    /// <summary>The colours of a layer's first, second … keypoint.</summary>
    private static readonly float[][] Colours = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]];

    /// <summary>Maps <c>(layers · 3, side, side)</c> in [-1, 1] and above, where dots lie upon each other.</summary>
    /// <param name="points">Places in pixels.</param>
    /// <param name="layerOf">The layer of each.</param>
    /// <param name="layers">How many.</param>
    /// <param name="side">Of the maps.</param>
    /// <param name="deviation">Of a dot, in pixels.</param>
    public static float[] Maps(
        IReadOnlyList<(double X, double Y)> points, IReadOnlyList<int> layerOf, int layers, int side, double deviation)
    {
        var maps = new float[layers * Channels * side * side];
        Array.Fill(maps, -1);
        for (int keypoint = 0; keypoint < points.Count; keypoint++)
        {
            int layer = layerOf[keypoint], first = Channels * layer * side * side;
            float[] colour = Colours[layerOf.Take(keypoint).Count(other => other == layer) % Colours.Length];
            for (int k = 0; k < side * side; k++)
            {
                double dx = (k % side) - points[keypoint].X, dy = (k / side) - points[keypoint].Y;
                float dot = 2 * (float)Math.Exp(-((dx * dx) + (dy * dy)) / (2 * deviation * deviation));
                for (int c = 0; c < Channels; c++) maps[first + (c * side * side) + k] += dot * colour[c];
            }
        }

        return maps;
    }
}
