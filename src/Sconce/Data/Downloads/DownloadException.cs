namespace Sconce.Data.Downloads;

/// <summary>A download failed. The message names the address, the fault, and what to do next; nothing lies under the target's name that was
/// not there before.</summary>
public sealed class DownloadException : IOException
{
    /// <summary>Makes one.</summary>
    public DownloadException(Uri address, string fault, Exception? inner = null)
        : base($"{address}: {fault}", inner) => (Address, Fault) = (address, fault);

    /// <summary>What was asked for.</summary>
    public Uri Address { get; }

    /// <summary>The message without the address.</summary>
    public string Fault { get; }
}
