using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>A point of a picture; rows first.</summary>
/// <param name="Row">From the top.</param>
/// <param name="Column">From the left.</param>
public readonly record struct PicturePoint(double Row, double Column);

/// <summary>
/// Bends a picture so that given points come to lie elsewhere, as a thin sheet of metal would. Bookstein 1989; the form of
/// tohinz/CharacterGAN@8154aba3 util/tps_warp.py: backwards, on a coarse grid between whose places it is linear, in double precision.
/// </summary>
public sealed class ThinPlateWarp
{
    private readonly double[] rows, columns;
    private readonly int height, width;

    /// <summary>Computes where every pixel comes from.</summary>
    /// <param name="from">Points of the picture.</param>
    /// <param name="to">Where they shall lie.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="coarseness">How much smaller the grid is on which the sheet is computed; 1 for every pixel.</param>
    /// <exception cref="ArgumentException">Other numbers of points, or a picture of less than two grid places a side.</exception>
    public ThinPlateWarp(IReadOnlyList<PicturePoint> from, IReadOnlyList<PicturePoint> to, int height, int width, int coarseness = 2)
    {
        if (from.Count != to.Count) throw new ArgumentException(
            $"thin-plate warp: {from.Count} points to move and {to.Count} places for them");
        double rowSteps = (height - 1) / (double)coarseness, columnSteps = (width - 1) / (double)coarseness;
        if (rowSteps < 2 || columnSteps < 2) throw new ArgumentException(
            $"thin-plate warp: a picture of {width} x {height} is too small for it");
        (this.height, this.width) = (height, width);
        var sheet = new Sheet(to, from); // backwards: pixels of the result are looked up in the picture
        int coarseRows = (int)rowSteps, coarseColumns = (int)columnSteps;
        var places = new PicturePoint[coarseRows, coarseColumns];
        for (int i = 0; i < coarseRows; i++)
        {
            for (int j = 0; j < coarseColumns; j++)
            {
                places[i, j] = sheet.At(i * (height - 1.0) / (coarseRows - 1), j * (width - 1.0) / (coarseColumns - 1));
            }
        }

        (rows, columns) = (new double[height * width], new double[height * width]);
        for (int i = 0; i < height; i++)
        {
            for (int j = 0; j < width; j++)
            {
                var source = coarseness == 1 ? sheet.At(i, j) : Between(places, Coarse(i, height, rowSteps), Coarse(j, width, columnSteps));
                (rows[(i * width) + j], columns[(i * width) + j]) = (source.Row, source.Column);
            }
        }
    }

    /// <summary>
    /// The points that official runs hold in place beside the others. For pictures that are not square height and width stand the other
    /// way around there.
    /// </summary>
    public static IReadOnlyList<PicturePoint> OfficialCorners(int height, int width) =>
        [new(0, 0), new(0, height), new(width, 0), new(width, height)];

    /// <summary>A regular grid over the picture, edges included.</summary>
    /// <param name="height">Of the picture.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="side">Points a side.</param>
    public static IReadOnlyList<PicturePoint> Grid(int height, int width, int side = 3) =>
        [.. Enumerable.Range(0, side * side)
            .Select(k => new PicturePoint(k / side * height / (side - 1.0), k % side * width / (side - 1.0)))];

    /// <summary>Bends maps <c>(C, H, W)</c>: linear between pixels, mirrored beyond the edge, whose pixels come twice there.</summary>
    /// <exception cref="TorchException">They are of another size.</exception>
    public Tensor Apply(Tensor maps)
    {
        if (maps.Dimensions != 3 || maps.Size(1) != height || maps.Size(2) != width)
        {
            throw new TorchException(
                $"thin-plate warp: maps of shape [{string.Join(", ", maps.Shape.ToArray())}]; it bends (C, {height}, {width})");
        }

        int channels = (int)maps.Size(0), area = height * width;
        float[] pixels = maps.ToArray<float>(), bent = new float[pixels.Length];
        for (int k = 0; k < area; k++)
        {
            double row = Math.Floor(rows[k]), column = Math.Floor(columns[k]), down = rows[k] - row, right = columns[k] - column;
            int top = Mirrored((int)row, height) * width, bottom = Mirrored((int)row + 1, height) * width;
            int left = Mirrored((int)column, width), beside = Mirrored((int)column + 1, width);
            for (int channel = 0, at = 0; channel < channels; channel++, at += area)
            {
                double above = (pixels[at + top + left] * (1 - right)) + (pixels[at + top + beside] * right);
                double below = (pixels[at + bottom + left] * (1 - right)) + (pixels[at + bottom + beside] * right);
                bent[at + k] = (float)((above * (1 - down)) + (below * down));
            }
        }

        return Tensor.From(bent, maps.Shape, maps.Device);
    }

    private static int Mirrored(int index, int count)
    {
        int folded = ((index % (2 * count)) + (2 * count)) % (2 * count);
        return folded < count ? folded : (2 * count) - 1 - folded;
    }

    /// <summary>A pixel's place on the coarse grid. Officially it counts in fractions of a step where the size does not divide.</summary>
    private static (int Index, int Next, double Fraction) Coarse(int pixel, int count, double steps)
    {
        double place = (steps - 1) * pixel / (count - 1);
        int index = (int)place;
        return (index, (int)Math.Min(index + 1, steps - 1), place - index);
    }

    private static PicturePoint Between(
        PicturePoint[,] places, (int Index, int Next, double Fraction) row, (int Index, int Next, double Fraction) column)
    {
        double Mix(Func<PicturePoint, double> part)
        {
            double first = Line(row.Index), second = Line(row.Next);
            return (first * (1 - row.Fraction)) + (second * row.Fraction);
            double Line(int i) => (part(places[i, column.Index]) * (1 - column.Fraction))
                + (part(places[i, column.Next]) * column.Fraction);
        }

        return new(Mix(point => point.Row), Mix(point => point.Column));
    }

    /// <summary>The smoothest map that takes one set of points to another.</summary>
    private sealed class Sheet
    {
        private readonly IReadOnlyList<PicturePoint> points;
        private readonly double[] coefficients; // (points + 3, 2): weights of the points, then 1, row, column

        internal Sheet(IReadOnlyList<PicturePoint> from, IReadOnlyList<PicturePoint> to)
        {
            points = from;
            int n = from.Count, size = n + 3;
            double[] system = new double[size * size], wanted = new double[size * 2];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++) system[(i * size) + j] = Bend(from[i], from[j].Row, from[j].Column);
                double[] line = [1, from[i].Row, from[i].Column];
                for (int k = 0; k < 3; k++) system[(i * size) + n + k] = system[((n + k) * size) + i] = line[k];
                (wanted[2 * i], wanted[(2 * i) + 1]) = (to[i].Row, to[i].Column);
            }

            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            // Two points may lie on one place: the pseudo-inverse does not mind.
            var inverse = Tensor.From(system, [size, size]).LinalgPinv(1e-15);
            coefficients = inverse.Matmul(Tensor.From(wanted, [size, 2])).ToArray<double>();
        }

        internal PicturePoint At(double row, double column)
        {
            int n = points.Count;
            Span<double> place = [0, 0];
            for (int axis = 0; axis < 2; axis++)
            {
                double sum = coefficients[(2 * n) + axis] + (coefficients[(2 * (n + 1)) + axis] * row)
                    + (coefficients[(2 * (n + 2)) + axis] * column);
                for (int k = 0; k < n; k++) sum += coefficients[(2 * k) + axis] * Bend(points[k], row, column);
                place[axis] = sum;
            }

            return new(place[0], place[1]);
        }

        /// <summary>r² ln r</summary>
        private static double Bend(PicturePoint point, double row, double column)
        {
            double square = ((point.Row - row) * (point.Row - row)) + ((point.Column - column) * (point.Column - column));
            return square == 0 ? 0 : square * Math.Log(square) / 2;
        }
    }
}
