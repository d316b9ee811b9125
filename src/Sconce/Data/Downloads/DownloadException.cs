namespace Sconce.Data.Downloads;

/// <summary>A download failed. The message names the address, the fault, and what to do next; nothing lies under the target's name that was
/// not there before.</summary>
public sealed class DownloadException : IOException
{
    /// <summary>Makes one.</summary>
    public DownloadException(Uri address, string fault, Exception? inner = null)
        : base($"{address}: {fault}", inner) => Address = address;

    /// <summary>What was asked for.</summary>
    public Uri Address { get; }
}
