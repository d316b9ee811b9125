using System.Diagnostics;
using Sconce.Files;
using Xunit;

namespace Sconce.Tests.Files;

public sealed class RegularFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_and_a_link_to_one_are_read_and_what_is_missing_is_left_to_whoever_opens_it()
    {
        var file = Path.Combine(folder, "a.txt");
        File.WriteAllText(file, "one\ntwo");
        var link = Path.Combine(folder, "link");
        File.CreateSymbolicLink(link, file);
        Assert.Equal("one\ntwo", RegularFile.ReadAllText(file));
        Assert.Equal(["one", "two"], RegularFile.ReadLines(link));
        using (var stream = RegularFile.Open(link))
            Assert.Equal(7, stream.Length);
        Assert.Null(RegularFile.KindOf(Path.Combine(folder, "absent")));
        Assert.Throws<FileNotFoundException>(() => RegularFile.ReadAllBytes(Path.Combine(folder, "absent")));
    }

    [Fact]
    public void A_pipe_a_device_a_folder_and_a_link_to_them_are_refused_at_once()
    {
        var pipe = Path.Combine(folder, "pipe");
        MakePipe(pipe);
        var link = Path.Combine(folder, "link");
        File.CreateSymbolicLink(link, pipe);
        foreach (var path in (string[])[pipe, link, "/dev/zero", folder])
        {
            var error = Assert.Throws<IOException>(() => RegularFile.ReadAllBytes(path));
            Assert.Contains("not a regular file", error.Message, StringComparison.Ordinal);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Throws<IOException>(() => RegularFile.Open(path));
        }
        Assert.Equal("a named pipe (FIFO)", RegularFile.KindOf(link));
    }

    [Fact]
    public void A_link_is_told_from_what_it_leads_to()
    {
        var link = Path.Combine(folder, "link");
        File.CreateSymbolicLink(link, Path.Combine(folder, "absent"));
        Assert.True(RegularFile.IsLink(link));
        Assert.False(RegularFile.IsLink(folder));
        Assert.False(RegularFile.IsLink(Path.Combine(folder, "absent")));
    }

    /// <summary>A named pipe, which nobody writes to.</summary>
    internal static void MakePipe(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
