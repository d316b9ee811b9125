namespace Sconce.Nn.Detection;

/// <summary>A random choice of references with at most a share of positives. 1506.01497 §3.1.3, 1504.08083 §2.3.</summary>
/// <param name="Count">References a picture.</param>
/// <param name="PositiveShare">Of them, at most.</param>
public sealed record BalancedSampling(int Count, double PositiveShare)
{
    /// <summary>The numbers of the chosen positives and of the chosen negatives, ascending.</summary>
    /// <param name="labels">Of each reference: 1 for a positive, 0 for a negative, anything else for neither.</param>
    /// <param name="random">Draws.</param>
    public (long[] Positives, long[] Negatives) Draw(IReadOnlyList<int> labels, Random random)
    {
        long[] positives = Numbers(labels, 1), negatives = Numbers(labels, 0);
        random.Shuffle(positives);
        random.Shuffle(negatives);
        int wanted = Math.Min(positives.Length, (int)(Count * PositiveShare));
        int others = Math.Min(negatives.Length, Count - wanted);
        return ([.. positives[..wanted].Order()], [.. negatives[..others].Order()]);
    }

    private static long[] Numbers(IReadOnlyList<int> labels, int wanted) =>
        [.. labels.Select((label, number) => (label, number)).Where(pair => pair.label == wanted).Select(pair => (long)pair.number)];
}
