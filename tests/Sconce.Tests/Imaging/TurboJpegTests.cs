using Sconce.Imaging;
using Sconce.Imaging.Vips;
using Xunit;

namespace Sconce.Tests.Imaging;

/// <summary>The short way for JPEG gives what libvips gives, or steps aside.</summary>
public sealed class TurboJpegTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(40)]
    public void Photographs_decode_to_the_samples_that_libvips_gives(int shortSide)
    {
        var options = new ImageOptions { MinimumShortSide = shortSide };
        foreach (var path in Directory.GetFiles(Figures.Shared("data/kangaroo/images"), "*.jpg").Order().Take(20))
        {
            var file = File.ReadAllBytes(path);
            var quick = ImageReader.DecodeJpeg(file, path, options);
            Assert.SkipWhen(quick is null, "libturbojpeg is not installed.");
            var slow = VipsDecoder.Decode(file, path, ImageFormat.Jpeg, options);
            Assert.Equal((slow.Width, slow.Height), (quick.Width, quick.Height));
            Assert.True(slow.Bytes.SequenceEqual(quick.Bytes), path);
        }
    }

    [Fact]
    public void Every_jpeg_figure_is_decoded_as_libvips_does_or_left_to_it()
    {
        using var figures = Figures.Read("files");
        foreach (var figure in figures.RootElement.EnumerateArray())
        {
            var file = figure.GetProperty("file").GetBytesFromBase64();
            if (ImageFormats.Sniff(file) != ImageFormat.Jpeg)
                continue;
            foreach (var mode in Enum.GetValues<ColorMode>())
            {
                var options = new ImageOptions { Mode = mode };
                if (ImageReader.DecodeJpeg(file, "figure", options) is { } quick)
                    Assert.Equal(VipsDecoder.Decode(file, "figure", ImageFormat.Jpeg, options).Bytes.ToArray(), quick.Bytes.ToArray());
            }
        }
    }

    [Fact]
    public void A_torn_file_is_left_to_libvips()
    {
        var file = new Image(200, 100).Encode(ImageFormat.Jpeg);
        for (var length = 2; length < file.Length - 2; length += 7)
            Assert.Null(ImageReader.DecodeJpeg(file.AsSpan(0, length), "torn", ImageOptions.Default));
    }

    [Fact]
    public void A_sound_file_after_a_damaged_one_is_decoded_as_if_first()
    {
        var good = new Image(64, 48).Encode(ImageFormat.Jpeg);
        Assert.SkipWhen(ImageReader.DecodeJpeg(good, "good", ImageOptions.Default) is null, "libturbojpeg is not installed.");
        for (var k = 20; k < good.Length; k += 11)
        {
            Assert.Null(ImageReader.DecodeJpeg(good.AsSpan(0, k), "torn", ImageOptions.Default));
            Assert.Equal(new Image(64, 48).Bytes.ToArray(), ImageReader.DecodeJpeg(good, "good", ImageOptions.Default)!.Bytes.ToArray());
        }
    }

    [Fact]
    public void Random_damage_gives_a_picture_or_steps_aside_and_never_crashes()
    {
        var good = new Image(64, 48).Encode(ImageFormat.Jpeg);
        for (var k = 0; k < 2000; k++)
        {
            var file = (byte[])good.Clone();
            var draws = Figures.Draws($"damage {k}", 6);
            for (var d = 0; d < 6; d += 2)
                file[2 + (int)(draws[d] % (ulong)(file.Length - 2))] = (byte)draws[d + 1];
            try
            {
                ImageReader.DecodeJpeg(file, "damaged", ImageOptions.Default with { MaxBytes = 3 << 24 });
            }
            catch (ImageException e)
            {
                Assert.StartsWith("damaged", e.Message);
            }
        }
    }
}
