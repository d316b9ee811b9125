using Sconce.Nn.Detection;

namespace Sconce.Metrics;

/// <summary>From tensors to records.</summary>
public static class DetectedBoxes
{
    /// <summary>One picture's detections, their boxes scaled from the size that the network saw to the picture's.</summary>
    /// <param name="found">Of one picture.</param>
    /// <param name="across">Pixels of the picture a pixel of the network's input.</param>
    /// <param name="down">The same from top to bottom.</param>
    public static IReadOnlyList<DetectedBox> Of(ClasswiseDetections found, double across = 1, double down = 1)
    {
        float[] edges = found.Boxes.Float().Cpu().ToArray<float>(), scores = found.Scores.Float().Cpu().ToArray<float>();
        long[] labels = found.Classes.Cpu().ToArray<long>();
        return
        [
            .. labels.Select((label, k) => new DetectedBox(
                edges[4 * k] * across,
                edges[(4 * k) + 1] * down,
                edges[(4 * k) + 2] * across,
                edges[(4 * k) + 3] * down,
                (int)label,
                scores[k])),
        ];
    }
}
