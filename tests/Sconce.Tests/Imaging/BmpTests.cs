using System.Buffers.Binary;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Imaging;

/// <summary>BMP as cameras, Windows and OS/2 write it.</summary>
public sealed class BmpTests : IDisposable
{
    private const int Count = BmpFiles.Width * BmpFiles.Height;

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, false, 40)]
    [InlineData(2, false, 40)]
    [InlineData(4, false, 40)]
    [InlineData(8, false, 40)]
    [InlineData(8, true, 40)]
    [InlineData(1, false, 12)]
    [InlineData(8, false, 12)]
    [InlineData(4, true, 108)]
    [InlineData(8, false, 124)]
    [InlineData(8, false, 64)]
    public void Indices_take_their_palettes_colours(int bits, bool topDown, int header)
    {
        var path = folder.Write("indexed.bmp", BmpFiles.Indexed(bits, "indexed", topDown, header));
        var image = Image.Load(path);
        Assert.Equal((8, 6, 3), (image.Width, image.Height, image.Channels));
        byte[] expected = [.. BmpFiles.Indices("indexed", bits).SelectMany(i => Bytes(BmpFiles.Colour(i, bits, false)))];
        Assert.Equal(expected, image.Pixels.ToArray());
        var info = Image.ReadInfo(path);
        Assert.Equal((ImageFormat.Bmp, 8, 6, 3, 8), (info.Format, info.Width, info.Height, info.Channels, info.BitDepth));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void A_palette_of_greys_is_a_grey_picture(int bits)
    {
        var file = BmpFiles.Indexed(bits, "grey", grey: true);
        var image = Image.Decode(file, "grey.bmp", new ImageOptions { Mode = ColorMode.Stored });
        Assert.Equal(1, image.Channels);
        Assert.Equal(BmpFiles.Indices("grey", bits).Select(i => BmpFiles.Colour(i, bits, true).R), image.Pixels.ToArray());
        Assert.Equal(3, Image.Decode(file, "grey.bmp").Channels);
    }

    [Theory]
    [InlineData(24, false)]
    [InlineData(24, true)]
    [InlineData(32, false)]
    public void Colours_of_24_and_32_bits_are_read(int bits, bool topDown)
    {
        var rgb = Figures.Bytes("colours", Count * 3);
        byte[] stored = [.. rgb.Chunk(3).SelectMany(c => bits == 24 ? new[] { c[2], c[1], c[0] } : [c[2], c[1], c[0], 77])];
        var image = Image.Decode(BmpFiles.File(bits, BmpFiles.Rows(stored, bits, topDown), topDown: topDown, gap: 6), "colours.bmp");
        Assert.Equal(rgb, image.Pixels.ToArray());
    }

    [Theory]
    [InlineData(0, new uint[0], 40)]                                    // 5-5-5 without being said
    [InlineData(3, new uint[] { 0x7C00, 0x03E0, 0x001F }, 40)]
    [InlineData(3, new uint[] { 0xF800, 0x07E0, 0x001F }, 40)]
    [InlineData(3, new uint[] { 0xF800, 0x07E0, 0x001F, 0 }, 56)]
    [InlineData(3, new uint[] { 0x0F00, 0x00F0, 0x000F, 0xF000 }, 124)]
    [InlineData(6, new uint[] { 0x0F00, 0x00F0, 0x000F, 0xF000 }, 40)]
    public void Bit_fields_of_16_bits_are_scaled_to_255(int compression, uint[] masks, int header)
    {
        var words = Array.ConvertAll(Figures.Draws("words", Count), d => (ushort)d);
        var stored = new byte[2 * Count];
        for (var i = 0; i < Count; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(2 * i), words[i]);
        var file = BmpFiles.File(16, BmpFiles.Rows(stored, 16, false), compression, masks: masks, header: header);
        uint[] fields = masks.Length == 0 ? [0x7C00, 0x03E0, 0x001F] : masks;
        var bands = fields.Length == 4 && fields[3] != 0 ? 4 : 3;
        byte[] expected = [.. words.SelectMany(word => fields.Take(bands).Select(mask => (byte)((word & mask) * 255UL / mask)))];
        Assert.Equal(expected, Image.Decode(file, "words.bmp", new ImageOptions { Mode = ColorMode.Stored }).Pixels.ToArray());
    }

    [Fact]
    public void Bit_fields_of_32_bits_are_read_with_their_alpha()
    {
        var rgba = Figures.Bytes("alpha", Count * 4);
        byte[] stored = [.. rgba.Chunk(4).SelectMany(c => new[] { c[3], c[2], c[1], c[0] })];    // red highest
        var file = BmpFiles.File(32, BmpFiles.Rows(stored, 32, true), 3, masks: [0xFF000000, 0xFF0000, 0xFF00, 0xFF], topDown: true,
            header: 108);
        Assert.Equal(rgba, Image.Decode(file, "alpha.bmp", new ImageOptions { Mode = ColorMode.Rgba }).Pixels.ToArray());
        byte[] ten = [.. BmpFiles.Rows(Enumerable.Repeat(new byte[] { 0xFF, 0xFF, 0xFF, 0x3F }, Count).SelectMany(b => b).ToArray(), 32,
            false)];
        var deep = Image.Decode(BmpFiles.File(32, ten, 3, masks: [0x3FF00000, 0xFFC00, 0x3FF]), "ten.bmp");
        Assert.True(deep.Pixels.IndexOfAnyExcept((byte)255) < 0);
    }

    [Theory]
    [InlineData(8, new byte[] { 3, 1, 0, 3, 5, 6, 7, 0, 2, 9, 0, 0, 0, 2, 1, 1, 7, 4, 0, 1 },
        new[] { "11156799", "........", ".4444444" })]
    [InlineData(4, new byte[] { 3, 0x12, 0, 5, 0x34, 0x56, 0x70, 0, 0, 0, 8, 0x89, 0, 0, 4, 0x55, 0, 1 },
        new[] { "12134567", "89898989", "5555...." })]
    public void Run_lengths_are_read_with_their_escapes(int bits, byte[] runs, string[] rows)
    {
        var file = BmpFiles.File(bits, runs, bits == 8 ? 1 : 2, BmpFiles.Palette(bits, 4, true));
        var image = Image.Decode(file, "runs.bmp", new ImageOptions { Mode = ColorMode.Gray });
        for (var y = 0; y < 6; y++)
        {
            var row = y < rows.Length ? rows[y] : "........";
            Assert.Equal(row.Select(c => BmpFiles.Colour(c == '.' ? 0 : c - '0', bits, true).R), image.Row(5 - y).ToArray());
        }
    }

    [Fact]
    public void A_palette_of_fewer_colours_than_could_be_is_read_and_a_colour_outside_it_refused()
    {
        var indices = BmpFiles.Indices("few", 2);
        var file = BmpFiles.File(8, BmpFiles.Rows(indices, 8, false), palette: BmpFiles.Palette(2, 4, false), used: 4);
        byte[] expected = [.. indices.SelectMany(i => Bytes(BmpFiles.Colour(i, 2, false)))];
        Assert.Equal(expected, Image.Decode(file, "few.bmp").Pixels.ToArray());
        file[^1] = 4;
        Assert.Contains("colour 4 of a palette of 4", Assert.Throws<ImageException>(() => Image.Decode(file, "few.bmp")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 9, 1, 0, 1 }, "leaves its 8 x 6")]
    [InlineData(new byte[] { 8, 1, 0, 0 }, "1 of 6 rows")]
    [InlineData(new byte[] { 0, 2, 0, 6, 1, 1, 0, 1 }, "leaves its 8 x 6")]
    [InlineData(new byte[] { 0, 8, 1, 2 }, "0 of 6 rows")]
    public void Damaged_run_lengths_are_an_error(byte[] runs, string fault)
    {
        var file = BmpFiles.File(8, runs, 1, BmpFiles.Palette(8, 4, true));
        Assert.Contains(fault, Assert.Throws<ImageException>(() => Image.Decode(file, "runs.bmp")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28, 5, "5 bits a pixel")]
    [InlineData(30, 4, "form 4")]
    [InlineData(10, 20, "inside its headers")]
    [InlineData(18, 0, "no picture")]
    [InlineData(21, 0x7F, "bytes in memory")]
    [InlineData(21, 0x80, "no picture")]
    public void A_header_that_cannot_be_is_an_error(int at, byte value, string fault)
    {
        var file = BmpFiles.File(24, BmpFiles.Rows(new byte[Count * 3], 24, false));
        file[at] = value;
        Assert.Contains(fault, Assert.Throws<ImageException>(() => Image.Decode(file, "bad.bmp")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_an_error()
    {
        foreach (var file in (byte[][])[BmpFiles.Indexed(4, "cut"), BmpFiles.File(24, BmpFiles.Rows(new byte[Count * 3], 24, false))])
        {
            for (var length = 1; length < file.Length; length++)
                Assert.Throws<ImageException>(() => Image.Decode(file.AsSpan(0, length), "cut.bmp"));
        }
    }

    [Fact]
    public void Damaged_bytes_give_an_image_or_an_error_and_never_a_crash()
    {
        byte[] runs = BmpFiles.File(8, [3, 1, 0, 3, 5, 6, 7, 0, 2, 9, 0, 0, 0, 2, 1, 1, 7, 4, 0, 1], 1, BmpFiles.Palette(8, 4, true));
        byte[] fields = BmpFiles.File(16, BmpFiles.Rows(new byte[2 * Count], 16, false), 3, masks: [0xF800, 0x07E0, 0x001F]);
        var draws = Figures.Draws("bmp damage", 9000);
        for (var i = 0; i < draws.Length; i += 3)
        {
            var file = (byte[])(i % 2 == 0 ? runs : fields).Clone();
            file[draws[i] % 70] = (byte)draws[i + 1];
            file[draws[i + 2] % (ulong)file.Length] ^= (byte)(draws[i] >> 8);
            try
            {
                Assert.NotNull(Image.Decode(file, "damaged", new ImageOptions { MaxBytes = 4_000_000 }));
            }
            catch (ImageException e)
            {
                Assert.StartsWith("damaged: ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static byte[] Bytes((byte R, byte G, byte B) colour) => [colour.R, colour.G, colour.B];
}
