namespace Sconce.Files;

/// <summary>Writes a file so that its name holds the old content or the new, never a part: beside the target, flushed to the disk, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file whole, or leaves what was there.</summary>
    /// <param name="path">The file; where it is a link, what it points at is replaced, not the link.</param>
    /// <param name="write">Fills the new file, from its start.</param>
    /// <param name="cancellationToken">Asked before and after <paramref name="write"/>.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing …: nothing was changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written: nothing was changed.</exception>
    public static void Write(string path, Action<FileStream> write, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        cancellationToken.ThrowIfCancellationRequested();
        string? beside = null;
        try
        {
            var target = File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } final ? final.FullName : Path.GetFullPath(path);
            var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                beside = temporary;
                write(stream);
                cancellationToken.ThrowIfCancellationRequested();
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
            beside = null;
        }
        catch (ArgumentOutOfRangeException error) when (error.ParamName == "value")
        {
            // What .NET makes of EFBIG, a limit of the file system or of the process.
            throw new IOException($"the file would be larger than may be written here: {error.Message}", error);
        }
        finally
        {
            if (beside is not null)
                File.Delete(beside);
        }
    }

    /// <summary>Writes bytes whole, or leaves what was there.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => Write(path, stream => stream.Write(content.Span), cancellationToken);
}
