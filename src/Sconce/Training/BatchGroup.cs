namespace Sconce.Training;

/// <summary>Batches that belong together, those of one step say, and are freed together.</summary>
/// <typeparam name="TBatch">A batch, disposed where it can be.</typeparam>
public sealed class BatchGroup<TBatch> : IDisposable
{
    private readonly List<TBatch> batches = [];

    internal BatchGroup()
    {
    }

    /// <summary>The batches in the order in which they came; none after the group was disposed.</summary>
    public IReadOnlyList<TBatch> Batches => batches;

    internal void Add(TBatch batch) => batches.Add(batch);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in batches) (batch as IDisposable)?.Dispose();
        batches.Clear();
    }
}
