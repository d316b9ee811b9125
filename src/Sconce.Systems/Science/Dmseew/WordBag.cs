namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// WEASEL+MUSE's words: of each component and its differences, of windows of several lengths at every place, the word that symbolic Fourier
/// approximation makes, and pairs of words of neighbouring windows. Those that tell of the class by chi-squared stay. 1711.11343 §4.
/// </summary>
internal sealed class WordBag
{
    private const int Letters = 4, Alphabet = 4, MostFeatures = 2000;
    private const double LeastStatistic = 2;
    private static readonly int[] Lengths = [8, 16, 32, 64];
    private readonly SymbolicFourier?[] fourier; // of each component or differences, and each length
    private readonly Dictionary<long, int> places;

    private WordBag(SymbolicFourier?[] fourier, IEnumerable<long> features)
    {
        this.fourier = fourier;
        places = features.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    }

    /// <summary>Words and pairs that are counted, in the order of the counts.</summary>
    public IReadOnlyList<long> Features => [.. places.OrderBy(entry => entry.Value).Select(entry => entry.Key)];

    /// <summary>The cuts between letters, of each component or differences and each length; null where there was none.</summary>
    public double[][]?[] Cuts => [.. fourier.Select(one => one?.Cuts.Select(cuts => cuts.ToArray()).ToArray())];

    /// <summary>A bag that was learnt before.</summary>
    public static WordBag Of(double[][]?[] cuts, IReadOnlyList<long> features) =>
        new([.. cuts.Select(one => one is null ? null : SymbolicFourier.Of(one, Alphabet))], features);

    /// <summary>Learns the cuts and chooses the words.</summary>
    /// <param name="windows">Of one kind of station.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="cancellation">Ends it.</param>
    public static WordBag Fit(IReadOnlyList<SensorWindow> windows, IReadOnlyList<int> labels, int classes, CancellationToken cancellation)
    {
        var fourier = new SymbolicFourier?[2 * SensorReadings.Components * Lengths.Length];
        for (int k = 0; k < fourier.Length; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            int length = Lengths[k % Lengths.Length];
            var table = new FourierWindow(length, Letters);
            double[][] seen =
            [
                .. windows.Select(window => Series(window, k / Lengths.Length)).Where(series => series.Length >= length)
                    .SelectMany(series => Enumerable.Range(0, series.Length / length)
                        .Select(place => table.Coefficients(series.AsSpan(place * length, length)))),
            ];
            if (seen.Length > 0) fourier[k] = SymbolicFourier.Fit(seen, Alphabet);
        }

        var all = new WordBag(fourier, []);
        var counts = new List<Dictionary<long, int>>();
        foreach (var window in windows)
        {
            cancellation.ThrowIfCancellationRequested();
            counts.Add(all.Words(window));
        }

        var telling = ChiSquared.OfSparse(counts, labels, classes).Where(entry => entry.Value > LeastStatistic)
            .OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).Take(MostFeatures);
        return new WordBag(fourier, telling.Select(entry => entry.Key));
    }

    /// <summary>How often each feature occurs.</summary>
    public double[] Count(SensorWindow window)
    {
        var counts = new double[places.Count];
        foreach (var (word, count) in Words(window))
        {
            if (places.TryGetValue(word, out int place)) counts[place] = count;
        }

        return counts;
    }

    private Dictionary<long, int> Words(SensorWindow window)
    {
        var counts = new Dictionary<long, int>();
        for (int k = 0; k < fourier.Length; k++)
        {
            double[] series = Series(window, k / Lengths.Length);
            int length = Lengths[k % Lengths.Length];
            if (fourier[k] is not { } symbols || series.Length < length) continue;
            var table = new FourierWindow(length, Letters);
            var words = new int[series.Length - length + 1];
            for (int place = 0; place < words.Length; place++)
            {
                words[place] = symbols.Word(symbols.Letters(table.Coefficients(series.AsSpan(place, length))));
                Add(k, words[place] + 1, 0);
                if (place >= length) Add(k, words[place] + 1, words[place - length] + 1); // a neighbour that does not overlap
            }
        }

        return counts;

        void Add(int where, long word, long before)
        {
            long key = (((long)where << 32) + (word << 16)) + before;
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>A component, or the differences of one.</summary>
    private static double[] Series(SensorWindow window, int number)
    {
        double[] values = window.Components[number / 2];
        if (number % 2 == 0 || values.Length == 0) return values;
        return [.. values.Skip(1).Zip(values, (next, value) => next - value)];
    }
}

/// <summary>
/// The lowest frequencies of windows of one length, its sines and cosines kept: what <see cref="SymbolicFourier"/> calls
/// coefficients.
/// </summary>
internal sealed class FourierWindow
{
    private readonly double[] waves; // a cosine and a sine for each pair of coefficients
    private readonly int length, count;

    public FourierWindow(int length, int count)
    {
        (this.length, this.count) = (length, count);
        waves = new double[count * length];
        for (int k = 0; k < count; k++)
        {
            for (int at = 0; at < length; at++)
            {
                double turn = -2 * Math.PI * ((k / 2) + 1) * at / length;
                waves[(k * length) + at] = k % 2 == 0 ? Math.Cos(turn) : Math.Sin(turn);
            }
        }
    }

    /// <summary>Real and imaginary parts, of the window brought to mean 0 and deviation 1.</summary>
    public double[] Coefficients(ReadOnlySpan<double> window)
    {
        double mean = 0, square = 0;
        foreach (double value in window) mean += value / length;
        foreach (double value in window) square += (value - mean) * (value - mean) / length;
        double scale = square > 0 ? 1 / Math.Sqrt(square) / length : 0;
        var coefficients = new double[count];
        for (int k = 0; k < count; k++)
        {
            double sum = 0;
            var wave = waves.AsSpan(k * length, length);
            for (int at = 0; at < wave.Length; at++) sum += (window[at] - mean) * wave[at];
            coefficients[k] = sum * scale;
        }

        return coefficients;
    }
}
