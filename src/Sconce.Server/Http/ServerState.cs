using Sconce.Server.Requests;

namespace Sconce.Server.Http;

/// <summary>Whether the server takes questions, and how many it is at.</summary>
internal sealed class ServerState
{
    private int active;
    private volatile bool isDraining;

    /// <summary>Of this build.</summary>
    public static string Version { get; } = typeof(ServerState).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Whether questions are taken.</summary>
    public bool IsReady => !isDraining;

    /// <summary>Questions that were taken and have no answer yet.</summary>
    public int Active => Volatile.Read(ref active);

    /// <summary>From now on nothing new is taken.</summary>
    public void Drain() => isDraining = true;

    /// <summary>Refuses a question while the server is stopping.</summary>
    /// <exception cref="RequestException">It is.</exception>
    public void Refuse()
    {
        if (isDraining) throw new RequestException(503, "the server is stopping") { RetryAfter = TimeSpan.FromSeconds(1) };
    }

    /// <summary>A request is in the house until this is disposed.</summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref active);
        return new Stay(this);
    }

    private sealed class Stay(ServerState state) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref state.active);
    }
}
