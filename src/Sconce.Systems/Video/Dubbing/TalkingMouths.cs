using Sconce.Imaging;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>A frame of a talking mouth.</summary>
/// <param name="Planes">Red, green, blue of 32 x 32 pixels in [0, 1].</param>
/// <param name="Speech">Sixteen bands of eight steps.</param>
/// <param name="Opening">How far the mouth is open, in [0, 1].</param>
internal sealed record MouthFrame(float[] Planes, float[] Speech, double Opening);

/// <summary>
/// Somebody who speaks, known exactly: skin, lips, and a dark mouth whose height follows a curve that can be heard, with an offset of the
/// speaker's own and noise.
/// </summary>
internal sealed class TalkingMouth
{
    internal const int Side = 32, Bands = 16, Steps = 8, Frames = 25;

    private const double Rate = 25, Closed = 0.015, Widest = Closed + 0.10;

    internal TalkingMouth(Random random)
    {
        float[] skin = [Between(random, 0.5, 0.9), Between(random, 0.4, 0.7), Between(random, 0.3, 0.6)];
        float[] lips = [Between(random, 0.6, 0.9), Between(random, 0.1, 0.35), Between(random, 0.15, 0.4)];
        double x = 0.5 + (0.06 * Signed(random)), y = 0.72 + (0.05 * Signed(random)), width = 0.18 + (0.08 * random.NextDouble());
        Mouth = new PixelBox(First(x - width), First(y - Widest), Past(x + width), Past(y + Widest));
        double frequency = 1 + (2 * random.NextDouble()), phase = 2 * Math.PI * random.NextDouble();
        float[] offset = [.. Enumerable.Range(0, Bands).Select(_ => (float)(0.3 * Signed(random)))];
        All =
        [
            .. Enumerable.Range(0, Frames).Select(k => new MouthFrame(
                Drawn(skin, lips, x, y, width, Opening(k / Rate, frequency, phase)),
                Heard(k, frequency, phase, offset, random),
                Opening(k / Rate, frequency, phase))),
        ];
    }

    internal IReadOnlyList<MouthFrame> All { get; }

    /// <summary>The pixels that the mouth can reach when it is open widest.</summary>
    internal PixelBox Mouth { get; }

    /// <summary>The first pixel whose middle is not before a place in [0, 1].</summary>
    private static int First(double place) => (int)Math.Ceiling((place * Side) - 0.5);

    /// <summary>One past the last pixel whose middle is not behind a place.</summary>
    private static int Past(double place) => (int)Math.Floor((place * Side) - 0.5) + 1;

    private static double Opening(double time, double frequency, double phase) =>
        0.5 + (0.5 * Math.Sin((2 * Math.PI * frequency * time) + phase + (2 * Math.Sin((2 * Math.PI * 1.3 * time) + phase))));

    private static float[] Heard(int frame, double frequency, double phase, float[] offset, Random random)
    {
        var speech = new float[Bands * Steps];
        for (int band = 0; band < Bands; band++)
        {
            for (int step = 0; step < Steps; step++)
            {
                double time = (frame + ((step - (Steps / 2)) / 2.0)) / Rate;
                double weight = Math.Cos(Math.PI * band / Bands);
                speech[(band * Steps) + step] = (float)((weight * Opening(time, frequency, phase)) + offset[band] + (0.1 * Normal(random)));
            }
        }

        return speech;
    }

    private static float[] Drawn(float[] skin, float[] lips, double x, double y, double width, double opening)
    {
        var planes = new float[3 * Side * Side];
        double height = Closed + ((Widest - Closed) * opening);
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                double u = (((column + 0.5) / Side) - x) / width, v = ((row + 0.5) / Side) - y;
                bool isMouth = (u * u) + Math.Pow(v / height, 2) <= 1, isLip = (u * u / 1.3) + Math.Pow(v / (height + 0.035), 2) <= 1;
                for (int channel = 0; channel < 3; channel++)
                {
                    float shade = skin[channel] * (1 - (0.2f * Math.Abs((column / (float)Side) - 0.5f)));
                    planes[(channel * Side * Side) + (row * Side) + column] = isMouth ? 0.05f : isLip ? lips[channel] : shade;
                }
            }
        }

        return planes;
    }

    private static double Signed(Random random) => (2 * random.NextDouble()) - 1;

    private static float Between(Random random, double low, double high) => (float)(low + ((high - low) * random.NextDouble()));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
