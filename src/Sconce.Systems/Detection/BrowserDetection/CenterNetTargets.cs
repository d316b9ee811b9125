using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>An object in cells of the map.</summary>
/// <param name="Left">Of its left edge.</param>
/// <param name="Top">Of its upper edge.</param>
/// <param name="Right">Of its right edge.</param>
/// <param name="Bottom">Of its lower edge.</param>
/// <param name="Label">Its class.</param>
public readonly record struct CellBox(float Left, float Top, float Right, float Bottom, int Label);

/// <summary>What the network should say of one picture, or of several with one more dimension in front.</summary>
/// <param name="Heatmap">1 at an object's centre, falling off around it, <c>(C, h, w)</c>.</param>
/// <param name="Size">At centres, width and height in cells, <c>(2, h, w)</c>.</param>
/// <param name="Offset">At centres, of the centre in its cell, <c>(2, h, w)</c>.</param>
/// <param name="Mask">1 at centres, <c>(h, w)</c>.</param>
public sealed record CenterNetTargets(Tensor Heatmap, Tensor Size, Tensor Offset, Tensor Mask) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Heatmap, Size, Offset, Mask];

    /// <summary>Draws a picture's objects; a later one takes a shared cell. 1904.07850 §3.</summary>
    /// <param name="objects">In cells. Those without an area, or centred outside the map, are left out.</param>
    /// <param name="classes">How many.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="overlap">The IoU that a box moved to the edge of the Gaussian still has.</param>
    public static CenterNetTargets Draw(IEnumerable<CellBox> objects, int classes, int height, int width, double overlap = 0.7)
    {
        int cells = height * width;
        float[] heat = new float[classes * cells], size = new float[2 * cells], offset = new float[2 * cells], mask = new float[cells];
        foreach (var box in objects)
        {
            float across = box.Right - box.Left, down = box.Bottom - box.Top;
            float x = (box.Left + box.Right) / 2, y = (box.Top + box.Bottom) / 2;
            int column = (int)MathF.Floor(x), row = (int)MathF.Floor(y);
            if (!(across > 0 && down > 0) || column < 0 || column >= width || row < 0 || row >= height) continue;
            if (box.Label < 0 || box.Label >= classes)
            {
                throw new ArgumentException($"CenterNet: an object of class {box.Label} among {classes} classes");
            }

            int cell = (row * width) + column, radius = GaussianRadius.Of(MathF.Ceiling(down), MathF.Ceiling(across), overlap);
            Splat(heat.AsSpan(box.Label * cells, cells), width, row, column, radius);
            (size[cell], size[cells + cell], offset[cell], offset[cells + cell], mask[cell]) = (across, down, x - column, y - row, 1);
        }

        return new CenterNetTargets(
            Tensor.From(heat, [classes, height, width]),
            Tensor.From(size, [2, height, width]),
            Tensor.From(offset, [2, height, width]),
            Tensor.From(mask, [height, width]));
    }

    /// <summary>Several pictures', one below the other: <c>(N, …)</c>.</summary>
    internal static CenterNetTargets Together(IReadOnlyList<CenterNetTargets> pictures) => new(
        Tensor.Stack([.. pictures.Select(targets => targets.Heatmap)]),
        Tensor.Stack([.. pictures.Select(targets => targets.Size)]),
        Tensor.Stack([.. pictures.Select(targets => targets.Offset)]),
        Tensor.Stack([.. pictures.Select(targets => targets.Mask)]));

    /// <summary>The same on a device.</summary>
    internal CenterNetTargets To(Device device) => new(Heatmap.To(device), Size.To(device), Offset.To(device), Mask.To(device));

    /// <summary>A Gaussian of σ = (2r + 1) / 6 within r cells; where two overlap the greater holds.</summary>
    private static void Splat(Span<float> heat, int width, int row, int column, int radius)
    {
        double sigma = ((2 * radius) + 1) / 6.0;
        int height = heat.Length / width;
        for (int y = Math.Max(0, row - radius); y <= Math.Min(height - 1, row + radius); y++)
        {
            for (int x = Math.Max(0, column - radius); x <= Math.Min(width - 1, column + radius); x++)
            {
                double distance = ((y - row) * (y - row)) + ((x - column) * (x - column));
                ref float cell = ref heat[(y * width) + x];
                cell = Math.Max(cell, (float)Math.Exp(-distance / (2 * sigma * sigma)));
            }
        }
    }
}

/// <summary>How far a box's corners may move so that it still overlaps itself. 1808.01244 §3.2.</summary>
internal static class GaussianRadius
{
    /// <summary>
    /// The least of three cases' roots, rounded down. The roots are those of the published code, which does not divide by the leading
    /// factor:
    /// all CenterNets were trained with them (xingyizhou/CenterNet src/lib/utils/image.py).
    /// </summary>
    /// <param name="height">Of the box, in cells.</param>
    /// <param name="width">Of the box, in cells.</param>
    /// <param name="overlap">The IoU that must remain.</param>
    internal static int Of(double height, double width, double overlap)
    {
        double sum = height + width, area = height * width;
        double oneInside = Root(sum, area * (1 - overlap) / (1 + overlap), 1);
        double bothInside = Root(2 * sum, (1 - overlap) * area, 4);
        double bothOutside = Root(-2 * overlap * sum, (overlap - 1) * area, 4 * overlap);
        return Math.Max(0, (int)Math.Min(oneInside, Math.Min(bothInside, bothOutside)));
    }

    private static double Root(double b, double c, double a) => (b + Math.Sqrt((b * b) - (4 * a * c))) / 2;
}
