using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>What one of the claim's pictures shows.</summary>
/// <param name="Colour">Of six.</param>
/// <param name="Shape">Of four.</param>
/// <param name="Quadrant">Of four, row by row.</param>
internal readonly record struct QuadrantShape(int Colour, int Shape, int Quadrant);

/// <summary>Small pictures of one object with its caption of three words, and a reader that says what a picture shows.</summary>
internal static class QuadrantShapes
{
    internal const int Side = 32, Words = 3, Vocabulary = 1 + Colours + Shapes + Quadrants;
    private const int Colours = 6, Shapes = 4, Quadrants = 4, Radius = 7, LeastPixels = 12;
    private const float Ground = 0.35f, Noise = 0.02f;
    private const double LeastOverlap = 0.6, Coloured = 0.3;
    private static readonly float[][] Palette = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]];
    private static readonly bool[][] Templates = [.. Enumerable.Range(0, Shapes).Select(Template)];

    private static int Box => (2 * Radius) + 1;

    /// <summary>The words of captions in the order of their tokens, from 1 on: colours, shapes, quadrants.</summary>
    internal static IReadOnlyList<string> Spelling { get; } =
    [
        "red", "green", "blue", "yellow", "magenta", "cyan", "square", "disc", "triangle", "cross", "topleft", "topright", "bottomleft",
        "bottomright",
    ];

    /// <summary>Pictures <c>(count, 3, 32, 32)</c> in [0, 1], and what they show.</summary>
    internal static (Tensor Pictures, QuadrantShape[] Shown) Draw(int count, Random random)
    {
        float[] values = new float[count * 3 * Side * Side];
        var shown = new QuadrantShape[count];
        for (int k = 0; k < count; k++)
        {
            shown[k] = new QuadrantShape(random.Next(Colours), random.Next(Shapes), random.Next(Quadrants));
            Paint(values.AsSpan(k * 3 * Side * Side, 3 * Side * Side), shown[k], random);
        }

        return (Tensor.From(values, [count, 3, Side, Side]), shown);
    }

    /// <summary>Some captions.</summary>
    internal static QuadrantShape[] Captions(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => new QuadrantShape(random.Next(Colours), random.Next(Shapes), random.Next(Quadrants)))];

    /// <summary>Captions as tokens from 1 on: <c>(N, 3)</c>.</summary>
    internal static Tensor Tokens(IReadOnlyList<QuadrantShape> shown) => Tensor.From([.. shown.SelectMany(Spelled)], [shown.Count, Words]);

    /// <summary>Whether each picture shows what its caption says: colour, shape and quadrant.</summary>
    internal static bool[] Match(Tensor pictures, IReadOnlyList<QuadrantShape> captions)
    {
        float[] values = pictures.Cpu().Contiguous().ToArray<float>();
        return [.. captions.Select((caption, k) => Read(values.AsSpan(k * 3 * Side * Side, 3 * Side * Side)) == caption)];
    }

    /// <summary>What a picture shows; null where nothing can be read.</summary>
    internal static QuadrantShape? Read(ReadOnlySpan<float> picture)
    {
        bool[] inside = new bool[Side * Side];
        Span<double> colour = stackalloc double[3];
        colour.Clear();
        int count = 0, left = Side, top = Side, right = -1, bottom = -1;
        double x = 0, y = 0;
        for (int place = 0; place < Side * Side; place++)
        {
            float red = picture[place], green = picture[(Side * Side) + place], blue = picture[(2 * Side * Side) + place];
            if (Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)) <= Coloured) continue;
            inside[place] = true;
            int column = place % Side, row = place / Side;
            (left, right, top, bottom) = (Math.Min(left, column), Math.Max(right, column), Math.Min(top, row), Math.Max(bottom, row));
            (x, y, count) = (x + column, y + row, count + 1);
            (colour[0], colour[1], colour[2]) = (colour[0] + red, colour[1] + green, colour[2] + blue);
        }

        if (count < LeastPixels) return null;
        int quadrant = (y / count >= Side / 2.0 ? 2 : 0) + (x / count >= Side / 2.0 ? 1 : 0);
        int shape = Nearest(inside, (int)Math.Round((left + right) / 2.0), (int)Math.Round((top + bottom) / 2.0));
        return shape < 0 ? null : new QuadrantShape(Nearest(colour, count), shape, quadrant);
    }

    private static long[] Spelled(QuadrantShape one) =>
        [1 + one.Colour, 1 + Colours + one.Shape, 1 + Colours + Shapes + one.Quadrant];

    private static void Paint(Span<float> picture, QuadrantShape shown, Random random)
    {
        for (int i = 0; i < picture.Length; i++) picture[i] = Math.Clamp(Ground + (Noise * Normal(random)), 0, 1);
        int centreX = (shown.Quadrant % 2 * Side / 2) + (Side / 4) + random.Next(3) - 1;
        int centreY = (shown.Quadrant / 2 * Side / 2) + (Side / 4) + random.Next(3) - 1;
        for (int row = 0; row < Box; row++)
        {
            for (int column = 0; column < Box; column++)
            {
                int x = centreX + column - Radius, y = centreY + row - Radius;
                if (x is < 0 or >= Side || y is < 0 or >= Side || !Templates[shown.Shape][(row * Box) + column]) continue;
                for (int c = 0; c < 3; c++)
                    picture[(((c * Side) + y) * Side) + x] = Math.Clamp(Palette[shown.Colour][c] + (Noise * Normal(random)), 0, 1);
            }
        }
    }

    /// <summary>A square, a disc, a triangle, a cross.</summary>
    private static bool[] Template(int shape)
    {
        bool[] cells = new bool[Box * Box];
        for (int place = 0; place < cells.Length; place++)
        {
            int x = (place % Box) - Radius, y = (place / Box) - Radius;
            cells[place] = shape switch
            {
                0 => Math.Abs(x) < Radius && Math.Abs(y) < Radius,
                1 => (x * x) + (y * y) <= Radius * Radius,
                2 => Math.Abs(x) * 2 <= y + Radius,
                _ => Math.Abs(x) <= 2 || Math.Abs(y) <= 2,
            };
        }

        return cells;
    }

    /// <summary>The shape that overlaps most about a centre, or one pixel beside it; -1 where none overlaps enough.</summary>
    private static int Nearest(bool[] inside, int centreX, int centreY)
    {
        int best = -1;
        double most = LeastOverlap;
        for (int shape = 0; shape < Shapes; shape++)
        {
            for (int moved = 0; moved < 9; moved++)
            {
                double overlap = Overlap(inside, Templates[shape], centreX + (moved % 3) - 1, centreY + (moved / 3) - 1);
                if (overlap > most) (best, most) = (shape, overlap);
            }
        }

        return best;
    }

    private static double Overlap(bool[] inside, bool[] template, int centreX, int centreY)
    {
        int both = 0, either = 0;
        for (int place = 0; place < inside.Length; place++)
        {
            int column = (place % Side) - centreX + Radius, row = (place / Side) - centreY + Radius;
            bool isTemplate = column >= 0 && column < Box && row >= 0 && row < Box && template[(row * Box) + column];
            if (isTemplate && inside[place]) both++;
            if (isTemplate || inside[place]) either++;
        }

        return (double)both / Math.Max(1, either);
    }

    private static int Nearest(ReadOnlySpan<double> sum, int count)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int k = 0; k < Palette.Length; k++)
        {
            double distance = 0;
            for (int c = 0; c < 3; c++) distance += Math.Pow((sum[c] / count) - Palette[k][c], 2);
            if (distance < least) (best, least) = (k, distance);
        }

        return best;
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
