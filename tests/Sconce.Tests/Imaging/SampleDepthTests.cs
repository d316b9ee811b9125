using System.Text;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Imaging;

/// <summary>Netpbm files, and samples of 9 to 16 bits.</summary>
public sealed class SampleDepthTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("P1\n# by hand\n3 2\n1 0 1\n011\n", new byte[] { 0, 255, 0, 255, 0, 0 })]
    [InlineData("P2 3 2 255\n0 128 255\n1 2 3", new byte[] { 0, 128, 255, 1, 2, 3 })]
    [InlineData("P2 3 2 # most\n15 0 1 15 7 8 14", new byte[] { 0, 17, 255, 119, 136, 238 })]
    [InlineData("P2 3 2 1000 0 500 1000 1 2 999", new byte[] { 0, 128, 255, 0, 1, 255 })]
    [InlineData("P5 3 2 255\nABC012", new byte[] { 65, 66, 67, 48, 49, 50 })]
    [InlineData("P5\r\n3 2\r\n100\nABC012", new byte[] { 166, 168, 171, 122, 125, 128 })]
    public void Greys_and_bits_are_brought_to_255(string file, byte[] expected)
    {
        var path = folder.Write("grey.pgm", Encoding.Latin1.GetBytes(file));
        var image = Image.Load(path, new ImageOptions { Mode = ColorMode.Gray });
        Assert.Equal((3, 2), (image.Width, image.Height));
        Assert.Equal(expected, image.Pixels.ToArray());
        Assert.Equal((3, 2), Image.ReadSize(path));
        Assert.Equal(expected.SelectMany(grey => new[] { grey, grey, grey }), Image.Load(path).Pixels.ToArray());
    }

    [Theory]
    [InlineData("P3 1 2 255 1 2 3 4 5 6")]
    [InlineData("P6 1 2 255\n\u0001\u0002\u0003\u0004\u0005\u0006")]
    public void Colours_are_read_as_text_and_as_bytes(string file) =>
        Assert.Equal([1, 2, 3, 4, 5, 6], Image.Decode(Encoding.Latin1.GetBytes(file), "colours.ppm").Pixels.ToArray());

    [Fact]
    public void Packed_bits_begin_each_row_on_a_whole_byte() =>
        Assert.Equal([0, 255, 255, 255, 255, 255, 255, 255, 0, 255, 0, 255, 255, 255, 255, 255, 255, 255],
            Image.Decode([.. "P4 9 2\n"u8, 0x80, 0x80, 0x40, 0x7F], "bits.pbm",
                new ImageOptions { Mode = ColorMode.Gray }).Pixels.ToArray());

    [Theory]
    [InlineData(1023, 2)]
    [InlineData(4095, 4)]
    [InlineData(65535, 8)]
    public void A_pgm_says_its_scale(int most, int shift)
    {
        byte[] file = [.. Encoding.ASCII.GetBytes($"P5 2 1 {most}\n"), (byte)(most >> 8), (byte)most, 1, 0x2C];
        Assert.Equal([255, (byte)(300 >> shift)],
            Image.Decode(file, "deep.pgm", new ImageOptions { Mode = ColorMode.Gray }).Pixels.ToArray());
        Assert.Equal([(ushort)most, (ushort)300],
            Image.Decode(file, "deep.pgm", new ImageOptions { Mode = ColorMode.Gray, Keep16Bits = true }).Pixels16.ToArray());
    }

    [Theory]
    [InlineData(1000, 10)]
    [InlineData(1024, 12)]
    [InlineData(4095, 12)]
    [InlineData(9000, 14)]
    [InlineData(16384, 16)]
    [InlineData(65535, 16)]
    public void A_picture_of_fewer_bits_in_sixteen_is_not_black(int brightest, int bits)
    {
        var deep = Image.FromPixels(3, 1, 1, (ReadOnlySpan<ushort>)[0, (ushort)(brightest / 2), (ushort)brightest]);
        byte[] expected = [0, (byte)(brightest / 2 >> bits - 8), (byte)(brightest >> bits - 8)];
        var grey = new ImageOptions { Mode = ColorMode.Gray };
        Assert.Equal(expected, Image.Decode(deep.Encode(ImageFormat.Png), "deep.png", grey).Pixels.ToArray());
        Assert.Equal(expected, deep.To8Bit(bits).Pixels.ToArray());
        Assert.Equal([0, (byte)(brightest >> 9), (byte)(brightest >> 8)],
            Image.Decode(deep.Encode(ImageFormat.Png), "deep.png", grey with { SampleBits = 16 }).Pixels.ToArray());
    }

    [Fact]
    public void Alpha_does_not_say_how_bright_colours_are()
    {
        var deep = Image.FromPixels(1, 1, 4, (ReadOnlySpan<ushort>)[4095, 2048, 0, 65535]);
        var image = Image.Decode(deep.Encode(ImageFormat.Png), "deep.png", new ImageOptions { Mode = ColorMode.Rgba });
        Assert.Equal([255, 128, 0, 255], image.Pixels.ToArray());
    }

    [Theory]
    [InlineData("P5 3 2 255\nABC01", "cut short")]
    [InlineData("P5 3 2", "cut short")]
    [InlineData("P2 3 2 255 1 2 3 4 5", "cut short")]
    [InlineData("P2 3 2 255 1 2 3 4 5 x", "number is wanted")]
    [InlineData("P2 3 2 255 1 2 3 4 5 256", "greatest value 255")]
    [InlineData("P5 3 2 100\nABC01\u00FF", "greatest value 100")]
    [InlineData("P5 3 2 0\nABC012", "not 1 to 65535")]
    [InlineData("P5 3 2 70000\nABC012", "not 1 to 65535")]
    [InlineData("P1 3 2 1 0 2 0 0 0", "a 0 or a 1")]
    [InlineData("P5 0 2 255\n", "no picture")]
    [InlineData("P5 99999999999 2 255\n", "number is wanted")]
    [InlineData("P6 60000 60000 255\n", "bytes in memory")]
    [InlineData("P5 # no end", "cut short")]
    public void A_damaged_netpbm_file_is_an_error(string file, string fault)
    {
        var error = Assert.Throws<ImageException>(() => Image.Decode(Encoding.Latin1.GetBytes(file), "bad.pgm"));
        Assert.StartsWith("bad.pgm: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scan.bmp")]
    [InlineData("PHOTO.JFIF")]
    [InlineData("x.Pgm")]
    [InlineData("a.b.avif")]
    public void Folders_take_every_format_that_is_read(string name) => Assert.True(PictureExtensions.IsRead(name));
}
