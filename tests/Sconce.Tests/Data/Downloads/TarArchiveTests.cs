using System.Formats.Tar;
using System.Text;
using Sconce.Data;
using Sconce.Data.Downloads;
using Sconce.Tests.Weights;
using Xunit;

namespace Sconce.Tests.Data.Downloads;

/// <summary>Archives whose headers hold what no archive has.</summary>
public sealed class TarArchiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("time", 136, new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0xE8, 0xD4, 0xA5, 0x10, 0 })]
    [InlineData("mode", 100, new byte[] { 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0 })]
    [InlineData("size", 124, new byte[] { 0x80, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F })]
    public async Task A_header_s_number_that_cannot_be_is_the_archive_s_fault(string name, int at, byte[] field)
    {
        var bytes = Archive("a/b.txt");
        field.CopyTo(bytes, at);
        Encoding.ASCII.GetBytes("        ").CopyTo(bytes, 148);
        Encoding.ASCII.GetBytes(Convert.ToString(bytes.AsSpan(0, 512).ToArray().Sum(b => (int)b), 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes,
            148);
        await Refused(name, bytes);
    }

    [Fact]
    public async Task A_name_with_NUL_is_the_archive_s_fault()
    {
        var bytes = Archive(new string('x', 120) + "/QQQ");
        var text = Encoding.Latin1.GetString(bytes).Replace("/QQQ", "/Q\0Q", StringComparison.Ordinal);
        await Refused("nul", Encoding.Latin1.GetBytes(text));
    }

    [Fact]
    public async Task A_sound_archive_is_unpacked()
    {
        await TarArchive.UnpackAsync(folder.Write("a.tar", Archive("a/b.txt")), folder.File("out"));
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(folder.File("out"), "a", "b.txt")));
    }

    private async Task Refused(string name, byte[] bytes)
    {
        var path = folder.Write(name + ".tar", bytes);
        var error = await Assert.ThrowsAsync<DataException>(() => TarArchive.UnpackAsync(path, folder.File("out")));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("out")));
    }

    private static byte[] Archive(string name)
    {
        var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("hello"u8.ToArray()) });
        // A pax archive begins with a header of its own: the plain one is wanted first where it says all.
        var bytes = stream.ToArray();
        return name.Length < 100 ? bytes[1024..] : bytes;
    }
}
