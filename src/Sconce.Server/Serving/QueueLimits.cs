namespace Sconce.Server.Serving;

/// <summary>How much a queue takes on.</summary>
/// <param name="Bound">Questions that may wait.</param>
/// <param name="Most">Questions in a batch.</param>
/// <param name="LongestWait">How long a batch waits for questions that are on their way.</param>
internal sealed record QueueLimits(int Bound, int Most, TimeSpan LongestWait);

/// <summary>The queue is full: ask again after a while.</summary>
/// <param name="retryAfter">How long its work will take, as far as can be told.</param>
internal sealed class QueueFullException(TimeSpan retryAfter) : Exception("the queue is full")
{
    /// <summary>How long its work will take, as far as can be told.</summary>
    public TimeSpan RetryAfter => retryAfter;
}

/// <summary>A question had no answer within its time.</summary>
internal sealed class DeadlineException(TimeSpan deadline) : Exception($"there was no answer within {deadline.TotalSeconds:0.###} s")
{
}

/// <summary>What happens in a queue, for figures.</summary>
internal interface IQueueWatcher
{
    /// <summary>So many were asked together.</summary>
    void Batched(int size);

    /// <summary>A question waited so long before it was asked.</summary>
    void Waited(TimeSpan time);
}
