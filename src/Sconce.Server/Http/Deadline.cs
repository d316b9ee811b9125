using Microsoft.AspNetCore.Http;
using Sconce.Server.Serving;

namespace Sconce.Server.Http;

/// <summary>The time within which a question has its answer; it ends with its client too.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeSpan time;
    private readonly CancellationToken gone;
    private readonly CancellationTokenSource source;

    /// <summary>It begins.</summary>
    public Deadline(HttpContext context, ServerSettings settings)
    {
        (time, gone) = (TimeSpan.FromSeconds(settings.Deadline), context.RequestAborted);
        source = CancellationTokenSource.CreateLinkedTokenSource(gone);
        source.CancelAfter(time);
    }

    /// <summary>Cancelled when the time is over, or the client away.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Does something that ends when the time is over.</summary>
    /// <exception cref="DeadlineException">It is over.</exception>
    public async Task<T> Within<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(Token);
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            throw new DeadlineException(time);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}
