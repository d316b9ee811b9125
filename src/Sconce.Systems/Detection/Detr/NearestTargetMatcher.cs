namespace Sconce.Systems.Detection.Detr;

/// <summary>The claim's baseline: each query answers for the object that is cheapest for it, as long as it is among the cheaper half of the
/// queries; so an object has many.</summary>
internal sealed class NearestTargetMatcher : QueryMatcher
{
    /// <inheritdoc/>
    protected override IReadOnlyList<(int Query, int Target)> Match(ReadOnlySpan<double> cost, int queries, int targets)
    {
        var nearest = new List<(int Query, int Target, double Cost)>();
        for (int query = 0; query < queries; query++)
        {
            var row = cost.Slice(query * targets, targets);
            int best = 0;
            for (int target = 1; target < targets; target++)
            {
                if (row[target] < row[best]) best = target;
            }

            nearest.Add((query, best, row[best]));
        }

        return [.. nearest.OrderBy(pair => pair.Cost).Take(queries / 2).OrderBy(pair => pair.Query)
            .Select(pair => (pair.Query, pair.Target))];
    }
}
