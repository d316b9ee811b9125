using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>
/// Stand-ins for photos of animals: one to three brown figures, a body with a head, on grass of uneven green with brown stones between.
/// What
/// a figure is, only its shape says.
/// </summary>
/// <param name="count">How many pictures.</param>
/// <param name="seed">Which.</param>
internal sealed class AnimalScenes(int count, int seed) : IDataset<ImageExample>
{
    internal const int Side = 128;

    private const int MostAnimals = 3, Stones = 4;
    private readonly ImageExample[] pictures = Sample(count, seed);

    /// <inheritdoc/>
    public int Count => pictures.Length;

    /// <inheritdoc/>
    public ImageExample this[int index] => pictures[index];

    private static ImageExample[] Sample(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Scene(random))];
    }

    private static ImageExample Scene(Random random)
    {
        var planes = new float[3 * Side * Side];
        float[] grass = [0.25f, 0.35f + (0.3f * random.NextSingle()), 0.2f];
        for (int k = 0; k < planes.Length; k++) planes[k] = grass[k / (Side * Side)] + (0.15f * random.NextSingle());
        for (int k = 0; k < Stones; k++)
        {
            int radius = random.Next(4, 9);
            Ellipse(planes, random.Next(Side), random.Next(Side), radius, radius, Fur(random), random);
        }

        var boxes = new List<BoxAnnotation>();
        for (int animals = random.Next(1, MostAnimals + 1); boxes.Count < animals;) boxes.Add(Animal(planes, random));
        return new ImageExample(Image.FromFloats(Side, Side, 3, planes)) { Boxes = boxes };
    }

    /// <summary>An upright body with a head before or behind its top.</summary>
    private static BoxAnnotation Animal(float[] planes, Random random)
    {
        int across = random.Next(6, 15), down = (int)(across * (1.3 + (0.7 * random.NextDouble()))), head = Math.Max(3, across / 2);
        int side = random.Next(2) == 0 ? -1 : 1, reach = across + (2 * head);
        int x = random.Next(reach, Side - reach), y = random.Next(down + (2 * head), Side - down);
        float[] fur = Fur(random);
        Ellipse(planes, x, y, across, down, fur, random);
        int headX = x + (side * across), headY = y - down;
        Ellipse(planes, headX, headY, head, head, fur, random);
        return new BoxAnnotation(Math.Min(x - across, headX - head), headY - head, Math.Max(x + across, headX + head) + 1, y + down + 1, 0);
    }

    private static float[] Fur(Random random)
    {
        float light = 0.35f + (0.35f * random.NextSingle());
        return [light, light * 0.75f, light * 0.5f];
    }

    private static void Ellipse(float[] planes, int x, int y, int across, int down, float[] colour, Random random)
    {
        for (int row = Math.Max(0, y - down); row <= Math.Min(Side - 1, y + down); row++)
        {
            for (int column = Math.Max(0, x - across); column <= Math.Min(Side - 1, x + across); column++)
            {
                double u = (double)(column - x) / across, v = (double)(row - y) / down;
                if ((u * u) + (v * v) > 1) continue;
                float shade = 0.1f * (random.NextSingle() - 0.5f);
                int pixel = (row * Side) + column;
                for (int channel = 0; channel < 3; channel++) planes[(channel * Side * Side) + pixel] = colour[channel] + shade;
            }
        }
    }
}
