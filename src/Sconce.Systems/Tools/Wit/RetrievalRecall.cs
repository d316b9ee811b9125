namespace Sconce.Systems.Tools.Wit;

/// <summary>
/// How well likenesses find what belongs together. A query's rank counts the wrong candidates that are as like or liker than its best right
/// one, so a tie counts against it.
/// </summary>
public sealed class RetrievalRecall
{
    private RetrievalRecall(int[] ranks) => Ranks = ranks;

    /// <summary>Of each query, 0 for the best.</summary>
    public IReadOnlyList<int> Ranks { get; }

    /// <summary>The lower middle rank, counted from 1.</summary>
    public int MedianRank => Ranks.Order().ElementAt((Ranks.Count - 1) / 2) + 1;

    /// <summary>The mean of 1 / rank, counted from 1.</summary>
    public double MeanReciprocalRank => Ranks.Average(rank => 1.0 / (rank + 1));

    /// <summary>The share of queries with a right candidate among the first k.</summary>
    public double At(int k) => Ranks.Count(rank => rank < k) / (double)Ranks.Count;

    /// <summary>Queries look for candidates; a query may have several right ones, and needs one.</summary>
    /// <param name="similarities">Row by row, a row for each query.</param>
    /// <param name="owners">The query that each candidate belongs to.</param>
    /// <exception cref="ArgumentException">The numbers do not go together, or a query has no candidate.</exception>
    public static RetrievalRecall OfQueries(ReadOnlySpan<double> similarities, ReadOnlySpan<int> owners)
    {
        int queries = Queries(similarities, owners);
        var ranks = new int[queries];
        for (int query = 0; query < queries; query++)
        {
            var row = similarities.Slice(query * owners.Length, owners.Length);
            double best = double.NegativeInfinity;
            bool found = false;
            for (int candidate = 0; candidate < row.Length; candidate++)
            {
                if (owners[candidate] != query) continue;
                best = Math.Max(best, row[candidate]);
                found = true;
            }

            if (!found) throw new ArgumentException($"query {query} has no right candidate");
            for (int candidate = 0; candidate < row.Length; candidate++)
            {
                if (owners[candidate] != query && row[candidate] >= best) ranks[query]++;
            }
        }

        return new(ranks);
    }

    /// <summary>Candidates look for the query they belong to.</summary>
    /// <param name="similarities">Row by row, a row for each query.</param>
    /// <param name="owners">The query that each candidate belongs to.</param>
    public static RetrievalRecall OfCandidates(ReadOnlySpan<double> similarities, ReadOnlySpan<int> owners)
    {
        int queries = Queries(similarities, owners);
        var ranks = new int[owners.Length];
        for (int candidate = 0; candidate < owners.Length; candidate++)
        {
            double own = similarities[(owners[candidate] * owners.Length) + candidate];
            for (int query = 0; query < queries; query++)
            {
                if (query != owners[candidate] && similarities[(query * owners.Length) + candidate] >= own) ranks[candidate]++;
            }
        }

        return new(ranks);
    }

    private static int Queries(ReadOnlySpan<double> similarities, ReadOnlySpan<int> owners)
    {
        if (owners.Length == 0 || similarities.Length % owners.Length != 0)
        {
            throw new ArgumentException($"{similarities.Length} likenesses are no table of {owners.Length} candidates");
        }

        int queries = similarities.Length / owners.Length;
        foreach (int owner in owners)
        {
            if (owner < 0 || owner >= queries)
            {
                throw new ArgumentException($"a candidate belongs to query {owner}, but there are {queries}");
            }
        }

        return queries;
    }
}
