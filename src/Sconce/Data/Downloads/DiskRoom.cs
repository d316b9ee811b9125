namespace Sconce.Data.Downloads;

/// <summary>Holds a download to the room that is left where its file lies.</summary>
/// <param name="freeSpace">Free bytes where a path lies.</param>
internal sealed class DiskRoom(Func<string, long> freeSpace)
{
    private const int DiskFull = 28;                              // ENOSPC
    private const int DiskFullOnWindows = unchecked((int)0x80070070);
    private const long SpaceLeftOver = 64L << 20;                 // a disk filled to the last byte helps nobody

    /// <summary>What to do about a full disk.</summary>
    public const string Remedy = $"free some, or set {CacheFolder.Variable} to a folder elsewhere";

    /// <summary>Bytes that may come of a file whose length is unknown before the room is looked at again.</summary>
    public const long Unseen = SpaceLeftOver / 4;

    /// <summary>Whether a fault says that the disk is full.</summary>
    public static bool IsWantOf(Exception fault) => fault.HResult is DiskFull or DiskFullOnWindows;

    /// <summary>Before the rest of a file whose length is known comes.</summary>
    /// <exception cref="DownloadException">There is too little room for it.</exception>
    public void RequireForRest(Uri address, PartialFile file, long whole)
    {
        long needed = whole - file.Length, free = freeSpace(file.Target);
        if (free < needed + Math.Min(needed, SpaceLeftOver))
        {
            throw new DownloadException(
                address, $"{needed:N0} bytes are needed, and {free:N0} are free where {file.Target} lies: {Remedy}");
        }
    }

    /// <summary>While a file whose length is unknown comes.</summary>
    /// <exception cref="DownloadException">Too little room is left.</exception>
    public void RequireMore(Uri address, PartialFile file)
    {
        if (freeSpace(file.Target) < SpaceLeftOver)
        {
            throw new DownloadException(
                address, $"no space is left where {file.Target} lies after {file.Length:N0} bytes: {Remedy}");
        }
    }
}
