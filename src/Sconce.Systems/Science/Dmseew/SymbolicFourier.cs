namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// Symbolic Fourier approximation: a window becomes a word whose letters say how large its lowest frequencies are. Schäfer and Högqvist
/// 2012; the cuts between letters are equally deep, as one choice of WEASEL (Schäfer and Leser 2017).
/// </summary>
public sealed class SymbolicFourier
{
    private readonly double[][] cuts; // of each coefficient, ascending

    private SymbolicFourier(double[][] cuts, int alphabet) => (this.cuts, Alphabet) = (cuts, alphabet);

    /// <summary>Between the letters of each coefficient, ascending.</summary>
    internal IReadOnlyList<double[]> Cuts => cuts;

    /// <summary>With cuts that were learnt before.</summary>
    /// <exception cref="ArgumentException">They are no ascending numbers, one less than the letters each.</exception>
    internal static SymbolicFourier Of(double[][] cuts, int alphabet)
    {
        bool isGood = cuts.Length > 0 && cuts.All(own =>
            own.Length == alphabet - 1 && own.All(double.IsFinite) && own.Order().SequenceEqual(own));
        return isGood ? new(cuts, alphabet) : throw new ArgumentException("the cuts between letters are damaged");
    }

    /// <summary>Letters that there are.</summary>
    public int Alphabet { get; }

    /// <summary>Letters of a word.</summary>
    public int WordLength => cuts.Length;

    /// <summary>Different words that there are.</summary>
    public int Words => (int)Math.Pow(Alphabet, WordLength);

    /// <summary>
    /// The real and imaginary parts of the lowest frequencies after the constant one, over the window's length, after the window was
    /// brought to mean 0 and (population) deviation 1. A window of one value has coefficients 0.
    /// </summary>
    /// <param name="window">Samples, at least <paramref name="count"/> + 1.</param>
    /// <param name="count">How many numbers; even.</param>
    /// <exception cref="ArgumentException">The window is too short for so many, or the count is odd.</exception>
    public static double[] Coefficients(ReadOnlySpan<double> window, int count)
    {
        if (count < 2 || count % 2 != 0 || window.Length <= count)
        {
            throw new ArgumentException(
                $"a window of {window.Length} samples has no {count} coefficients: an even number below its length is wanted");
        }

        double mean = 0, square = 0;
        foreach (double value in window) mean += value / window.Length;
        foreach (double value in window) square += (value - mean) * (value - mean) / window.Length;
        double scale = square > 0 ? 1 / Math.Sqrt(square) / window.Length : 0;
        var coefficients = new double[count];
        for (int harmonic = 1; harmonic <= count / 2; harmonic++)
        {
            double turn = -2 * Math.PI * harmonic / window.Length, real = 0, imaginary = 0;
            for (int k = 0; k < window.Length; k++)
            {
                real += (window[k] - mean) * Math.Cos(turn * k);
                imaginary += (window[k] - mean) * Math.Sin(turn * k);
            }

            (coefficients[(2 * harmonic) - 2], coefficients[(2 * harmonic) - 1]) = (real * scale, imaginary * scale);
        }

        return coefficients;
    }

    /// <summary>Learns the cuts, so that each letter is as frequent as any other among these windows.</summary>
    /// <param name="coefficients">Of the training windows, one array each, all of one length.</param>
    /// <param name="alphabet">Letters, 2 at least.</param>
    /// <exception cref="ArgumentException">There are no windows, or too many words to be counted.</exception>
    public static SymbolicFourier Fit(IReadOnlyList<double[]> coefficients, int alphabet)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(alphabet, 2);
        if (coefficients.Count == 0) throw new ArgumentException("cuts are learnt from windows, and there are none");
        int length = coefficients[0].Length;
        if (Math.Pow(alphabet, length) > 1 << 24)
        {
            throw new ArgumentException($"{length} letters of {alphabet} make too many words: shorten one");
        }

        double[][] cuts = [.. Enumerable.Range(0, length).Select(place =>
        {
            double[] sorted = [.. coefficients.Select(row => row[place]).Order()];
            return (double[])[.. Enumerable.Range(1, alphabet - 1).Select(k => sorted[Cut(k, sorted.Length, alphabet)])];
        })];
        return new SymbolicFourier(cuts, alphabet);
    }

    /// <summary>The letters of a window, 0 for the least: how many cuts do not exceed each coefficient.</summary>
    public int[] Letters(ReadOnlySpan<double> coefficients)
    {
        var letters = new int[WordLength];
        for (int place = 0; place < letters.Length; place++)
        {
            foreach (double cut in cuts[place])
            {
                if (cut <= coefficients[place]) letters[place]++;
            }
        }

        return letters;
    }

    /// <summary>The word of letters as a number, the first letter its lowest digit.</summary>
    public int Word(ReadOnlySpan<int> letters)
    {
        int word = 0;
        for (int place = letters.Length - 1; place >= 0; place--) word = (word * Alphabet) + letters[place];
        return word;
    }

    private static int Cut(int k, int count, int alphabet) => Math.Min(count - 1, (int)Math.Round((double)count * k / alphabet));
}
