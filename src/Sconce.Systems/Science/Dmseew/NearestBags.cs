namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// The central stage: the class of most of the k nearest bags. Where classes have as many votes, the nearest of their bags decides.
/// </summary>
/// <param name="bags">Of the events it learnt from.</param>
/// <param name="labels">Their classes.</param>
/// <param name="classes">How many classes.</param>
/// <param name="k">Neighbours asked; all, where there are fewer.</param>
public sealed class NearestBags(IReadOnlyList<double[]> bags, IReadOnlyList<int> labels, int classes, int k = 5)
{
    /// <summary>The Euclidean distances of a bag to those learnt.</summary>
    /// <remarks>In single precision with fused steps, as libtorch has them, so that bags equally far are told apart as there.</remarks>
    public double[] Distances(ReadOnlySpan<double> bag)
    {
        var distances = new double[bags.Count];
        for (int row = 0; row < distances.Length; row++)
        {
            float sum = 0;
            for (int place = 0; place < bag.Length; place++)
            {
                float difference = (float)bag[place] - (float)bags[row][place];
                sum = MathF.FusedMultiplyAdd(difference, difference, sum);
            }

            distances[row] = MathF.Sqrt(sum);
        }

        return distances;
    }

    /// <summary>How many of the k nearest bags are of each class.</summary>
    public int[] Votes(ReadOnlySpan<double> bag)
    {
        var votes = new int[classes];
        foreach (int row in Nearest(bag)) votes[labels[row]]++;
        return votes;
    }

    /// <summary>The class of an event.</summary>
    public int Classify(ReadOnlySpan<double> bag)
    {
        int[] votes = Votes(bag);
        int most = votes.Max();
        return labels[Nearest(bag).First(row => votes[labels[row]] == most)];
    }

    private IEnumerable<int> Nearest(ReadOnlySpan<double> bag)
    {
        double[] distances = Distances(bag);
        return Enumerable.Range(0, distances.Length).OrderBy(row => distances[row]).Take(k);
    }
}
