using FsCheck;
using FsCheck.Fluent;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Imaging;

public sealed class GeometryTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(224)]
    public void A_flip_exchanges_left_and_right_at_every_width(int width)
    {
        var image = Image.FromPixels(width, 3, 3, Figures.Bytes($"flip {width}", width * 9));
        var flipped = image.HorizontalFlip();
        for (var y = 0; y < 3; y++)
        {
            for (var x = 0; x < width; x++)
                Assert.Equal(image.Row(y).Slice(3 * x, 3).ToArray(), flipped.Row(y).Slice(3 * (width - 1 - x), 3).ToArray());
        }
    }

    [Fact]
    public void Flips_and_turns_move_every_pixel_where_they_say()
    {
        foreach (var (channels, depth) in new[] { (1, 8), (3, 8), (4, 8), (1, 16), (3, 16), (4, 16) })
        {
            var image = Some(5, 3, channels, depth);
            Assert.Equal(Pixel(image, 4, 1), Pixel(image.HorizontalFlip(), 0, 1));
            Assert.Equal(Pixel(image, 1, 2), Pixel(image.VerticalFlip(), 1, 0));
            Assert.Equal(Pixel(image, 3, 1), Pixel(image.Transpose(), 1, 3));
            var turned = image.Rotate90();    // counter-clockwise: the right edge becomes the top
            Assert.Equal((3, 5), (turned.Width, turned.Height));
            Assert.Equal(Pixel(image, 4, 1), Pixel(turned, 1, 0));
            Assert.Equal(Pixel(image, 0, 0), Pixel(image.Rotate90(-1), 2, 0));
        }
    }

    [Fact]
    public void Turns_and_flips_undo_each_other() =>
        Prop.ForAll(Gen.Choose(1, 12).Two().ToArbitrary(), Gen.Choose(-9, 9).ToArbitrary(), (size, turns) =>
        {
            var image = Some(size.Item1, size.Item2, 3, 8);
            Assert.Equal(image.Bytes.ToArray(), image.Rotate90(turns).Rotate90(-turns).Bytes.ToArray());
            Assert.Equal(image.Bytes.ToArray(), image.Transpose().Transpose().Bytes.ToArray());
            Assert.Equal(image.Rotate90(2).Bytes.ToArray(), image.HorizontalFlip().VerticalFlip().Bytes.ToArray());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cropping_a_padded_image_gives_it_back() =>
        Prop.ForAll(Gen.Choose(1, 9).Two().ToArbitrary(), Gen.Choose(0, 5).Four().ToArbitrary(), (size, margin) =>
        {
            var image = Some(size.Item1, size.Item2, 3, 16);
            var padded = image.Pad(margin.Item1, margin.Item2, margin.Item3, margin.Item4, Rgb.White);
            Assert.Equal(image.Bytes.ToArray(), padded.Crop(PixelBox.FromSize(margin.Item1, margin.Item2, image.Width, image.Height))
                .Bytes.ToArray());
            Assert.True(margin.Item1 == 0 || padded.Pixels16[0] == 65535);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(-1, 0, 2, 2)]
    [InlineData(0, 0, 6, 2)]
    [InlineData(0, 0, 2, 4)]
    [InlineData(2, 2, 2, 3)]
    public void A_box_outside_the_image_is_refused(int left, int top, int right, int bottom) =>
        Assert.Contains("5 x 3", Assert.Throws<ArgumentOutOfRangeException>(() =>
            Some(5, 3, 3, 8).Crop(new PixelBox(left, top, right, bottom))).Message, StringComparison.Ordinal);

    [Fact]
    public void Normalising_gives_planes_of_scaled_values()
    {
        var image = Image.FromPixels(2, 1, 3, (ReadOnlySpan<byte>)[0, 51, 255, 255, 102, 0]);
        var planes = new float[6];
        image.CopyTo(planes);
        Assert.Equal([0f, 1f, 0.2f, 0.4f, 1f, 0f], planes);
        image.Normalize([0.5f, 0f, 1f], [0.5f, 0.2f, 1f], planes);
        Assert.Equal([-1f, 1f, 0.2f / 0.2f, 0.4f / 0.2f, 0f, -1f], planes);
        Assert.Throws<ArgumentException>(() => image.CopyTo(new float[5]));
        Assert.Throws<ArgumentException>(() => image.Normalize([0f], [1f], planes));
    }

    [Fact]
    public void Floats_become_pixels_rounded_and_clamped()
    {
        var image = Image.FromFloats(2, 2, 1, [-1f, 0.5f, 2f, float.NaN]);
        Assert.Equal([0, 128, 255, 0], image.Pixels.ToArray());
        var all = new Image(16, 16, 1);
        for (var i = 0; i < 256; i++)
            all.Pixels[i] = (byte)i;
        var planes = new float[256];
        all.CopyTo(planes);
        Assert.Equal(all.Pixels.ToArray(), Image.FromFloats(16, 16, 1, planes).Pixels.ToArray());
    }

    [Theory]
    [InlineData(1, 8, ".png")]
    [InlineData(3, 8, ".png")]
    [InlineData(4, 8, ".png")]
    [InlineData(1, 16, ".png")]
    [InlineData(3, 16, ".png")]
    [InlineData(4, 16, ".png")]
    public void A_saved_png_gives_the_same_samples_back(int channels, int depth, string extension)
    {
        var image = Some(13, 7, channels, depth);
        var path = folder.At("saved" + extension);
        image.Save(path);
        image.Save(path);    // replaces
        var back = Image.Load(path, new ImageOptions { Mode = ColorMode.Stored, Keep16Bits = true });
        Assert.Equal((channels, depth), (back.Channels, back.BitDepth));
        Assert.Equal(image.Bytes.ToArray(), back.Bytes.ToArray());
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));
    }

    [Theory]
    [InlineData(".jpg", 1)]
    [InlineData(".jpeg", 3)]
    [InlineData(".jpg", 4)]
    [InlineData(".webp", 1)]
    [InlineData(".webp", 3)]
    [InlineData(".webp", 4)]
    public void Jpeg_and_webp_come_back_close_and_smaller_at_lower_quality(string extension, int channels)
    {
        var image = new Image(64, 48, channels, 16);
        for (var y = 0; y < 48; y++)
        {
            for (var i = 0; i < 64 * channels; i++)
                image.Pixels16[y * 64 * channels + i] = channels == 4 && i % 4 == 3
                    ? (ushort)65535 : (ushort)(y * 1000 + i / channels * 200);
        }
        image.Save(folder.At("fine" + extension), quality: 95);
        image.Save(folder.At("poor" + extension), quality: 10);
        var back = Image.Load(folder.At("fine" + extension));
        var expected = image.To8Bit().ToRgb().Pixels.ToArray();
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(back.Pixels[i], expected[i] - 8, expected[i] + 8);
        Assert.True(new FileInfo(folder.At("poor" + extension)).Length < new FileInfo(folder.At("fine" + extension)).Length);
    }

    [Fact]
    public void A_grid_places_its_images_in_cells()
    {
        var grid = ImageGrid.Create([Plain(4, 3, new Rgb(255, 0, 0)), Plain(4, 3, new Rgb(0, 255, 0)), Plain(2, 1, new Rgb(0, 0, 255))],
            columns: 2, padding: 1, background: Rgb.White);
        Assert.Equal((11, 9), (grid.Width, grid.Height));
        Assert.Equal([255, 255, 255], Pixel(grid, 0, 0));
        Assert.Equal([255, 0, 0], Pixel(grid, 1, 1));
        Assert.Equal([0, 255, 0], Pixel(grid, 6, 1));
        Assert.Equal([255, 255, 255], Pixel(grid, 1, 6));
        Assert.Equal([0, 0, 255], Pixel(grid, 2, 6));
        Assert.Throws<ArgumentException>(() => ImageGrid.Create([]));
    }

    [Fact]
    public void A_rectangle_is_drawn_inward_and_clipped()
    {
        var image = new Image(8, 8);
        image.DrawRectangle(new PixelBox(2, 2, 20, 7), new Rgb(9, 8, 7), thickness: 2);
        Assert.Equal([9, 8, 7], Pixel(image, 2, 2));
        Assert.Equal([9, 8, 7], Pixel(image, 3, 6));
        Assert.Equal([9, 8, 7], Pixel(image, 7, 5));
        Assert.Equal([0, 0, 0], Pixel(image, 4, 4));
        Assert.Equal([0, 0, 0], Pixel(image, 1, 1));
        Assert.Equal([0, 0, 0], Pixel(image, 7, 7));
    }

    [Fact]
    public void A_label_is_written_inside_the_image()
    {
        var image = new Image(120, 40);
        PixelBox box = default;
        string? without = null;
        try
        {
            box = image.DrawLabel(110, 35, "a < b & c", Rgb.White, new Rgb(0, 0, 99), size: 12);
        }
        catch (ImageException e) when (e.Message.Contains("Pango", StringComparison.Ordinal))
        {
            without = e.Message;
        }

        Assert.SkipWhen(without is not null, $"this libvips draws no text: {without}");
        Assert.InRange(box.Right, 1, 120);
        Assert.InRange(box.Bottom, 1, 40);
        Assert.Equal([0, 0, 99], Pixel(image, box.Left, box.Top));
        Assert.Contains((byte)255, image.Crop(box).Pixels.ToArray());
    }

    [Fact]
    public void Conversions_follow_Pillow()
    {
        var image = Image.FromPixels(1, 1, 4, (ReadOnlySpan<byte>)[10, 200, 30, 128]);
        Assert.Equal([10, 200, 30], image.ToRgb().Pixels.ToArray());
        Assert.Equal([132, 227, 142], image.ToRgb(Rgb.White).Pixels.ToArray());
        Assert.Equal([124], image.ToGray().Pixels.ToArray());
        Assert.Equal([124, 124, 124, 255], image.ToGray().ToRgba().Pixels.ToArray());
        Assert.Equal(new Rgb(255, 136, 0), Rgb.Parse("#ff8800"));
        Assert.Throws<FormatException>(() => Rgb.Parse("orange"));
    }

    private static Image Some(int w, int h, int channels, int depth)
    {
        var image = new Image(w, h, channels, depth);
        Figures.Bytes($"some{w}x{h}", image.Bytes.Length).CopyTo(image.Bytes);
        return image;
    }

    private static Image Plain(int w, int h, Rgb color)
    {
        var image = new Image(w, h);
        image.Fill(new PixelBox(0, 0, w, h), color);
        return image;
    }

    private static byte[] Pixel(Image image, int x, int y) => image.Row(y).Slice(x * image.BytesPerPixel, image.BytesPerPixel).ToArray();
}
