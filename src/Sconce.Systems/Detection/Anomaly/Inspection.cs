using Sconce.Imaging;
using Sconce.Maths;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>A place that is not as in good parts, in pixels of the picture.</summary>
/// <param name="Left">The box's edge, as are the other three.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Right">Beyond the last pixel.</param>
/// <param name="Bottom">Below the last pixel.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Peak">The highest value in it.</param>
/// <param name="Outline">The contour's corners, x and y.</param>
public sealed record Defect(int Left, int Top, int Right, int Bottom, double Area, double Peak, IReadOnlyList<(int X, int Y)> Outline);

/// <summary>What was found in one picture.</summary>
/// <param name="Score">How far it is from good.</param>
/// <param name="Threshold">From which score on a part is bad.</param>
/// <param name="Width">Of the picture.</param>
/// <param name="Height">Of the picture.</param>
/// <param name="Map">How far each of the network's pixels is, row by row.</param>
/// <param name="Seen">The part of the picture that the map covers.</param>
/// <param name="Defects">Largest first; those of a good part are none.</param>
public sealed record Inspection(
    double Score, double Threshold, int Width, int Height, IReadOnlyList<float> Map, PixelBox Seen, IReadOnlyList<Defect> Defects)
{
    /// <summary>Whether the part is good.</summary>
    public bool IsGood => Score < Threshold;

    /// <summary>The map's side.</summary>
    public int Side => (int)Math.Sqrt(Map.Count);

    internal static Inspection Of(InspectionContract contract, double score, float[] map, int width, int height)
    {
        int side = contract.Preprocessing.Size;
        var (wide, high) = contract.Preprocessing.ResizedSize(width, height);
        double seenWidth = (double)side * width / wide, seenHeight = (double)side * height / high;
        var seen = new PixelBox(
            (int)Math.Round((width - seenWidth) / 2), (int)Math.Round((height - seenHeight) / 2),
            (int)Math.Round((width + seenWidth) / 2), (int)Math.Round((height + seenHeight) / 2));
        IReadOnlyList<Defect> defects = [];
        if (score >= contract.Threshold)
        {
            double across = seenWidth / side, down = seenHeight / side;
            int X(double x) => (int)Math.Round(seen.Left + (x * across));
            int Y(double y) => (int)Math.Round(seen.Top + (y * down));
            bool[] above = [.. map.Select(value => value >= contract.PixelThreshold)];
            defects =
            [
                .. ConnectedRegions.Of(above, side).Select(region => new Defect(
                    X(region.Left), Y(region.Top), X(region.Right), Y(region.Bottom), region.Cells.Count * across * down,
                    region.Cells.Max(cell => map[cell]), [.. region.Outline().Select(corner => (X(corner.X), Y(corner.Y)))])),
            ];
        }

        return new Inspection(score, contract.Threshold, width, height, map, seen, [.. defects.OrderByDescending(defect => defect.Area)]);
    }
}
