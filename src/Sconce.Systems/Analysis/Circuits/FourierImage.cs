using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>
/// Pictures written as a spectrum whose coefficients all weigh alike: low frequencies, of which natural pictures have more, are cheap to
/// move. lucid's spatial.py.
/// </summary>
public static class FourierImage
{
    private const double Loudness = 4; // the official code divides by it

    /// <summary>The spectrum's shape, real part first: <c>(2, N, C, H, F)</c>.</summary>
    public static long[] SpectrumShape(long count, long channels, long height, long width) =>
        [2, count, channels, height, Frequencies(width)];

    /// <summary>The pictures of spectra. <c>(2, N, C, H, F) -> (N, C, H, W)</c>, before any colour.</summary>
    /// <param name="spectrum">Begun as normal numbers of deviation 0.01.</param>
    /// <param name="width">W: F is ⌊W/2⌋ + 1, and one more where W is odd.</param>
    /// <param name="decay">How much less high frequencies weigh: 1 is like natural pictures.</param>
    public static Tensor Of(Tensor spectrum, long width, double decay = 1)
    {
        if (spectrum.Dimensions != 5 || spectrum.Size(0) != 2 || spectrum.Size(4) != Frequencies(width))
        {
            string shape = string.Join(", ", spectrum.Shape.ToArray());
            throw new ArgumentException($"spectra of width {width} are (2, N, C, H, {Frequencies(width)}), not [{shape}]");
        }

        using var scope = new TensorScope();
        long height = spectrum.Size(3), even = width + (width % 2);
        var scaled = spectrum * Scale(height, width, decay).To(spectrum.DType);
        var pictures = Functional.Complex(scaled[0], scaled[1]).FftIrfft2([height, even], [-2, -1]);
        return scope.Keep(pictures[.., .., .., ..(int)width] / Loudness);
    }

    private static Tensor Scale(long height, long width, double decay)
    {
        var scale = new double[height * Frequencies(width)];
        double least = 1.0 / Math.Max(height, width), gain = Math.Sqrt(height * width);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < Frequencies(width); column++)
            {
                double frequency = double.Hypot(Frequency(row, height), Frequency(column, width));
                scale[(row * Frequencies(width)) + column] = gain / Math.Pow(Math.Max(frequency, least), decay);
            }
        }

        return Tensor.From(scale, [height, Frequencies(width)]);
    }

    private static long Frequencies(long width) => (width / 2) + 1 + (width % 2);

    /// <summary>In cycles a pixel, as fftfreq counts them.</summary>
    private static double Frequency(long k, long count) => (double)(k < (count + 1) / 2 ? k : k - count) / count;
}
