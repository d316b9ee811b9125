using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Masks of objects: pycocotools' figures (Figures/make_masks.py), the two texts of runs, and what pictures' changes do to
/// them.</summary>
public sealed class MaskTests
{
    internal static JsonNode Figures()
    {
        using var stream = typeof(MaskTests).Assembly.GetManifestResourceStream("Data/Figures/masks.json")!;
        return JsonNode.Parse(stream)!;
    }

    [Fact]
    public void Polygons_cover_the_pixels_that_pycocotools_says()
    {
        foreach (var figure in Figures()["polygons"]!.AsArray())
        {
            int width = (int)figure!["width"]!, height = (int)figure["height"]!;
            var mask = RunLengthMask.FromPolygons(width, height,
                [.. figure["polygons"]!.AsArray().Select(polygon => polygon!.AsArray().Select(number => (double)number!).ToArray())]);
            Assert.Equal((string)figure["text"]!, mask.ToText());
            Assert.Equal((long)figure["area"]!, mask.Area);
            Assert.Equal(mask, RunLengthMask.Parse(width, height, mask.ToText()));
            double[] box = [.. figure["box"]!.AsArray().Select(number => (double)number!)];
            var bounds = mask.Bounds;
            Assert.Equal(box, bounds is { } some ? [some.Left, some.Top, some.Width, some.Height] : [0, 0, 0, 0]);
        }
    }

    [Fact]
    public void A_rectangle_on_the_pixels_edges_is_its_pixels()
    {
        var mask = RunLengthMask.FromPolygons(4, 3, [[1, 1, 3, 1, 3, 3, 1, 3]]);
        Assert.Equal([4, 2, 1, 2, 3], mask.Runs); // down the columns
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0], mask.ToImage().Pixels.ToArray());
        Assert.Equal(new PixelBox(1, 1, 3, 3), mask.Bounds);
    }

    [Theory]
    [InlineData(20_000, 1)]
    [InlineData(2_000, 11)]
    public void A_mask_that_goes_to_and_fro_across_its_picture_is_refused_before_it_is_followed(int corners, int polygons)
    {
        const int side = 40_000;
        double[] zigzag = [.. Enumerable.Range(0, corners).SelectMany(k => new double[] { k % 2 == 0 ? 2 * side : -side, k })];
        var error = Assert.Throws<DataException>(() => RunLengthMask.FromPolygons(side, side, [.. Enumerable.Repeat(zigzag, polygons)]));
        Assert.Contains("to and fro", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlaps_are_those_of_pycocotools()
    {
        foreach (var figure in Figures()["overlaps"]!.AsArray())
        {
            RunLengthMask[] pair = [.. figure!["texts"]!.AsArray().Select(text => RunLengthMask.Parse(40, 30, (string)text!))];
            Assert.Equal((double)figure["iou"]!, pair[0].Iou(pair[1]), 1e-15);
            Assert.Equal((double)figure["crowd"]!, (double)pair[0].Intersection(pair[1]) / pair[0].Area, 1e-15);
        }
    }

    [Fact]
    public void Runs_text_and_pixels_are_one_mask() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        int width = random.Next(1, 30), height = random.Next(1, 30);
        Image Noise()
        {
            var image = new Image(width, height, 1);
            foreach (ref byte pixel in image.Pixels) pixel = (byte)random.Next(2);
            return image;
        }

        Image first = Noise(), second = Noise();
        RunLengthMask one = RunLengthMask.FromImage(first), other = RunLengthMask.FromImage(second);
        var either = first.Pixels.ToArray().Zip(second.Pixels.ToArray(), (a, b) => a | b).ToArray();
        int shared = first.Pixels.ToArray().Zip(second.Pixels.ToArray(), (a, b) => a & b).Sum();
        return one.ToImage().Pixels.SequenceEqual(first.Pixels)
            && RunLengthMask.Parse(width, height, one.ToText()).Equals(one)
            && RunLengthMask.FromRuns(width, height, one.Runs).Equals(one)
            && one.Area == first.Pixels.ToArray().Sum(pixel => pixel)
            && one.Intersection(other) == shared
            && one.Union(other).ToImage().Pixels.ToArray().Select(pixel => (int)pixel).SequenceEqual(either);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Empty_runs_within_a_mask_are_left_out()
    {
        Assert.Equal([0, 7, 5], RunLengthMask.FromRuns(4, 3, [0, 3, 0, 4, 5]).Runs);
        Assert.Equal([12], RunLengthMask.FromRuns(4, 3, [5, 0, 7]).Runs);
        Assert.Equal(RunLengthMask.Empty(4, 3), RunLengthMask.FromRuns(4, 3, [12, 0]));
        Assert.Null(RunLengthMask.Empty(4, 3).Bounds);
        Assert.Equal(0, RunLengthMask.Empty(4, 3).Iou(RunLengthMask.Empty(4, 3)));
    }

    [Theory]
    [InlineData("", "make 0 pixels together, but the picture has 4 x 3 = 12")]
    [InlineData("5", "make 5 pixels")]
    [InlineData("55p", "character 'p' at place 3")]
    [InlineData("5 5", "character ' ' at place 2")]
    [InlineData("5a", "ends within its run 2")]
    [InlineData("55oooooooo", "longer than any picture")]
    [InlineData("55M", "has the length -3")]
    [InlineData("55oo0", "has the length 1023")]
    public void A_text_that_is_no_mask_says_why(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => RunLengthMask.Parse(4, 3, text)).Message);

    [Fact]
    public void Masks_of_two_pictures_are_not_compared()
    {
        Assert.Throws<ArgumentException>(() => RunLengthMask.Empty(4, 3).Iou(RunLengthMask.Empty(3, 4)));
        Assert.Throws<ArgumentException>(() => RunLengthMask.FromImage(new Image(4, 4)));
        Assert.Throws<DataException>(() => RunLengthMask.Empty(1 << 17, 1 << 17));
        Assert.Throws<DataException>(() => RunLengthMask.FromRuns(4, 3, [-1, 13]));
    }

    [Fact]
    public void A_mask_stays_on_its_object_through_every_geometric_change()
    {
        var picture = new Image(60, 40);
        picture.Fill(PixelBox.FromSize(20, 10, 24, 16), new Rgb(255, 255, 255));
        var mask = RunLengthMask.FromPolygons(60, 40, [[20, 10, 44, 10, 44, 26, 20, 26]]);
        var example = new ImageExample(picture) { Boxes = [new BoxAnnotation(20, 10, 44, 26, 0) { Mask = mask }] };
        Augmentation[] changes =
        [
            new RandomHorizontalFlip(1), new RandomVerticalFlip(1), new Resize(80, 90), new ResizeShortSide(23), new CenterCrop(50, 30),
            new CenterCrop(70, 90), new RandomResizedCrop(48) { MinimumArea = 0.5 },
            new RandomCrop(36, 50), new RandomCrop(40, 60) { Padding = 4 },
        ];
        foreach (var change in changes)
        {
            var random = new AugmentationRandom(1, 2, 3);
            var moved = change.Apply(example, ref random);
            Follows(moved, change.ToString());
        }

        Follows(Geometry.Rotate(example, 20, ResizeFilter.Nearest, default), "Rotate");
        Follows(Geometry.ShearX(example, 0.2, ResizeFilter.Nearest, default), "ShearX");
        Follows(Geometry.Translate(example, 9, -3, ResizeFilter.Nearest, default), "Translate");
        Assert.Equal([new PixelBox(16, 10, 40, 26)],
            new[] { example }.Select(one => Applied(new RandomHorizontalFlip(1), one).Boxes[0].Mask!.Bounds!.Value));
    }

    private static ImageExample Applied(Augmentation change, ImageExample example)
    {
        var random = new AugmentationRandom(1, 2, 3);
        return change.Apply(example, ref random);
    }

    /// <summary>The object is white: the mask must cover the bright pixels but for its border, and its box must be the
    /// annotation's.</summary>
    private static void Follows(ImageExample moved, string what)
    {
        var box = Assert.Single(moved.Boxes);
        var mask = box.Mask!;
        Assert.True((mask.Width, mask.Height) == (moved.Image.Width, moved.Image.Height), what);
        var inside = mask.ToImage();
        int differ = 0, bright = 0;
        for (int k = 0; k < inside.Pixels.Length; k++)
        {
            bool white = moved.Image.Pixels[3 * k] > 127;
            bright += white ? 1 : 0;
            differ += white != (inside.Pixels[k] != 0) ? 1 : 0;
        }

        Assert.True(bright > 20 && differ <= bright / 20, $"{what}: {differ} of {bright} pixels differ");
        var bounds = mask.Bounds!.Value;
        Assert.True(Math.Abs(bounds.Left - box.Left) < 2 && Math.Abs(bounds.Right - box.Right) < 2 && Math.Abs(bounds.Top - box.Top) < 2
            && Math.Abs(bounds.Bottom - box.Bottom) < 2, $"{what}: {bounds} and {box}");
    }
}
