using System.Diagnostics;

namespace Sconce.Server.Serving;

/// <summary>
/// A bounded queue in front of something that answers several questions at once. Its worker takes what waits, up to a batch, in order;
/// while further questions are announced it waits a little for them. A question that is cancelled leaves the queue, and one that
/// cannot be answered does not harm those that were asked together with it.
/// </summary>
internal sealed class BatchQueue<TQuestion, TAnswer> : IDisposable
{
    private readonly QueueLimits limits;
    private readonly Func<IReadOnlyList<TQuestion>, CancellationToken, IReadOnlyList<TAnswer>> answer;
    private readonly Func<TQuestion, TQuestion, bool> together;
    private readonly IQueueWatcher? watcher;
    private readonly LinkedList<Entry> waiting = [];
    private readonly Lock gate = new();
    private readonly SemaphoreSlim changed = new(0);
    private readonly Thread[] workers;
    private int announced;
    private double secondsPerQuestion = 0.01;
    private volatile bool closed;

    /// <summary>Starts it.</summary>
    /// <param name="name">Of its threads.</param>
    /// <param name="limits">How much it takes on.</param>
    /// <param name="answer">Answers a batch, in its order; called by one thread at a time.</param>
    /// <param name="together">Whether two questions may be in one batch.</param>
    /// <param name="watcher">Told what happens.</param>
    public BatchQueue(
        string name,
        QueueLimits limits,
        Func<IReadOnlyList<TQuestion>, CancellationToken, IReadOnlyList<TAnswer>> answer,
        Func<TQuestion, TQuestion, bool> together,
        IQueueWatcher? watcher = null)
    {
        (this.limits, this.answer, this.together, this.watcher) = (limits, answer, together, watcher);
        workers = [new Thread(Work) { IsBackground = true, Name = name }];
        foreach (var worker in workers) worker.Start();
    }

    /// <summary>Questions that wait now.</summary>
    public int Count
    {
        get
        {
            lock (gate) return waiting.Count;
        }
    }

    /// <summary>Says that a question is on its way; a batch may wait for it until the announcement is disposed.</summary>
    public Announcement Announce()
    {
        Interlocked.Increment(ref announced);
        return new Announcement(this);
    }

    /// <summary>Asks.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellation">Takes it out of the queue, or ends its answering.</param>
    /// <exception cref="QueueFullException">As many wait as may.</exception>
    public Task<TAnswer> Ask(TQuestion question, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var entry = new Entry(question, cancellation);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (waiting.Count >= limits.Bound) throw new QueueFullException(TimeSpan.FromSeconds(waiting.Count * secondsPerQuestion));
            entry.Node = waiting.AddLast(entry);
        }

        entry.Registration = cancellation.UnsafeRegister(static (state, token) => ((Leaving)state!).Run(token), new Leaving(this, entry));
        changed.Release();
        return entry.Answer.Task;
    }

    /// <summary>Ends the workers after what they are at; what still waits is cancelled.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closed) return;
            closed = true;
        }

        changed.Release(workers.Length);
        foreach (var worker in workers) worker.Join();
        lock (gate)
        {
            foreach (var entry in waiting) entry.Answer.TrySetCanceled();
            waiting.Clear();
        }
    }

    private void Work()
    {
        while (true)
        {
            changed.Wait();
            if (closed) return;
            var batch = Gather();
            if (batch.Count > 0) Answer(batch);
        }
    }

    private List<Entry> Gather()
    {
        var batch = new List<Entry>(limits.Most);
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            bool others = Take(batch);
            if (batch.Count == 0 || batch.Count >= limits.Most || others || Volatile.Read(ref announced) == 0 || closed) return batch;
            var left = limits.LongestWait - Stopwatch.GetElapsedTime(began);
            // The count of changes is only a wake-up: what is taken early leaves one too many, which finds nothing and goes on.
            if (left <= TimeSpan.Zero || !changed.Wait(left)) return batch;
        }
    }

    /// <summary>Takes what may be asked together; true where others wait, for whom the worker then comes back.</summary>
    private bool Take(List<Entry> batch)
    {
        lock (gate)
        {
            for (var node = waiting.First; node is not null && batch.Count < limits.Most;)
            {
                var next = node.Next;
                if (batch.Count == 0 || together(batch[0].Question, node.Value.Question))
                {
                    waiting.Remove(node);
                    node.Value.Node = null;
                    batch.Add(node.Value);
                }

                node = next;
            }

            if (waiting.Count > 0 && changed.CurrentCount == 0) changed.Release();
            return waiting.Count > 0;
        }
    }

    private void Answer(List<Entry> batch)
    {
        foreach (var entry in batch) watcher?.Waited(Stopwatch.GetElapsedTime(entry.Asked));
        watcher?.Batched(batch.Count);
        long began = Stopwatch.GetTimestamp();
        if (batch.Count == 1 || !TryTogether(batch)) foreach (var entry in batch) Alone(entry);
        double each = Stopwatch.GetElapsedTime(began).TotalSeconds / batch.Count;
        lock (gate) secondsPerQuestion += 0.1 * (each - secondsPerQuestion);
        foreach (var entry in batch) entry.Registration.Dispose();
    }

    /// <summary>False where the batch has to be asked one by one: one of its questions has no answer, or was cancelled.</summary>
    private bool TryTogether(List<Entry> batch)
    {
        try
        {
            var answers = answer([.. batch.Select(entry => entry.Question)], CancellationToken.None);
            for (int k = 0; k < batch.Count; k++) batch[k].Answer.TrySetResult(answers[k]);
            return true;
        }
        catch (Exception)
        {
            // Whatever it was, it shows again when its own question is asked alone, and is that question's answer.
            return false;
        }
    }

    private void Alone(Entry entry)
    {
        if (entry.Cancellation.IsCancellationRequested)
        {
            entry.Answer.TrySetCanceled(entry.Cancellation);
            return;
        }

        try
        {
            entry.Answer.TrySetResult(answer([entry.Question], entry.Cancellation)[0]);
        }
        catch (OperationCanceledException)
        {
            entry.Answer.TrySetCanceled(entry.Cancellation);
        }
        catch (Exception fault)
        {
            entry.Answer.TrySetException(fault);   // whoever asked is told
        }
    }

    private void Leave(Entry entry, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (entry.Node is { } node) waiting.Remove(node);
            entry.Node = null;
        }

        entry.Answer.TrySetCanceled(cancellation);
    }

    /// <summary>A question that is on its way.</summary>
    public sealed class Announcement(BatchQueue<TQuestion, TAnswer> queue) : IDisposable
    {
        private int ended;

        /// <summary>It has come, or will not.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) != 0) return;
            if (Interlocked.Decrement(ref queue.announced) == 0) queue.changed.Release();
        }
    }

    private sealed class Entry(TQuestion question, CancellationToken cancellation)
    {
        public TQuestion Question => question;

        public CancellationToken Cancellation => cancellation;

        public long Asked { get; } = Stopwatch.GetTimestamp();

        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Entry>? Node { get; set; }

        public CancellationTokenRegistration Registration { get; set; }
    }

    private sealed record Leaving(BatchQueue<TQuestion, TAnswer> Queue, Entry Entry)
    {
        public void Run(CancellationToken cancellation) => Queue.Leave(Entry, cancellation);
    }
}
