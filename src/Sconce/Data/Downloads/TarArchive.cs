using System.Formats.Tar;
using System.IO.Compression;
using Sconce.Files;

namespace Sconce.Data.Downloads;

/// <summary>Unpacks <c>.tar</c>, <c>.tar.gz</c> and <c>.tgz</c>: files and folders only, none outside the target; the target appears whole
/// or not at all.</summary>
public static class TarArchive
{
    private const int ReportEvery = 100;

    /// <summary>Unpacks an archive.</summary>
    /// <param name="archive">The file.</param>
    /// <param name="target">A folder that does not exist yet.</param>
    /// <param name="progress">Files so far.</param>
    /// <param name="cancellationToken">Nothing is left where it ends the work.</param>
    /// <exception cref="DataException">The archive is damaged, holds links or names outside of it, or the target exists or cannot be
    /// written.</exception>
    public static async Task UnpackAsync(string archive, string target, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (Path.Exists(target))
            throw new DataException(target, "it exists already, and nothing is unpacked over it: remove it first");
        var partial = $"{target}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(partial);
            await using var file = RegularFile.Open(archive, FileOptions.SequentialScan | FileOptions.Asynchronous);
            await using var stream = IsZipped(file) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            await using var reader = new TarReader(stream);
            await WriteAsync(reader, archive, partial, progress, cancellationToken).ConfigureAwait(false);
            Directory.Move(partial, target);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new DataException(archive,
                $"the archive is damaged or cut short ({e.Message.TrimEnd('.')}): remove it, and it is downloaded again", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(archive, $"it cannot be unpacked to {target}: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    /// <summary>What .NET's reader makes of headers that hold no octal number, a time or a size beyond its types, or a name that no file
    /// can have.</summary>
    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException
        or NotSupportedException or InvalidOperationException;

    private static async Task WriteAsync(TarReader reader, string archive, string folder, IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken)
    {
        var files = 0;
        while (await reader.GetNextEntryAsync(cancellationToken: cancellationToken).ConfigureAwait(false) is { } entry)
        {
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes or TarEntryType.ExtendedAttributes)
                continue;
            if (entry.Name is "." or "./")
                continue;
            var path = DataFiles.Within(folder, entry.Name.TrimEnd('/'), archive);
            if (entry.EntryType == TarEntryType.Directory)
            {
                Directory.CreateDirectory(path);
                continue;
            }
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                throw new DataException(archive, $"the entry '{entry.Name}' is a {entry.EntryType}: only files and folders are unpacked");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using (var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                if (entry.DataStream is { } data)
                    await data.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            }
            if (++files % ReportEvery == 0)
                progress?.Report(new WorkProgress($"unpacking {Path.GetFileName(archive)}", files, 0, $"{files} files"));
        }
        if (files == 0)
            throw new DataException(archive, "no file is in the archive");
    }

    private static bool IsZipped(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        var read = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && start[0] == 0x1F && start[1] == 0x8B;
    }
}
