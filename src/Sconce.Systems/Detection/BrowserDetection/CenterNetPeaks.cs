using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>From heatmaps to boxes: the highest cells that no neighbour exceeds. 1904.07850 §4.</summary>
public static class CenterNetPeaks
{
    /// <summary>Boxes of each picture that are looked at.</summary>
    public const int Most = 20;

    /// <summary>The surest peaks of each picture, surest first; boxes in pixels of the network's input, not cut to it.</summary>
    /// <param name="output">Of the network.</param>
    /// <param name="stride">Pixels a cell.</param>
    /// <param name="most">Peaks a picture.</param>
    /// <returns><c>boxes (N, K, 4), scores (N, K), classes (N, K) int64</c></returns>
    public static ClasswiseDetections Decode(CenterNetOutput output, int stride = CenterNetLite.Stride, int most = Most)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var chance = output.Heatmap.Detach().Sigmoid();
        long cells = chance.Size(2) * chance.Size(3), width = chance.Size(3);
        var highest = chance.MaxPool2d([3, 3], [1, 1], [1, 1], [1, 1], false);
        var peaks = (chance * chance.Eq(highest).To(chance.DType)).Flatten(1); // (N, C·h·w)
        var (scores, places) = peaks.Topk(Math.Min(most, peaks.Size(1)), 1);
        Tensor classes = places.FloorDivide(cells), cell = places.Remainder(cells);
        Tensor x = cell.Remainder(width).To(chance.DType), y = cell.FloorDivide(width).To(chance.DType);
        Tensor size = At(output.Size, cell), offset = At(output.Offset, cell); // (N, K, 2)
        var centre = Tensor.Stack([x, y], 2) + offset;
        var boxes = Tensor.Cat([centre - (size * 0.5), centre + (size * 0.5)], 2) * stride;
        return scope.Keep(new ClasswiseDetections(boxes, scores, classes));
    }

    /// <summary>Two numbers of each chosen cell: <c>(N, 2, h, w), (N, K) -> (N, K, 2)</c>.</summary>
    private static Tensor At(Tensor map, Tensor cell) =>
        map.Detach().Flatten(2).Gather(2, cell.Unsqueeze(1).Expand([-1, 2, -1])).Transpose(1, 2);
}
