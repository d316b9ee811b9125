using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>
/// Pictures of one shape each, <c>(3, 20, 20)</c> in about [0, 1]: disc, square, triangle, cross, ring, frame, two bars across, two bars
/// upright, at a random place, size, slant and in random colours over a graded ground, with noise. Colour says nothing of the shape; shape
/// and ground differ in brightness, so that a grey view shows the shape too.
/// </summary>
public static class ShapeScenes
{
    /// <summary>Shapes.</summary>
    public const int Classes = 8;

    /// <summary>Rows and columns.</summary>
    public const int Side = 20;

    /// <summary>Draws pictures <c>(count, 3, 20, 20)</c> and their shapes' numbers <c>(count)</c>.</summary>
    public static LabelledTensors Sample(int count, Random random)
    {
        var pixels = new float[count * 3 * Side * Side];
        var labels = new long[count];
        for (int k = 0; k < count; k++)
        {
            labels[k] = random.Next(Classes);
            Draw((int)labels[k], random, pixels.AsSpan(k * 3 * Side * Side, 3 * Side * Side));
        }

        return new LabelledTensors(Tensor.From(pixels, [count, 3, Side, Side]), Tensor.From(labels));
    }

    private const double Contrast = 0.3;

    /// <summary>The scale is half the square's side.</summary>
    private const double HalfSquare = 0.8;

    private static void Draw(int shape, Random random, Span<float> planes)
    {
        double Between(double low, double high) => low + (high - low) * random.NextDouble();
        double centreX = Between(-0.25, 0.25), centreY = Between(-0.25, 0.25), scale = Between(0.4, 0.65) / HalfSquare,
            slant = Between(-0.35, 0.35);
        var (cos, sin) = (Math.Cos(slant), Math.Sin(slant));
        double[] ground = new double[3], front = new double[3], gradeX = new double[3], gradeY = new double[3];
        do
        {
            for (int channel = 0; channel < 3; channel++)
            {
                ground[channel] = random.NextDouble();
                front[channel] = random.NextDouble();
                gradeX[channel] = Between(-0.2, 0.2);
                gradeY[channel] = Between(-0.2, 0.2);
            }
        }
        while (Math.Abs(ground.Average() - front.Average()) < Contrast);

        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                double x = (column + 0.5) / Side * 2 - 1, y = (row + 0.5) / Side * 2 - 1;
                double u = ((x - centreX) * cos + (y - centreY) * sin) / scale, v = (-(x - centreX) * sin + (y - centreY) * cos) / scale;
                bool inside = Contains(shape, u, v);
                for (int channel = 0; channel < 3; channel++)
                {
                    double value = inside ? front[channel] : ground[channel] + gradeX[channel] * x + gradeY[channel] * y;
                    double noise = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                    planes[(channel * Side + row) * Side + column] = (float)(value + 0.08 * noise);
                }
            }
        }
    }

    private static bool Contains(int shape, double u, double v)
    {
        double radius = Math.Sqrt(u * u + v * v), box = Math.Max(Math.Abs(u), Math.Abs(v));
        return shape switch
        {
            0 => radius < 0.9,
            1 => box < HalfSquare,
            2 => v < 0.8 && v > -0.9 + 2 * Math.Abs(u),
            3 => box < 0.95 && Math.Min(Math.Abs(u), Math.Abs(v)) < 0.3,
            4 => radius is < 0.95 and > 0.5,
            5 => box is < 0.85 and > 0.45,
            6 => Math.Abs(u) < 0.9 && Math.Abs(v) is > 0.25 and < 0.75,
            _ => Math.Abs(v) < 0.9 && Math.Abs(u) is > 0.25 and < 0.75,
        };
    }
}
