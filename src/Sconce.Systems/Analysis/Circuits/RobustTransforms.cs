using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>What one step of feature visualisation does to its picture.</summary>
/// <param name="First">Row and column of the first crop, each in [0, 8].</param>
/// <param name="Scale">Of the resizing, about 1.</param>
/// <param name="Degrees">Of the rotation.</param>
/// <param name="Second">Row and column of the second crop, each in [0, 4].</param>
public readonly record struct TransformDraw((int Row, int Column) First, double Scale, double Degrees, (int Row, int Column) Second)
{
    /// <summary>Draws as lucid does: scales 0.9 to 1.1, angles -10 to 10 degrees with five zeros more.</summary>
    public static TransformDraw Random(Random random)
    {
        int angle = random.Next(26);
        return new((random.Next(9), random.Next(9)), 1 + ((random.Next(11) - 5) / 50.0), angle < 21 ? angle - 10 : 0,
            (random.Next(5), random.Next(5)));
    }
}

/// <summary>
/// Small shifts, scalings and rotations that a picture must excite a unit through, so that what is found is no noise of single pixels;
/// lucid's transform.py <c>standard_transforms</c>. Gradients flow through all of them. <c>(N, C, H, W)</c>
/// </summary>
public static class RobustTransforms
{
    private const int Border = 12, FirstCrop = 8, SecondCrop = 4;
    private const double Grey = 0.5, HalfTurn = 3.14; // the official code's π

    /// <summary>All of them in lucid's order.</summary>
    /// <param name="pictures">In [0, 1].</param>
    /// <param name="draw">What is done.</param>
    /// <param name="bilinear">How the rotation reads between pixels; the official one takes the nearest.</param>
    public static Tensor Apply(Tensor pictures, TransformDraw draw, bool bilinear = false)
    {
        using var scope = new TensorScope();
        return scope.Keep(Crop(Rotate(Resized(pictures, draw), draw.Degrees, bilinear), SecondCrop, draw.Second));
    }

    /// <summary>The first half: a grey border, a crop, another size.</summary>
    public static Tensor Resized(Tensor pictures, TransformDraw draw)
    {
        using var scope = new TensorScope();
        var padded = Functional.Pad(pictures, [Border, Border, Border, Border], value: Grey);
        return scope.Keep(Resize(Crop(padded, FirstCrop, draw.First), draw.Scale));
    }

    /// <summary>Takes rows and columns away, so many in all.</summary>
    public static Tensor Crop(Tensor pictures, int taken, (int Row, int Column) start)
    {
        int height = (int)pictures.Size(2) - taken, width = (int)pictures.Size(3) - taken;
        return pictures[.., .., start.Row..(start.Row + height), start.Column..(start.Column + width)];
    }

    /// <summary>Bilinear without the shift by half a pixel, as old TensorFlow has it; sizes are truncated.</summary>
    public static Tensor Resize(Tensor pictures, double scale)
    {
        using var scope = new TensorScope();
        var rows = Interpolation(pictures.Size(2), scale).To(pictures.DType);
        var columns = Interpolation(pictures.Size(3), scale).To(pictures.DType);
        return scope.Keep(rows.Matmul(pictures).Matmul(columns.T()));
    }

    /// <summary>About the middle; what comes from outside is 0.</summary>
    /// <param name="pictures">Any numbers.</param>
    /// <param name="degrees">Times 3.14 / 180, as lucid has it.</param>
    /// <param name="bilinear">Else the nearest pixel is taken.</param>
    public static Tensor Rotate(Tensor pictures, double degrees, bool bilinear)
    {
        using var scope = new TensorScope();
        int height = (int)pictures.Size(2), width = (int)pictures.Size(3);
        double angle = degrees * HalfTurn / 180, cos = Math.Cos(angle), sin = Math.Sin(angle);
        double offsetX = (width - 1 - ((cos * (width - 1)) - (sin * (height - 1)))) / 2;
        double offsetY = (height - 1 - ((sin * (width - 1)) + (cos * (height - 1)))) / 2;
        var flat = pictures.Flatten(2, 3);
        Tensor? sum = null;
        foreach (var (down, right) in bilinear ? [(0, 0), (0, 1), (1, 0), (1, 1)] : ((int, int)[])[(0, 0)])
        {
            var sources = new long[height * width];
            var weights = new float[height * width];
            for (int k = 0; k < sources.Length; k++)
            {
                int x = k % width, y = k / width;
                double column = (cos * x) - (sin * y) + offsetX, row = (sin * x) + (cos * y) + offsetY;
                double atColumn = bilinear ? Math.Floor(column) + right : Math.Round(column, MidpointRounding.AwayFromZero);
                double atRow = bilinear ? Math.Floor(row) + down : Math.Round(row, MidpointRounding.AwayFromZero);
                if (atColumn < 0 || atRow < 0 || atColumn >= width || atRow >= height) continue;
                sources[k] = ((long)atRow * width) + (long)atColumn;
                weights[k] = bilinear ? (float)((1 - Math.Abs(column - atColumn)) * (1 - Math.Abs(row - atRow))) : 1;
            }

            var term = flat.IndexSelect(2, Tensor.From(sources)) * Tensor.From(weights).To(flat.DType);
            sum = sum is null ? term : sum + term;
        }

        return scope.Keep(sum!.Unflatten(2, [height, width]));
    }

    /// <summary>What each new row takes of the old ones, <c>(⌊size · scale⌋, size)</c>.</summary>
    private static Tensor Interpolation(long size, double scale)
    {
        long made = (long)(size * scale);
        if (made < 1) throw new ArgumentOutOfRangeException(nameof(scale), scale, $"nothing is left of {size} pixels");
        var weights = new double[made * size];
        for (long k = 0; k < made; k++)
        {
            double source = (double)k * size / made;
            long below = (long)source, above = Math.Min(below + 1, size - 1);
            weights[(k * size) + below] += 1 - (source - below);
            weights[(k * size) + above] += source - below;
        }

        return Tensor.From(weights, [made, size]);
    }
}
