using Sconce.Data;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Pictures of one to three bright rectangles over noise; a rectangle's class is its colour channel.</summary>
/// <param name="Pictures"><c>(count, 3, 32, 32)</c></param>
/// <param name="Objects">Of each picture, in pixels.</param>
internal sealed record RectangleScenes(Tensor Pictures, IReadOnlyList<IReadOnlyList<BoxAnnotation>> Objects) : ITensorContainer
{
    internal const int Side = 32, Classes = 3, MostObjects = 3, LeastSide = 6, GreatestSide = 12;

    public IEnumerable<Tensor> Tensors => [Pictures];

    internal static RectangleScenes Sample(int count, Random random)
    {
        const int area = Side * Side;
        var pixels = new float[count * 3 * area];
        var objects = new List<IReadOnlyList<BoxAnnotation>>();
        for (int k = 0; k < count; k++)
        {
            var planes = pixels.AsSpan(k * 3 * area, 3 * area);
            foreach (ref float pixel in planes) pixel = 0.2f * random.NextSingle();
            var boxes = new List<BoxAnnotation>();
            for (int wanted = random.Next(1, MostObjects + 1); boxes.Count < wanted;)
            {
                int width = random.Next(LeastSide, GreatestSide + 1), height = random.Next(LeastSide, GreatestSide + 1);
                int left = random.Next(Side - width + 1), top = random.Next(Side - height + 1);
                boxes.Add(new BoxAnnotation(left, top, left + width, top + height, random.Next(Classes)));
                for (int y = top; y < top + height; y++)
                {
                    foreach (ref float pixel in planes.Slice((boxes[^1].Label * area) + (y * Side) + left, width))
                        pixel = 0.8f + (0.2f * random.NextSingle());
                }
            }

            objects.Add(boxes);
        }

        return new RectangleScenes(Tensor.From(pixels, [count, 3, Side, Side]), objects);
    }

    /// <summary>What is to be found in some of the pictures; belongs to the caller's scope.</summary>
    internal IReadOnlyList<DetectionTarget> Targets(IEnumerable<int> pictures) => [.. pictures.Select(k => new DetectionTarget(
        Tensor.From(Objects[k].Select(box => (long)box.Label).ToArray()),
        Tensor.From(Objects[k].SelectMany(box => new[] { (box.Left + box.Right) / 2 / Side, (box.Top + box.Bottom) / 2 / Side,
            box.Width / Side, box.Height / Side }).ToArray(), [Objects[k].Count, 4])))];
}
