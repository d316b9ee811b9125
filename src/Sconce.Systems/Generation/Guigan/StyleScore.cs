namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// How badly the sub-trees of a screen go together: low where clusters of their styles tell their apps apart, or where one app made all
/// of them. 2101.09978 §III-D; GUIGAN_main.py <c>get_cluster_score</c>.
/// </summary>
public static class StyleScore
{
    private const int MostRounds = 300;

    /// <summary>
    /// <c>1 − H(class | cluster) / H(class)</c>: 1 where every cluster holds one class, 0 where clusters say nothing. Rosenberg and
    /// Hirschberg 2007.
    /// </summary>
    /// <param name="classes">Of each item.</param>
    /// <param name="clusters">Of each item.</param>
    /// <exception cref="ArgumentException">They are not as many.</exception>
    public static double Homogeneity(IReadOnlyList<int> classes, IReadOnlyList<int> clusters)
    {
        if (classes.Count != clusters.Count)
        {
            throw new ArgumentException(
                $"homogeneity: {classes.Count} classes and {clusters.Count} clusters of the same items", nameof(clusters));
        }

        double entropy = Entropy(classes);
        if (entropy == 0) return 1;
        var groups = clusters.Zip(classes).GroupBy(pair => pair.First, pair => pair.Second).Select(group => group.ToList());
        return 1 - (groups.Sum(group => Entropy(group) * group.Count / classes.Count) / entropy);
    }

    /// <summary>The score of a screen whose clusters are known, in [0, 1]; lower is better.</summary>
    /// <param name="apps">The app from which each sub-tree comes.</param>
    /// <param name="clusters">The cluster of each sub-tree's style, as many clusters as apps.</param>
    public static double Of(IReadOnlyList<int> apps, IReadOnlyList<int> clusters) =>
        apps.Count <= 1 ? 1 : apps.Distinct().Count() == 1 ? 0 : Math.Exp(-Homogeneity(apps, clusters));

    /// <summary>
    /// The score of a screen: its sub-trees' places among styles are clustered first, into as many clusters as it has apps.
    /// </summary>
    /// <param name="apps">The app from which each sub-tree comes.</param>
    /// <param name="places">Of each sub-tree, by <see cref="StyleEmbedding"/>.</param>
    /// <param name="random">Draws the first centres.</param>
    public static double Of(IReadOnlyList<int> apps, IReadOnlyList<float[]> places, Random random) =>
        Of(apps, Clusters(places, apps.Distinct().Count(), random));

    /// <summary>k-means: each place's cluster. Lloyd 1982, from centres drawn as Arthur and Vassilvitskii 2007 have them.</summary>
    /// <param name="places">Points of one length.</param>
    /// <param name="count">Clusters; no more than points.</param>
    /// <param name="random">Draws the first centres.</param>
    public static int[] Clusters(IReadOnlyList<float[]> places, int count, Random random)
    {
        if (count < 1 || count > places.Count) throw new ArgumentOutOfRangeException(
            nameof(count), count, $"k-means of {places.Count} points");
        List<float[]> centres = [places[random.Next(places.Count)]];
        while (centres.Count < count) centres.Add(
            places[Drawn([.. places.Select(place => centres.Min(centre => Square(place, centre)))], random)]);
        var clusters = new int[places.Count];
        for (int round = 0; round < MostRounds; round++)
        {
            int[] next = [.. places.Select(place => centres.Index().MinBy(centre => Square(place, centre.Item)).Index)];
            if (round > 0 && next.SequenceEqual(clusters)) break;
            clusters = next;
            foreach (var group in clusters.Index().GroupBy(entry => entry.Item, entry => places[entry.Index]))
            {
                centres[group.Key] = [.. Enumerable.Range(0, centres[group.Key].Length).Select(k => group.Average(place => place[k]))];
            }
        }

        return clusters;
    }

    private static double Square(float[] first, float[] second) => first.Zip(second, (a, b) => (double)(a - b) * (a - b)).Sum();

    private static int Drawn(double[] weights, Random random)
    {
        double left = random.NextDouble() * weights.Sum();
        int last = Array.FindLastIndex(weights, weight => weight > 0);
        for (int k = 0; k < last; k++)
        {
            left -= weights[k];
            if (left < 0) return k;
        }

        return Math.Max(last, 0);
    }

    private static double Entropy(IReadOnlyCollection<int> classes)
    {
        return classes.CountBy(value => value).Sum(group => Part(group.Value / (double)classes.Count));

        static double Part(double share) => -share * Math.Log(share);
    }
}
