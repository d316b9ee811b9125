using System.Security.Cryptography;
using System.Text.Json;
using Sconce.Imaging;
using Sconce.Imaging.Resampling;
using Xunit;

namespace Sconce.Tests.Imaging;

public sealed class ResizeTests
{
    [Fact]
    public void Eight_bit_results_equal_Pillows_sample_for_sample()
    {
        using var figures = Figures.Read("resize");
        var faults = new List<string>();
        foreach (var figure in figures.RootElement.GetProperty("bytes").EnumerateArray())
        {
            var (w, h) = figure.Pair("from");
            var (newW, newH) = figure.Pair("to");
            var channels = figure.GetProperty("channels").GetInt32();
            var filter = Enum.Parse<ResizeFilter>(figure.Text("filter"));
            var image = Image.FromPixels(w, h, channels, Figures.Bytes($"{w}x{h}x{channels}", w * h * channels));
            var resized = image.Resize(newW, newH, filter);
            Assert.Equal((newW, newH, channels), (resized.Width, resized.Height, resized.Channels));
            if (Convert.ToHexStringLower(SHA256.HashData(resized.Pixels)) != figure.Text("sha256"))
                faults.Add($"{filter} {w}x{h}x{channels} -> {newW}x{newH}: {Samples(figure, resized.Pixels)}");
        }
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Vector_and_scalar_passes_give_the_same_bytes(int channels)
    {
        foreach (var (w, h, newW, newH) in new[] { (37, 29, 11, 5), (11, 5, 37, 29), (3, 900, 2, 2), (900, 3, 2, 2), (64, 64, 63, 65) })
        {
            var source = Figures.Bytes($"same{w}", w * h * channels);
            foreach (var filter in Enum.GetValues<ResizeFilter>().Where(f => f != ResizeFilter.Nearest))
            {
                var fast = ByteResampler.Resize(source, w, h, channels, newW, newH, filter);
                var plain = ByteResampler.Resize(source, w, h, channels, newW, newH, filter, vectors: false);
                Assert.Equal(plain, fast);
            }
        }
    }

    [Fact]
    public void Float_results_equal_Pillows_float_images()
    {
        using var figures = Figures.Read("resize");
        foreach (var figure in figures.RootElement.GetProperty("floats").EnumerateArray())
        {
            var (w, h) = figure.Pair("from");
            var (newW, newH) = figure.Pair("to");
            var source = Array.ConvertAll(Figures.Draws($"f{w}x{h}", w * h), d => (float)(d % 65536) / 65535f);
            var resized = FloatResampler.Resize(source, w, h, 1, newW, newH, Enum.Parse<ResizeFilter>(figure.Text("filter")));
            foreach (var (index, value) in Expected(figure))
                Assert.Equal(value, resized[index], 1e-6);
        }
    }

    [Fact]
    public void Sixteen_bit_images_are_resized_like_floats_and_rounded()
    {
        var samples = Array.ConvertAll(Figures.Draws("deep", 31 * 23 * 3), d => (ushort)(d % 65536));
        var resized = Image.FromPixels(31, 23, 3, samples).Resize(12, 40, ResizeFilter.Bicubic);
        var exact = FloatResampler.Resize(Array.ConvertAll(samples, s => (float)s), 31, 23, 3, 12, 40, ResizeFilter.Bicubic);
        Assert.Equal(16, resized.BitDepth);
        for (var i = 0; i < exact.Length; i++)
            Assert.InRange(resized.Pixels16[i] - Math.Clamp(exact[i], 0, 65535), -0.51, 0.51);
    }

    [Fact]
    public void The_short_side_and_the_centre_crop_follow_torchvision()
    {
        using var figures = Figures.Read("resize");
        foreach (var figure in figures.RootElement.GetProperty("shortSide").EnumerateArray())
        {
            var (w, h) = figure.Pair("from");
            var size = figure.GetProperty("size").GetInt32();
            var image = Image.FromPixels(w, h, 1, Figures.Bytes("g", w * h));
            var shorter = image.ResizeShortSide(size);
            Assert.Equal(figure.Pair("short"), (shorter.Width, shorter.Height));
            Assert.Equal(figure.Text("crop"), Convert.ToHexStringLower(SHA256.HashData(image.CenterCrop(size).Pixels)));
        }
        foreach (var figure in figures.RootElement.GetProperty("limited").EnumerateArray())
        {
            var (w, h) = figure.Pair("from");
            var limited = new Image(w, h, 1).ResizeShortSide(figure.GetProperty("size").GetInt32(),
                maxSize: figure.GetProperty("max").GetInt32());
            Assert.Equal(figure.Pair("to"), (limited.Width, limited.Height));
        }
    }

    [Theory]
    [InlineData("clip-preprocess.json")]
    [InlineData("clip-preprocess-upscale.json")]
    public void Clips_preprocessing_gives_the_official_numbers(string file)
    {
        using var parity = JsonDocument.Parse(File.ReadAllBytes(Figures.Shared(Path.Combine("parity", file))));
        var shape = parity.RootElement.GetProperty("inputs").GetProperty("image").GetProperty("shape");
        int h = shape[0].GetInt32(), w = shape[1].GetInt32();
        var image = Image.FromPixels(w, h, 3, Figures.Bytes("in.image", w * h * 3)).ResizeShortSide(224, ResizeFilter.Bicubic)
            .CenterCrop(224);
        var planes = new float[3 * 224 * 224];
        image.Normalize([0.48145466f, 0.4578275f, 0.40821073f], [0.26862954f, 0.26130258f, 0.27577711f], planes);
        var output = parity.RootElement.GetProperty("outputs").GetProperty("out");
        foreach (var (index, value) in Expected(output))
            Assert.Equal(value, planes[index], 1e-6);
        Assert.Equal(output.GetProperty("mean").GetDouble(), planes.Average(p => (double)p), 1e-6);
        Assert.Equal(output.GetProperty("rms").GetDouble(), Math.Sqrt(planes.Average(p => (double)p * p)), 1e-6);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(100_000, 100_000)]
    public void A_size_that_cannot_be_is_refused(int w, int h) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Image(4, 4).Resize(w, h));

    [Fact]
    public void Colours_behind_full_transparency_do_not_bleed_in()
    {
        var image = new Image(2, 1, 4);
        byte[] pixels = [255, 0, 0, 0, 0, 0, 200, 255];
        pixels.CopyTo(image.Pixels);
        var mixed = image.Resize(1, 1, ResizeFilter.Box);
        Assert.Equal(0, mixed.Pixels[0]);
        Assert.InRange(mixed.Pixels[2], 198, 200);
        Assert.Equal(128, mixed.Pixels[3]);
    }

    private static IEnumerable<(int Index, double Value)> Expected(JsonElement figure) =>
        figure.GetProperty("index").EnumerateArray().Select(i => i.GetInt32())
        .Zip(figure.GetProperty("value").EnumerateArray().Select(v => v.GetDouble()));

    private static string Samples(JsonElement figure, ReadOnlySpan<byte> pixels)
    {
        var text = "";
        foreach (var (index, value) in Expected(figure))
            text += $" [{index}] {pixels[index]} for {value};";
        return text;
    }
}
