namespace Sconce.Files;

/// <summary>Writes a file so that its name holds the old content or the new, never a part: beside the target, flushed to the disk, then
/// renamed.</summary>
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
        ArgumentNullException.ThrowIfNull(write);
        Beside(
            path,
            temporary =>
            {
                using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
                write(stream);
                cancellationToken.ThrowIfCancellationRequested();
                stream.Flush(flushToDisk: true);
            },
            cancellationToken);
    }

    /// <summary>Lets another program write a file whole, or leaves what was there.</summary>
    /// <param name="path">The file; where it is a link, what it points at is replaced, not the link.</param>
    /// <param name="write">Writes the file that it is given the path of, in the target's folder.</param>
    /// <param name="cancellationToken">Asked before and after <paramref name="write"/>.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing …: nothing was changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written: nothing was changed.</exception>
    public static void WriteBy(string path, Action<string> write, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        Beside(
            path,
            temporary =>
            {
                // The name is taken here, so that the folder's faults are told as .NET tells them.
                using (new FileStream(temporary, FileMode.CreateNew))
                {
                }

                write(temporary);
                cancellationToken.ThrowIfCancellationRequested();
                using var stream = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite);
                stream.Flush(flushToDisk: true);
            },
            cancellationToken);
    }

    /// <summary>Writes bytes whole, or leaves what was there.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        Write(path, stream => stream.Write(content.Span), cancellationToken);

    private static void Beside(string path, Action<string> fill, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        cancellationToken.ThrowIfCancellationRequested();
        string? beside = null;
        try
        {
            var link = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true) : null;
            string target = link?.FullName ?? Path.GetFullPath(path);
            beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
            fill(beside);
            File.Move(beside, target, overwrite: true);
            beside = null;
        }
        catch (ArgumentOutOfRangeException error) when (error.ParamName == "value")
        {
            // What .NET makes of EFBIG, a limit of the file system or of the process.
            throw new IOException($"the file would be larger than may be written here: {error.Message}", error);
        }
        finally
        {
            if (beside is not null && File.Exists(beside)) File.Delete(beside);
        }
    }
}
