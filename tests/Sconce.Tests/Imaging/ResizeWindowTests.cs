using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Imaging;

/// <summary>Of a resized picture only a window is computed: the same samples as resizing and cutting, without the memory of the
/// whole.</summary>
public sealed class ResizeWindowTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(1, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 16)]
    public void A_window_equals_the_whole_and_then_a_crop_sample_for_sample(int channels, int depth)
    {
        var random = new Random(channels + depth);
        foreach (var filter in Enum.GetValues<ResizeFilter>())
        {
            for (var trial = 0; trial < 12; trial++)
            {
                var image = Noise(random, random.Next(1, 60), random.Next(1, 60), channels, depth);
                int width = trial % 3 == 0 ? image.Width : random.Next(1, 90), height = trial % 4 == 0 ? image.Height : random.Next(1, 90);
                int left = random.Next(width), top = random.Next(height);
                var window = new PixelBox(left, top, random.Next(left + 1, width + 1), random.Next(top + 1, height + 1));
                Assert.Equal(image.Resize(width, height, filter).Crop(window).Bytes.ToArray(),
                    image.ResizeWindow(width, height, window, filter).Bytes.ToArray());
                int w = random.Next(1, 100), h = random.Next(1, 100);
                Assert.Equal(image.Resize(width, height, filter).CenterCrop(w, h).Bytes.ToArray(),
                    image.ResizeCenterCrop(width, height, w, h, filter).Bytes.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(0, 0, 0, 5)]
    [InlineData(0, 0, 11, 5)]
    [InlineData(-1, 0, 5, 5)]
    [InlineData(5, 5, 4, 6)]
    public void A_window_that_is_empty_or_leaves_the_picture_is_refused(int left, int top, int right, int bottom) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Image(4, 4).ResizeWindow(10, 10, new PixelBox(left, top, right, bottom)));

    [Theory]
    [InlineData(ResizeMode.ShortSide, 20_000, 4)]
    [InlineData(ResizeMode.ShortSide, 4, 20_000)]
    [InlineData(ResizeMode.ShortSide, 30_000, 1)]
    [InlineData(ResizeMode.Height, 30_000, 1)]
    [InlineData(ResizeMode.Squash, 1, 30_000)]
    public void A_line_of_pixels_takes_no_more_memory_than_its_middle(ResizeMode mode, int width, int height)
    {
        var picture = new Image(width, height, 3);
        picture.Bytes.Fill(200);
        var preprocessing = ImagePreprocessing.ImageNet(224, mode: mode);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var tensor = preprocessing.Apply(picture);
        var augmented = new Preprocess(preprocessing).Apply(new ImageExample(picture), ref Anything());
        foreach (var crop in (RandomCrop[])[new(32) { ShortSide = 32, Padding = 4 },
            new(32) { ShortSide = 32, Padding = 4, Reflect = true }])
            crop.Apply(new ImageExample(picture), ref Anything());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000_000);
        Assert.Equal([3L, 224, 224], tensor.Shape.ToArray());
        Assert.Equal((224, 224), (augmented.Image.Width, augmented.Image.Height));
        Assert.Equal(200, augmented.Image.Pixels[(112 * 224 + 112) * 3]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_random_crop_of_a_resized_picture_is_that_of_two_steps_with_masks_and_boxes(bool reflect)
    {
        var random = new Random(3);
        for (var trial = 0; trial < 60; trial++)
        {
            var image = Noise(random, random.Next(5, 60), random.Next(5, 60), 3, 8);
            var example = new ImageExample(image)
            {
                Mask = Noise(random, image.Width, image.Height, 1, 8),
                Boxes = [new BoxAnnotation(1, 1, image.Width - 1, image.Height / 2f, 0)],
            };
            AugmentationRandom one = new(5, trial, 0), other = new(5, trial, 0);
            var crop = new RandomCrop(24, 20) { Padding = 3, Reflect = reflect };
            var expected = crop.Apply(new ResizeShortSide(24).Apply(example, ref one), ref one);
            var actual = (crop with { ShortSide = 24 }).Apply(example, ref other);
            Assert.Equal(expected.Image.Bytes.ToArray(), actual.Image.Bytes.ToArray());
            Assert.Equal(expected.Mask!.Bytes.ToArray(), actual.Mask!.Bytes.ToArray());
            Assert.Equal(expected.Boxes.Select(Edges),
                actual.Boxes.Select(Edges));    // scaled and moved in another order: the last bit may differ
            Assert.Equal(one.Next(1 << 30), other.Next(1 << 30));
        }
    }

    [Fact]
    public void A_longest_side_leaves_a_line_of_pixels_one() =>
        Assert.Equal((1333, 1), Image.ShortSideSize(30_000, 1, 800, 1333));

    private static (double, double, double, double) Edges(BoxAnnotation box) =>
        (Math.Round(box.Left, 3), Math.Round(box.Top, 3), Math.Round(box.Right, 3), Math.Round(box.Bottom, 3));

    private static AugmentationRandom place = new(1, 2, 3);

    private static ref AugmentationRandom Anything() => ref place;

    private static Image Noise(Random random, int width, int height, int channels, int depth)
    {
        var image = new Image(width, height, channels, depth);
        random.NextBytes(image.Bytes);
        return image;
    }
}
