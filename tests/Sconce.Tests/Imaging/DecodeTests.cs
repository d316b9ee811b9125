using System.Text.Json;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Imaging;

public sealed class DecodeTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, int> Files()
    {
        using var figures = Figures.Read("files");
        var data = new TheoryData<string, int>();
        foreach (var figure in figures.RootElement.EnumerateArray())
            data.Add(figure.Text("name"), figure.GetProperty("frame").GetInt32());
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_decodes_to_Pillows_pixels(string name, int frame)
    {
        using var figures = Figures.Read("files");
        var figure = figures.RootElement.EnumerateArray().Single(f => f.Text("name") == name && f.GetProperty("frame").GetInt32() == frame);
        var path = folder.Write(name, figure.GetProperty("file").GetBytesFromBase64());
        var image = Image.Load(path, new ImageOptions { Frame = frame });
        Assert.Equal((3, 8, figure.GetProperty("frames").GetInt32()), (image.Channels, image.BitDepth, image.FrameCount));
        Assert.Equal(figure.Pair("size"), (image.Width, image.Height));
        AssertNear(figure.GetProperty("rgb").GetBytesFromBase64(), image.Pixels, name);
        AssertNear(figure.GetProperty("gray").GetBytesFromBase64(),
            Image.Load(path, new ImageOptions { Frame = frame, Mode = ColorMode.Gray }).Pixels, name + " as grey");
        var info = Image.ReadInfo(path);
        Assert.Equal(image.FrameCount, info.Frames);
        if (frame == 0)
            Assert.Equal((image.Width, image.Height), Image.ReadSize(path));
    }

    [Fact]
    public void Alpha_is_kept_when_asked_and_blended_when_asked()
    {
        var figure = Named("rgba.png");
        var file = figure.GetProperty("file").GetBytesFromBase64();
        Assert.Equal(figure.GetProperty("rgba").GetBytesFromBase64(),
            Image.Decode(file, "rgba.png", new ImageOptions { Mode = ColorMode.Rgba }).Pixels.ToArray());
        Assert.Equal(figure.GetProperty("rgba").GetBytesFromBase64(),
            Image.Decode(file, "rgba.png", new ImageOptions { Mode = ColorMode.Stored }).Pixels.ToArray());
        Assert.Equal(figure.GetProperty("onWhite").GetBytesFromBase64(),
            Image.Decode(file, "rgba.png", new ImageOptions { Background = Rgb.White }).Pixels.ToArray());
    }

    [Fact]
    public void Sixteen_bits_are_kept_when_asked()
    {
        var figure = Named("deep.png");
        var image = Image.Decode(figure.GetProperty("file").GetBytesFromBase64(), "deep.png", new ImageOptions { Keep16Bits = true });
        Assert.Equal((16, 3), (image.BitDepth, image.Channels));
        Assert.Equal(figure.GetProperty("deep").GetBytesFromBase64(), image.Bytes.ToArray());
        Assert.Equal(1, Image.Decode(Named("deep-gray.png").GetProperty("file").GetBytesFromBase64(), "g",
            new ImageOptions { Keep16Bits = true, Mode = ColorMode.Stored }).Channels);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void Orientation_can_be_left_alone(int orientation)
    {
        var file = Named($"exif-{orientation}.jpg").GetProperty("file").GetBytesFromBase64();
        var upright = Image.Decode(Named("exif-1.jpg").GetProperty("file").GetBytesFromBase64(), "1");
        Assert.Equal(upright.Pixels.ToArray(), Image.Decode(file, "e", new ImageOptions { ApplyOrientation = false }).Pixels.ToArray());
        Assert.Equal(orientation, Image.ReadInfo(folder.Write("e.jpg", file)).Orientation);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(12)]
    public void An_avif_is_read_whatever_its_depth(int bits)
    {
        // a dark picture stays dark
        ushort[] samples = [.. Enumerable.Range(0, 16 * 8).SelectMany(i => new ushort[] { (ushort)(i * 100), 6000, 12000 })];
        using var deep = NetVips.Image.NewFromMemoryCopy<ushort>(samples, 16, 8, 3, NetVips.Enums.BandFormat.Ushort);
        using var named = deep.Copy(interpretation: NetVips.Enums.Interpretation.Rgb16);
        using var target = NetVips.Target.NewToMemory();
        named.HeifsaveTarget(target, bitdepth: bits, lossless: true, compression: NetVips.Enums.ForeignHeifCompression.Av1);
        var path = folder.Write("picture.avif", target.Blob);
        var info = Image.ReadInfo(path);
        Assert.Equal((ImageFormat.Avif, 16, 8, bits == 8 ? 8 : 16), (info.Format, info.Width, info.Height, info.BitDepth));
        var image = Image.Load(path);
        for (var i = 0; i < samples.Length; i++)
            Assert.InRange(image.Pixels[i], samples[i] / 256 - 2, samples[i] / 256 + 2);
    }

    [Fact]
    public void A_file_is_told_by_its_content_and_not_by_its_extension()
    {
        var path = folder.Write("really a [png],1=2.jpg", Named("rgb.png").GetProperty("file").GetBytesFromBase64());
        Assert.Equal(ImageFormat.Png, Image.ReadInfo(path).Format);
        Assert.Equal(9, Image.Load(path).Width);
    }

    [Fact]
    public void A_photograph_can_be_decoded_smaller()
    {
        var image = new Image(320, 200);
        Figures.Bytes("photo", 320 * 200 * 3).CopyTo(image.Pixels);
        var file = image.Encode(ImageFormat.Jpeg);
        var small = Image.Decode(file, "photo", new ImageOptions { MinimumShortSide = 50 });
        Assert.Equal((80, 50), (small.Width, small.Height));
        Assert.Equal(320, Image.Decode(file, "photo", new ImageOptions { MinimumShortSide = 150 }).Width);
    }

    [Fact]
    public void Photographs_decode_within_a_grey_level_of_Pillow()
    {
        var photographs = Figures.Shared(Path.Combine("data", "kangaroo", "images"));
        foreach (var path in Directory.GetFiles(photographs, "*.jpg"))
        {
            var image = Image.Load(path);
            Assert.Equal(Image.ReadSize(path), (image.Width, image.Height));
        }
        using var figures = Figures.Read("photographs");
        foreach (var figure in figures.RootElement.EnumerateArray())
        {
            var image = Image.Load(Path.Combine(photographs, figure.Text("name")));
            Assert.Equal(figure.Pair("size"), (image.Width, image.Height));
            foreach (var (index, value) in figure.GetProperty("index").EnumerateArray().Zip(figure.GetProperty("value").EnumerateArray()))
                Assert.InRange(image.Pixels[index.GetInt32()], value.GetInt32() - 1, value.GetInt32() + 1);
        }
    }

    [Fact]
    public async Task Several_threads_decode_at_once_and_errors_stay_with_their_file()
    {
        var good = Named("rgb.jpg");
        var (file, expected) = (good.GetProperty("file").GetBytesFromBase64(), good.GetProperty("rgb").GetBytesFromBase64());
        var png = Named("rgb.png").GetProperty("file").GetBytesFromBase64();
        await Parallel.ForAsync(0, 400,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (i, _) =>
        {
            if (i % 5 == 0)
            {
                var isPng = i % 10 == 0;
                var error = Assert.Throws<ImageException>(() =>
                    Image.Decode(isPng ? png.AsSpan(0, 50) : file.AsSpan(0, file.Length - 60), $"cut-{i}"));
                Assert.Contains($"cut-{i}: the {(isPng ? "Png" : "Jpeg")} image", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(isPng ? "Jpeg" : "png", error.Message.Split('(')[1], StringComparison.OrdinalIgnoreCase);
            }
            else
            {
                AssertNear(expected, Image.Decode(file, "rgb.jpg").Pixels, "rgb.jpg");
            }
            return ValueTask.CompletedTask;
        });
    }

    internal static JsonElement Named(string name)
    {
        using var figures = Figures.Read("files");
        return figures.RootElement.EnumerateArray().First(f => f.Text("name") == name).Clone();
    }

    /// <summary>Within one grey level: JPEG and WebP libraries may round differently from version to version.</summary>
    private static void AssertNear(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string name)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (Math.Abs(expected[i] - actual[i]) > 1)
                Assert.Fail($"{name}, sample {i}: {actual[i]}, but Pillow has {expected[i]}.");
        }
    }
}
