using System.Buffers.Binary;
using System.IO.Compression;
using Sconce.Imaging;
using Sconce.Imaging.Vips;
using Xunit;

namespace Sconce.Tests.Imaging;

public sealed class BadImageTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_missing_file_is_named() => Refused(folder.At("nowhere.jpg"), "no such file");

    [Fact]
    public void A_missing_folder_is_named() => Refused(folder.At("no/where.jpg"), "no such file");

    [Fact]
    public void A_directory_is_named()
    {
        Directory.CreateDirectory(folder.At("folder.jpg"));
        Refused(folder.At("folder.jpg"), "directory");
    }

    [Fact]
    public void An_empty_file_is_named() => Refused(folder.Write("empty.png", []), "empty");

    [Fact]
    public void An_unreadable_file_is_named()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("The file of this test exists on Linux only.");
        Refused("/proc/self/mem", "cannot be read");    // opens, but reading its start fails, for root too
    }

    [Fact]
    public void A_file_without_permission_is_named()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }
        var path = folder.Write("secret.png", Good(ImageFormat.Png));
        File.SetUnixFileMode(path, UnixFileMode.None);
        try
        {
            File.OpenRead(path).Dispose();
        }
        catch (UnauthorizedAccessException)
        {
            Refused(path, "permission denied");
            return;
        }
        Assert.Skip("This user may read any file.");
    }

    [Theory]
    [InlineData("Hello, this is a note.\n", "plain text")]
    [InlineData("<!DOCTYPE html><html><body>404</body></html>", "HTML")]
    [InlineData("%PDF-1.7 and so on", "PDF")]
    [InlineData("\u0001\u0002\u0003", "unknown kind")]
    [InlineData("BM", "BMP")]
    [InlineData("\0\0\0\u0018ftypmp42", "video")]
    [InlineData("\0\0\0\u0018ftypheic", "HEIC image, coded in HEVC")]
    [InlineData("8BPS", "Photoshop")]
    public void A_file_that_is_no_image_says_what_it_seems_to_be(string content, string what) =>
        Refused(folder.Write("photo.jpg", System.Text.Encoding.UTF8.GetBytes(content)), what);

    [Theory]
    [InlineData("rgb.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("rgb.png")]
    [InlineData("palette.png")]
    [InlineData("lossy.webp")]
    [InlineData("lossless.webp")]
    [InlineData("still.gif")]
    [InlineData("rgb.tif")]
    [InlineData("lzw.tif")]
    public void A_file_cut_short_anywhere_is_an_error_and_never_half_a_picture(string name)
    {
        var file = Figure(name);
        var whole = Image.Decode(file, name).Pixels.ToArray();
        for (var length = 1; length < file.Length; length += length < file.Length - 24 ? 7 : 1)
        {
            try
            {
                // A few last bytes may be no pixels (an end marker, a TIFF's tags): then the picture must be whole.
                Assert.Equal(whole, Image.Decode(file.AsSpan(0, length), name).Pixels.ToArray());
                Assert.True(length >= file.Length - 16, $"{name} cut to {length} of {file.Length} bytes was read.");
            }
            catch (ImageException e)
            {
                Assert.StartsWith(name + ": ", e.Message, StringComparison.Ordinal);
            }
        }
        Refused(folder.Write(name, file[..(file.Length * 2 / 3)]), "cut short", header: false);
    }

    [Theory]
    [InlineData("rgb.jpg")]
    [InlineData("rgb.png")]
    [InlineData("lossless.webp")]
    [InlineData("animated.gif")]
    [InlineData("animated.webp")]
    [InlineData("lzw.tif")]
    public void Damaged_bytes_give_an_image_or_an_error_and_never_a_crash(string name)
    {
        var file = Figure(name);
        var draws = Figures.Draws(name, 300);
        for (var i = 0; i < draws.Length; i += 3)
        {
            var damaged = (byte[])file.Clone();
            damaged[draws[i] % (ulong)file.Length] ^= (byte)(draws[i + 1] | 1);
            damaged[draws[i + 2] % (ulong)file.Length] = (byte)draws[i];
            try
            {
                Assert.NotNull(Image.Decode(damaged, name, new ImageOptions { MaxBytes = 4_000_000 }));
            }
            catch (ImageException e)
            {
                Assert.StartsWith(name + ": ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    public void A_png_of_no_size_is_an_error(int w, int h) =>
        Refused(folder.Write("nothing.png", PngOf(w, h)), "Png image cannot be decoded");

    [Fact]
    public void A_jpeg_of_no_size_is_an_error()
    {
        var file = Figure("rgb.jpg");
        var frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        file.AsSpan(frame + 5, 4).Clear();
        Refused(folder.Write("nothing.jpg", file), "Jpeg image cannot be decoded");
    }

    [Fact]
    public void A_gif_of_no_size_is_an_error()
    {
        var file = Figure("still.gif");
        file.AsSpan(6, 4).Clear();
        Refused(folder.Write("nothing.gif", file), "no picture");
    }

    [Fact]
    public void Absurd_dimensions_are_refused_before_any_pixel()
    {
        var path = folder.Write("bomb.png", PngOf(60_000, 60_000));
        var before = GC.GetTotalAllocatedBytes();
        var error = Assert.Throws<ImageException>(() => Image.Load(path));
        Assert.Contains("60000 x 60000", error.Message, StringComparison.Ordinal);
        Assert.Contains("536,870,912", error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.FileName);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 10_000_000);
        Assert.Equal((60_000, 60_000), Image.ReadSize(path));
    }

    [Fact]
    public void The_limit_of_bytes_is_the_callers()
    {
        var path = folder.Write("small.bmp", BmpFiles.Indexed(4, "white"));
        Assert.Equal(8, Image.Load(path, new ImageOptions { MaxBytes = 144 }).Width);
        var error = Assert.Throws<ImageException>(() => Image.Load(path, new ImageOptions { MaxBytes = 143 }));
        Assert.Contains("limit of 143", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16, 3, 2, 1000 * 1000 * 6)]
    [InlineData(16, 4, 6, 1000 * 1000 * 8)]
    [InlineData(8, 1, 0, 1000 * 1000 * 3)]
    public void Samples_count_by_their_bytes_as_stored_or_as_wanted(int depth, int channels, int colour, long bytes)
    {
        var file = PngOf(1000, 1000, depth, colour);
        var error = Assert.Throws<ImageException>(() => Image.Decode(file, "deep.png", new ImageOptions { MaxBytes = bytes - 1 }));
        Assert.Contains($"{bytes:N0} bytes in memory", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{channels} x {depth} bits", error.Message, StringComparison.Ordinal);
        // Within the limit it is decoded, and found to be cut short.
        error = Assert.Throws<ImageException>(() => Image.Decode(file, "deep.png", new ImageOptions { MaxBytes = bytes }));
        Assert.Contains("cut short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_file_of_zeros_is_told_by_its_first_bytes_and_not_read()
    {
        var path = folder.At("zeros.jpg");
        using (var file = File.Create(path))
            file.SetLength(3L << 30);    // a hole: nothing is written
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Refused(path, "binary data of an unknown kind");
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 1 << 20);
    }

    [Fact]
    public void A_large_file_that_begins_as_a_picture_is_refused_by_its_length()
    {
        var path = folder.Write("long.png", Good(ImageFormat.Png));
        using (var file = File.OpenWrite(path))
            file.SetLength(3L << 30);
        Assert.Contains("3,221,225,472 bytes", Assert.Throws<ImageException>(() => Image.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_jpeg_of_hundreds_of_scans_is_refused_before_its_pixels(bool largest)
    {
        var side = largest ? 13_312 : 4_096;
        var file = JpegOfScans.Write(side, 490);
        var error = Assert.Throws<ImageException>(() => Image.Decode(file, "scans.jpg"));
        Assert.StartsWith("scans.jpg: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("scans", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_progressive_jpeg_of_a_few_scans_is_read()
    {
        Assert.Equal(1, Sconce.Imaging.Jpeg.JpegScans.Count(new Image(8, 6).Encode(ImageFormat.Jpeg), 100));
        Assert.InRange(Sconce.Imaging.Jpeg.JpegScans.Count(Figure("progressive.jpg"), 100), 6, 12);
        Assert.Equal(64, Image.Decode(JpegOfScans.Write(64, 20), "few.jpg").Width);
    }

    [Fact]
    public void A_pipe_a_device_and_a_link_to_one_are_no_regular_files()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Named pipes are made by mkfifo.");
        var pipe = folder.At("pipe.png");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe]))
            mkfifo.WaitForExit();
        File.CreateSymbolicLink(folder.At("link.png"), pipe);
        File.CreateSymbolicLink(folder.At("zero.png"), "/dev/zero");
        Refused(pipe, "not a regular file");
        Refused(folder.At("link.png"), "not a regular file");
        Refused(folder.At("zero.png"), "not a regular file");
    }

    [Fact]
    public void A_frame_that_is_not_there_is_an_error() =>
        Assert.Contains("has 3", Assert.Throws<ImageException>(() =>
            Image.Decode(Figure("animated.gif"), "a.gif", new ImageOptions { Frame = 3 })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_libvips_says_where_it_belongs()
    {
        var error = VipsLibrary.Missing(new DllNotFoundException("no libvips.so.42"));
        Assert.Contains("NetVips.Native", error.Message, StringComparison.Ordinal);
        Assert.Contains("no libvips.so.42", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind_by_a_save_that_fails()
    {
        Assert.Contains("no/where.png", Assert.Throws<ImageException>(() => new Image(2, 2).Save(folder.At("no/where.png"))).Message,
            StringComparison.Ordinal);
        Directory.CreateDirectory(folder.At("taken.png/inside"));
        Assert.Throws<ImageException>(() => new Image(2, 2).Save(folder.At("taken.png")));
        Assert.Equal([folder.At("taken.png")], Directory.GetFileSystemEntries(folder.Root));
        Assert.Contains("'.bmp'", Assert.Throws<ImageException>(() => new Image(2, 2).Save(folder.At("x.bmp"))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Loading, and where the header already tells, reading the size, fails with the file's name and the fault.</summary>
    private static void Refused(string path, string fault, bool header = true)
    {
        var error = Assert.Throws<ImageException>(() => Image.Load(path));
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.FileName);
        if (header)
            Assert.StartsWith(path + ": ", Assert.Throws<ImageException>(() => Image.ReadSize(path)).Message, StringComparison.Ordinal);
    }

    private static byte[] Good(ImageFormat format) => new Image(8, 6).Encode(format);

    private static byte[] Figure(string name)
    {
        using var figures = Figures.Read("files");
        return figures.RootElement.EnumerateArray().First(f => f.Text("name") == name).GetProperty("file").GetBytesFromBase64();
    }

    /// <summary>A PNG, grey where nothing is said, that declares (w, h) and holds one row's worth of data, with right checksums.</summary>
    private static byte[] PngOf(int w, int h, int depth = 8, int colour = 0)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, w);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), h);
        (header[8], header[9]) = ((byte)depth, (byte)colour);
        Chunk(file, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(new byte[w + 1]);
        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        file.Write(number);
        byte[] all = [.. kind, .. body];
        file.Write(all);
        var crc = uint.MaxValue;    // ISO 3309, bit by bit
        foreach (var b in all)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        file.Write(number);
    }
}
