using System.Runtime.InteropServices;
using System.Text;

namespace Sconce.Files;

/// <summary>
/// Opens what is a file on a disk and nothing else. A named pipe without a writer would keep a reader waiting for ever, a device may
/// answer without end
/// (<c>/dev/zero</c>) or do something when it is opened, and so would a link to either: each is refused before it is opened.
/// </summary>
public static partial class RegularFile
{
    // <sys/stat.h>, <fcntl.h> and <linux/stat.h>: the same numbers on every Linux, and statx's record has one layout on all processors.
    private const int CurrentFolder = -100, NoFollow = 0x100, TypeMask = 0x01, StatxSize = 256, ModeOffset = 28;
    private const int FileType = 0xF000, Socket = 0xC000, Link = 0xA000, Regular = 0x8000, Block = 0x6000, Folder = 0x4000,
        Character = 0x2000, Pipe = 0x1000;

    /// <summary>Throws where something other than a regular file has this name; links are followed. What is not there is left to whoever
    /// opens it.</summary>
    /// <exception cref="IOException">It is a folder, a pipe, a socket or a device.</exception>
    public static void Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (KindOf(path) is { } kind)
            throw new IOException($"'{path}' is {kind}, not a regular file");
    }

    /// <summary>What has this name, where it is not a regular file: «a named pipe (FIFO)», say; links are followed. Null: a regular file,
    /// or nothing that can be seen.</summary>
    public static string? KindOf(string path) => Mode(path, 0) switch
    {
        Folder => "a folder",
        Pipe => "a named pipe (FIFO)",
        Character or Block => "a device",
        Socket => "a socket",
        _ => null,
    };

    /// <summary>Whether the name is a link, to whatever it leads; links in the folders above it do not count.</summary>
    public static bool IsLink(string path) =>
        OperatingSystem.IsLinux() ? Mode(path, NoFollow) == Link : new FileInfo(path).LinkTarget is not null;

    /// <summary>Opens a regular file to read it.</summary>
    /// <exception cref="IOException">No regular file, or it cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path, FileOptions options = FileOptions.None)
    {
        Check(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, options);
    }

    /// <summary>All bytes of a regular file.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static byte[] ReadAllBytes(string path)
    {
        Check(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>All text of a regular file, UTF-8 unless a byte-order mark says otherwise.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static string ReadAllText(string path)
    {
        Check(path);
        return File.ReadAllText(path);
    }

    /// <summary>The lines of a regular file, one after the other.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static IEnumerable<string> ReadLines(string path)
    {
        Check(path);
        return File.ReadLines(path);
    }

    /// <summary>The type's bits of the mode; 0 where nothing can be seen, or on another system than Linux.</summary>
    private static unsafe int Mode(string path, int flags)
    {
        if (!OperatingSystem.IsLinux())
            return Directory.Exists(path) ? Folder : File.Exists(path) ? Regular : 0;
        if (path.Contains('\0', StringComparison.Ordinal))
            return 0;
        var buffer = stackalloc byte[StatxSize];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            return Statx(CurrentFolder, name, flags, TypeMask, buffer) == 0 ? *(ushort*)(buffer + ModeOffset) & FileType : 0;
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* buffer);
}
