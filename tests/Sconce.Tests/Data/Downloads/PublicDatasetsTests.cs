using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Sconce.Data;
using Sconce.Data.Downloads;
using Xunit;

namespace Sconce.Tests.Data.Downloads;

/// <summary>The table of public sets, and what comes of an archive from a local server.</summary>
public sealed class PublicDatasetsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-public-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Every_set_has_a_name_of_its_own_an_address_a_length_and_a_whole_checksum()
    {
        Assert.Equal(PublicDatasets.All.Count, PublicDatasets.All.Select(set => set.Name).Distinct().Count());
        Assert.Equal(PublicDatasets.All.Count, PublicDatasets.All.Select(set => set.Address).Distinct().Count());
        Assert.All(PublicDatasets.All, set => Assert.True(set.Address.IsAbsoluteUri && set.Bytes > 0 && set.Sha256.Length == 64
            && set.Sha256.All(char.IsAsciiHexDigitLower), set.Name));
        Assert.Equal("cifar-100", PublicDatasets.Get("CIFAR-100").Name);
        Assert.Contains("cifar-10", Assert.Throws<DataException>(() => PublicDatasets.Get("cifar10")).Message);
    }

    [Fact]
    public async Task A_set_is_downloaded_checked_unpacked_and_then_found()
    {
        var record = new byte[3073];
        record[0] = 1;
        var archive = Tar(true, ("cifar/batches.meta.txt", "cat\ndog\n"u8.ToArray()), ("cifar/data_batch_1.bin", [.. record, .. record]),
            ("cifar/test_batch.bin", record));
        using var server = LocalServer.Of(archive);
        var set = new PublicDataset("small", server.Address("small.tar.gz"), archive.Length,
            Convert.ToHexStringLower(SHA256.HashData(archive)), "cifar", DatasetLayout.Cifar);
        var folder = await PublicDatasets.PullAsync(set, root, cancellationToken: TestContext.Current.CancellationToken);
        var cifar = CifarBinary.Read(folder);
        Assert.Equal((2, 1), (cifar.Train.Count, cifar.Test.Count));
        Assert.Equal(folder, await PublicDatasets.PullAsync(set, root, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Single(server.Requests);
        Assert.Equal(["archives", "small"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_archive_that_is_not_the_published_one_is_not_unpacked()
    {
        using var server = LocalServer.Of(Tar(false, ("x/a.txt", [1])));
        var set = new PublicDataset("small", server.Address("small.tar"), 10240, new string('a', 64), "x", DatasetLayout.Folders);
        await Assert.ThrowsAsync<DownloadException>(() =>
            PublicDatasets.PullAsync(set, root, cancellationToken: TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(Path.Combine(root, "small")));
    }

    [Theory]
    [InlineData("../out.txt")]
    [InlineData("/tmp/sconce-out.txt")]
    [InlineData("a/../../out.txt")]
    public async Task A_name_that_leads_out_of_the_folder_is_refused_and_nothing_is_left(string name)
    {
        var error = await Refused(Tar(true, ("good.txt", [1]), (name, [2])));
        Assert.Contains("outside", error.Message);
        Assert.False(File.Exists(Path.Combine(root, "out.txt")));
    }

    [Fact]
    public async Task Links_are_refused()
    {
        using var memory = new MemoryStream();
        await using (var writer = new TarWriter(memory, leaveOpen: true))
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = "/etc/passwd" },
                TestContext.Current.CancellationToken);
        Assert.Contains("SymbolicLink", (await Refused(memory.ToArray())).Message);
    }

    [Fact]
    public async Task A_torn_archive_is_named_and_nothing_is_left()
    {
        var whole = Tar(true, ("a.bin", RandomNumberGenerator.GetBytes(20000)));
        foreach (var length in (int[])[0, 1, 10, 700, whole.Length / 2])
            Assert.Contains("t.tar", (await Refused(whole[..length])).Message);
        var plain = Tar(false, ("a.bin", new byte[20000]));
        await Refused(plain[..3000]);
        await Refused([.. Enumerable.Repeat((byte)7, 2048)]);
    }

    [Fact]
    public async Task Nothing_is_unpacked_over_what_is_there()
    {
        Directory.CreateDirectory(Path.Combine(root, "there"));
        var archive = Path.Combine(root, "t.tar");
        await File.WriteAllBytesAsync(archive, Tar(false, ("a", [1])), TestContext.Current.CancellationToken);
        Assert.Contains("exists already",
            (await Assert.ThrowsAsync<DataException>(() => TarArchive.UnpackAsync(archive, Path.Combine(root, "there"),
                cancellationToken: TestContext.Current.CancellationToken))).Message);
    }

    private async Task<DataException> Refused(byte[] archive)
    {
        var path = Path.Combine(root, "t.tar");
        await File.WriteAllBytesAsync(path, archive);
        var error = await Assert.ThrowsAsync<DataException>(() => TarArchive.UnpackAsync(path, Path.Combine(root, "target")));
        Assert.Equal(["t.tar"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName));
        return error;
    }

    private static byte[] Tar(bool zipped, params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var writer = new TarWriter(memory, leaveOpen: true))
        {
            foreach (var (name, content) in files)
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        if (!zipped)
            return memory.ToArray();
        using var small = new MemoryStream();
        using (var zip = new GZipStream(small, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(memory.ToArray());
        return small.ToArray();
    }
}
