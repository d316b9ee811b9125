using Sconce.Tables;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>All rows' bins, four features side by side in one word, so that a pass over a leaf's rows serves four histograms.</summary>
internal sealed class BinnedTable
{
    /// <summary>Features of a word.</summary>
    internal const int Group = 4;

    internal BinnedTable(FeatureMatrix features, TreeSettings settings)
    {
        Rows = features.Rows;
        Bins = new FeatureBins[features.Columns.Count];
        Words = [.. Enumerable.Range(0, (Bins.Length + Group - 1) / Group).Select(_ => new uint[Rows])];
        Parallel.For(0, Words.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Workers }, group =>
        {
            for (int feature = group * Group; feature < Math.Min(Bins.Length, (group + 1) * Group); feature++)
            {
                var column = features.Columns[feature];
                Bins[feature] = column.Kinds > 0
                    ? FeatureBins.OfCategory(column.Values, column.Kinds)
                    : FeatureBins.OfNumbers(column.Values, settings.MaxBins, new Random(settings.Seed + feature));
                Fill(column.Values, Bins[feature], Words[group], 8 * (feature % Group));
            }
        });
    }

    internal int Rows { get; }

    internal FeatureBins[] Bins { get; }

    /// <summary>One array a group of features, one word a row.</summary>
    internal uint[][] Words { get; }

    /// <summary>A row's bin.</summary>
    internal int BinOf(int row, int feature) => (int)(Words[feature / Group][row] >> (8 * (feature % Group))) & 255;

    private static void Fill(ReadOnlySpan<double> values, FeatureBins bins, uint[] words, int shift)
    {
        for (int row = 0; row < values.Length; row++) words[row] |= (uint)bins.Of(values[row]) << shift;
    }
}
