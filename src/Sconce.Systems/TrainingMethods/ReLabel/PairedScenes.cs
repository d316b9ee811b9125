using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>Scenes of two shapes.</summary>
/// <param name="Pictures"><c>(N, 3, 32, 32)</c> in about [0, 1].</param>
/// <param name="Shapes">Of both objects, <c>(N, 2)</c>; the first is the scene's single label.</param>
/// <param name="Boxes">Of both objects as shares of the picture, <c>(N, 2, 4)</c>: left, top, right, bottom.</param>
/// <param name="Maps">A simulated annotator's logits <c>(N, 6, 8, 8)</c>: 8 inside each object, 0 elsewhere, with noise.</param>
internal sealed record SceneSet(Tensor Pictures, Tensor Shapes, Tensor Boxes, Tensor Maps) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Pictures, Shapes, Boxes, Maps];
}

/// <summary>Noise with two coloured shapes, each filling about a quarter of its own.</summary>
internal static class PairedScenes
{
    internal const int Classes = 6, Side = 32, MapSide = 8;
    private const int Object = 16, Cells = MapSide / 2;

    internal static SceneSet Draw(int count, Random random)
    {
        var pixels = new float[count * 3 * Side * Side];
        var shapes = new long[count * 2];
        var boxes = new float[count * 8];
        var maps = new float[count * Classes * MapSide * MapSide];
        for (int k = 0; k < pixels.Length; k++) pixels[k] = (float)(0.5 + 0.15 * Normal(random));
        for (int k = 0; k < maps.Length; k++) maps[k] = (float)(0.3 * Normal(random));
        for (int scene = 0; scene < count; scene++)
        {
            int[] places = [0, 1, 2, 3];
            random.Shuffle(places);
            for (int k = 0; k < 2; k++)
            {
                int shape = random.Next(Classes), right = places[k] % 2, low = places[k] / 2;
                shapes[scene * 2 + k] = shape;
                float[] box = [right * 0.5f, low * 0.5f, right * 0.5f + 0.5f, low * 0.5f + 0.5f];
                box.CopyTo(boxes, scene * 8 + k * 4);
                Paint(pixels.AsSpan(scene * 3 * Side * Side, 3 * Side * Side), shape, right * Object, low * Object, random);
                for (int row = 0; row < Cells; row++)
                {
                    for (int column = 0; column < Cells; column++)
                        maps[((scene * Classes + shape) * MapSide + low * Cells + row) * MapSide + right * Cells + column] += 8;
                }
            }
        }

        return new SceneSet(
            Tensor.From(pixels, [count, 3, Side, Side]), Tensor.From(shapes, [count, 2]), Tensor.From(boxes, [count, 2, 4]),
            Tensor.From(maps, [count, Classes, MapSide, MapSide]).ClampMax(8.9));
    }

    private static void Paint(Span<float> planes, int shape, int left, int top, Random random)
    {
        Span<double> colour = stackalloc double[3];
        do
        {
            for (int channel = 0; channel < 3; channel++) colour[channel] = random.NextDouble();
        }
        while (Math.Abs(colour[0] - 0.5) + Math.Abs(colour[1] - 0.5) + Math.Abs(colour[2] - 0.5) < 0.6);
        double size = 0.75 + 0.25 * random.NextDouble(), x0 = (random.NextDouble() - 0.5) * 0.3, y0 = (random.NextDouble() - 0.5) * 0.3;
        for (int row = 0; row < Object; row++)
        {
            for (int column = 0; column < Object; column++)
            {
                double u = (((column + 0.5) / Object * 2 - 1) - x0) / size, v = (((row + 0.5) / Object * 2 - 1) - y0) / size;
                if (!Contains(shape, u, v)) continue;
                for (int channel = 0; channel < 3; channel++)
                    planes[(channel * Side + top + row) * Side + left + column] = (float)(colour[channel] + 0.05 * Normal(random));
            }
        }
    }

    private static bool Contains(int shape, double u, double v)
    {
        double radius = Math.Sqrt(u * u + v * v), box = Math.Max(Math.Abs(u), Math.Abs(v));
        return shape switch
        {
            0 => radius < 0.85, // disc
            1 => box < 0.75, // square
            2 => v < 0.75 && v > -0.85 + 2 * Math.Abs(u), // triangle
            3 => box < 0.85 && Math.Min(Math.Abs(u), Math.Abs(v)) < 0.28, // cross
            4 => radius is < 0.9 and > 0.5, // ring
            _ => box is < 0.8 and > 0.45, // frame
        };
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
