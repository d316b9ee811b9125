using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>One to four rectangles, ellipses and triangles of any colours on noisy grey: three classes.</summary>
/// <param name="count">How many pictures.</param>
/// <param name="seed">Which.</param>
internal sealed class ShapeScenes(int count, int seed) : IDataset<ImageExample>
{
    internal const int Side = 64, Classes = 3;

    /// <summary>Of the classes.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["rectangle", "ellipse", "triangle"];

    private const int LeastSize = 10, MostSize = 32, MostShapes = 4;
    private readonly ImageExample[] pictures = Sample(count, seed);

    public int Count => pictures.Length;

    public ImageExample this[int index] => pictures[index];

    private static ImageExample[] Sample(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Scene(random))];
    }

    private static ImageExample Scene(Random random)
    {
        var planes = new float[3 * Side * Side];
        float grey = 0.3f + (0.4f * random.NextSingle());
        for (int k = 0; k < planes.Length; k++) planes[k] = grey + (0.2f * (random.NextSingle() - 0.5f));
        var boxes = new List<BoxAnnotation>();
        for (int wanted = random.Next(1, MostShapes + 1); boxes.Count < wanted;) boxes.Add(Shape(planes, random));
        return new ImageExample(Image.FromFloats(Side, Side, 3, planes).To8Bit()) { Boxes = boxes };
    }

    private static BoxAnnotation Shape(float[] planes, Random random)
    {
        int width = random.Next(LeastSize, MostSize + 1), height = random.Next(LeastSize, MostSize + 1), label = random.Next(Classes);
        int left = random.Next(Side - width + 1), top = random.Next(Side - height + 1);
        float[] colour = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                // From -1 to 1 across and down the box.
                double u = (((2 * x) + 1.0) / width) - 1, v = (((2 * y) + 1.0) / height) - 1;
                bool inside = label switch { 0 => true, 1 => (u * u) + (v * v) <= 1, _ => Math.Abs(u) <= (v + 1) / 2 };
                if (!inside) continue;
                int pixel = ((top + y) * Side) + left + x;
                for (int channel = 0; channel < 3; channel++)
                {
                    planes[(channel * Side * Side) + pixel] = colour[channel] + (0.1f * (random.NextSingle() - 0.5f));
                }
            }
        }

        return new BoxAnnotation(left, top, left + width, top + height, label);
    }
}
