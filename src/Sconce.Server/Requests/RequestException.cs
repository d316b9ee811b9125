namespace Sconce.Server.Requests;

/// <summary>A request that cannot be answered as it is: its status says why, its message what would be right.</summary>
/// <param name="status">Of HTTP, 400 to 599.</param>
/// <param name="message">One line.</param>
internal sealed class RequestException(int status, string message) : Exception(message)
{
    /// <summary>Of HTTP.</summary>
    public int Status => status;

    /// <summary>The setting that is at fault; null for another fault.</summary>
    public string? Setting { get; init; }

    /// <summary>When to ask again.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
