using System.IO.MemoryMappedFiles;
using Sconce.Files;

namespace Sconce.Weights;

/// <summary>A file in read-only memory-mapped form. Its pages come from the disk cache, so that reading large weights does not double
/// memory.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    readonly MemoryMappedFile map;
    readonly MemoryMappedViewAccessor view;
    byte* pointer;

    MappedFile(MemoryMappedFile map, long length)
    {
        this.map = map;
        Length = length;
        view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        pointer += view.PointerOffset;
    }

    public long Length { get; }

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer is null, this);
            return pointer;
        }
    }

    public static MappedFile Open(string path)
    {
        try
        {
            var stream = RegularFile.Open(path);
            if (stream.Length == 0)
            {
                stream.Dispose();
                throw new CheckpointException(path, "is empty (0 bytes). Download or copy it again.");
            }
            var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
                leaveOpen: false);
            return new MappedFile(map, stream.Length);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "there is no such file." + Neighbours(path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            var what = Directory.Exists(path) ? "is a folder; name a file inside it." : $"cannot be opened: {e.Message}";
            throw new CheckpointException(path, what, e);
        }
    }

    /// <summary>A part of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the file.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new ReadOnlySpan<byte>(Pointer + offset, length);
    }

    public void Dispose()
    {
        if (pointer is null)
            return;
        pointer = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
    }

    static string Neighbours(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is null || !Directory.Exists(folder))
            return $" Nor is there a folder {folder}.";
        try
        {
            var names = Directory.EnumerateFiles(folder).Take(1000).Select(f => Path.GetFileName(f));
            return NearestNames.Suggest(Path.GetFileName(path), names) is { Length: > 0 } hint ? " " + hint : " Check the path.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return " Check the path.";
        }
    }
}
