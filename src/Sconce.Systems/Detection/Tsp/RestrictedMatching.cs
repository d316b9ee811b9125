namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// Bipartite matching where an object may only take predictions that are its own already by place or overlap: each takes the cheapest of
/// them,
/// the first of equals; an object without any takes none. 2011.10881 §4.4.
/// </summary>
internal static class RestrictedMatching
{
    /// <summary>The taken predictions.</summary>
    /// <param name="owners">Of each prediction: its object's number, negative for none.</param>
    /// <param name="costs">Of each prediction, were its object to take it.</param>
    internal static long[] Match(ReadOnlySpan<long> owners, ReadOnlySpan<float> costs)
    {
        var cheapest = new Dictionary<long, int>();
        for (int k = 0; k < owners.Length; k++)
        {
            if (owners[k] < 0) continue;
            if (!cheapest.TryGetValue(owners[k], out int rival) || costs[k] < costs[rival]) cheapest[owners[k]] = k;
        }

        return [.. cheapest.Values.Select(k => (long)k).Order()];
    }
}
