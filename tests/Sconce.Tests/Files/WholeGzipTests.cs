using System.IO.Compression;
using Sconce.Files;
using Xunit;

namespace Sconce.Tests.Files;

public sealed class WholeGzipTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(100_000)]
    public void What_is_whole_is_read_to_the_last_byte_whatever_the_pieces(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        byte[] packed = [.. Packed(bytes), .. Packed(bytes)];
        foreach (int piece in (int[])[1, 7, 4096])
        {
            using var stream = new WholeGzip(new MemoryStream(packed));
            var read = new MemoryStream();
            stream.CopyTo(read, piece);
            Assert.Equal([.. bytes, .. bytes], read.ToArray());
        }
    }

    [Fact]
    public void Wherever_it_is_cut_that_is_said()
    {
        byte[] bytes = new byte[5000];
        new Random(1).NextBytes(bytes);
        byte[] packed = Packed([.. bytes, .. bytes.Select(value => (byte)(value % 4))]);
        for (int end = 1; end < packed.Length; end += 37)
        {
            using var stream = new WholeGzip(new MemoryStream(packed[..end]));
            Assert.Throws<InvalidDataException>(() => stream.CopyTo(Stream.Null));
        }
    }

    private static byte[] Packed(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionMode.Compress)) gzip.Write(bytes);
        return memory.ToArray();
    }
}
