using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>What the random parts draw, and that boxes and masks go where the picture goes.</summary>
public sealed class AugmentationTests
{
    [Fact]
    public void A_random_resized_crop_draws_areas_and_shapes_between_its_bounds_and_stays_inside()
    {
        var crop = new RandomResizedCrop(32) { MinimumArea = 0.2, MaximumArea = 0.6 };
        var (areas, ratios) = (new List<double>(), new List<double>());
        for (var k = 0; k < 4000; k++)
        {
            var random = new AugmentationRandom(1, 0, k);
            var box = crop.Sample(300, 200, ref random);
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= 300 && box.Bottom <= 200);
            areas.Add(box.Width * box.Height / 60000.0);
            ratios.Add(Math.Log((double)box.Width / box.Height));
        }
        Assert.InRange(areas.Min(), 0.19, 0.21);
        Assert.InRange(areas.Max(), 0.58, 0.61);
        Assert.Equal(0.4, areas.Average(), 0.02);    // uniform, but for the few tries that do not fit
        Assert.InRange(ratios.Min(), Math.Log(0.75) - 0.02, Math.Log(0.75) + 0.02);
        Assert.InRange(ratios.Max(), Math.Log(4.0 / 3) - 0.02, Math.Log(4.0 / 3) + 0.02);
    }

    [Fact]
    public void A_crop_that_never_fits_is_the_largest_centred_one()
    {
        var random = new AugmentationRandom(1);
        Assert.Equal(PixelBox.FromSize(43, 0, 13, 10), new RandomResizedCrop(8) { MinimumArea = 1 }.Sample(100, 10, ref random));
        Assert.Equal(PixelBox.FromSize(0, 43, 10, 13), new RandomResizedCrop(8) { MinimumArea = 1 }.Sample(10, 100, ref random));
    }

    [Fact]
    public void The_same_numbers_give_the_same_picture_and_others_another()
    {
        Pipeline steps = [new RandomResizedCrop(16), new RandomHorizontalFlip(), new ColorJitter(0.4, 0.4, 0.2, 0.1), new GaussianBlur(),
            new RandAugment()];
        byte[] Run(int index)
        {
            var random = new AugmentationRandom(9, 3, index);
            return steps.Apply(Noise(40, 30), ref random).Bytes.ToArray();
        }
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("flip vertically")]
    [InlineData("crop")]
    [InlineData("random crop")]
    [InlineData("center")]
    [InlineData("resize")]
    [InlineData("rotate")]
    [InlineData("shear")]
    [InlineData("translate")]
    public void Boxes_and_masks_go_where_the_picture_goes(string what)
    {
        Augmentation? step = what switch
        {
            "flip" => new RandomHorizontalFlip(1),
            "flip vertically" => new RandomVerticalFlip(1),
            "crop" => new RandomResizedCrop(40, 50) { MinimumArea = 0.7 },
            "random crop" => new RandomCrop(60) { Padding = 5 },
            "center" => new CenterCrop(50, 70),
            "resize" => new Resize(120, 40),
            _ => null,
        };
        for (var k = 0; k < 20; k++)
        {
            // A white rectangle on black: where it is in the picture and in the mask, there its box must be.
            var image = new Image(80, 60);
            var mask = new Image(80, 60, 1);
            image.Fill(new PixelBox(30, 20, 50, 44), Rgb.White);
            mask.Fill(new PixelBox(30, 20, 50, 44), Rgb.White);
            var example = new ImageExample(image)
            { Mask = mask, Boxes = [new BoxAnnotation(30, 20, 50, 44, 2), new BoxAnnotation(0, 0, 80, 60, 3)] };
            var random = new AugmentationRandom(4, 0, k);
            var moved = step is not null ? step.Apply(example, ref random) : what switch
            {
                "rotate" => Geometry.Rotate(example, 5 * k - 40, ResizeFilter.Bilinear, default),
                "shear" => Geometry.ShearX(example, 0.02 * k - 0.2, ResizeFilter.Nearest, default),
                _ => Geometry.Translate(example, k - 9, 7 - k, ResizeFilter.Nearest, default),
            };
            Assert.Equal((moved.Image.Width, moved.Image.Height), (moved.Mask!.Width, moved.Mask.Height));
            var (fromPicture, fromMask) = (White(moved.Image), White(moved.Mask));
            var box = moved.Boxes.Single(b => b.Label == 2);
            foreach (var seen in (PixelBox[])[fromPicture, fromMask])
            {
                Assert.Equal(box.Left, seen.Left, 2.0);
                Assert.Equal(box.Top, seen.Top, 2.0);
                Assert.Equal(box.Right, seen.Right, 2.0);
                Assert.Equal(box.Bottom, seen.Bottom, 2.0);
            }
            Assert.True(moved.Boxes.All(b => b.Left >= 0 && b.Top >= 0 && b.Right <= moved.Image.Width && b.Bottom <= moved.Image.Height));
        }
    }

    [Fact]
    public void A_box_that_is_cropped_away_goes()
    {
        var example = new ImageExample(new Image(100, 100))
        { Boxes = [new BoxAnnotation(0, 0, 20, 20, 0), new BoxAnnotation(20, 20, 60, 60, 1)] };
        var random = new AugmentationRandom(0);
        Assert.Equal(1, Assert.Single(new CenterCrop(50).Apply(example, ref random).Boxes).Label);
        Assert.Empty(BoxGeometry.Cropped(example.Boxes, new PixelBox(50, 50, 100, 100), 50, 50, minimumArea: 0.4, mask => mask));
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_with_both_sizes()
    {
        var example = new ImageExample(new Image(10, 10)) { Mask = new Image(9, 10, 1), Name = "m.png" };
        Assert.Contains("m.png: the mask has 9 x 10", Assert.Throws<DataException>(() =>
        {
            var random = new AugmentationRandom(0);
            new Resize(5, 5).Apply(example, ref random);
        }).Message);
    }

    [Fact]
    public void A_cutout_is_one_square_of_its_colour()
    {
        for (var k = 0; k < 50; k++)
        {
            var image = new Image(30, 20);
            image.Fill(new PixelBox(0, 0, 30, 20), Rgb.White);
            var random = new AugmentationRandom(2, 0, k);
            var cut = new Cutout(8, new Rgb(1, 2, 3)).Apply(image, ref random);
            var hit = Enumerable.Range(0, 600).Where(i => cut.Pixels[3 * i] == 1 && cut.Pixels[3 * i + 2] == 3).ToList();
            int left = hit.Min(i => i % 30), right = hit.Max(i => i % 30), top = hit.Min(i => i / 30), bottom = hit.Max(i => i / 30);
            Assert.Equal((right - left + 1) * (bottom - top + 1), hit.Count);
            Assert.InRange(right - left + 1, 4, 8);
            Assert.InRange(bottom - top + 1, 4, 8);
        }
    }

    [Fact]
    public void MixUp_blends_pictures_and_targets_with_one_share()
    {
        var mixed = Mixed(new MixUp(1), out var partnered);
        Assert.True(partnered > 0);
        foreach (var (picture, targets) in mixed)
        {
            Assert.Equal(1, targets.Sum(), 1e-5);
            // Picture i is all i + 1: its mean is the mean of its sources under the targets.
            var expected = targets.Select((t, c) => t * (c + 1)).Sum();
            Assert.All(picture, v => Assert.Equal(expected, v, 1e-4));
        }
    }

    [Fact]
    public void CutMix_pastes_one_box_and_counts_its_area()
    {
        foreach (var (picture, targets) in Mixed(new CutMix(), out _))
        {
            for (var c = 0; c < 6; c++)
                Assert.Equal(picture.Count(v => v == c + 1) / (double)picture.Length, targets[c], 1e-5);
        }
    }

    [Fact]
    public void Labels_are_smoothed_where_nothing_is_mixed()
    {
        var random = new AugmentationRandom(1);
        var classes = 4;
        var targets = new MixUp { LabelSmoothing = 0.1, Probability = 0 }.Apply(new BatchPixels(new float[3], 1, 3, 1, 1), [2], null,
            ref classes, ref random);
        Assert.All(targets!.Zip([0.025f, 0.025f, 0.925f, 0.025f]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Fact]
    public void Random_erasing_erases_a_box_within_its_bounds()
    {
        var values = Enumerable.Repeat(5f, 40 * 3 * 30 * 20).ToArray();
        var random = new AugmentationRandom(1);
        var classes = 0;
        new RandomErasing(0.5) { With = ErasedWith.Zero }.Apply(new BatchPixels(values, 40, 3, 30, 20), null, null,
            ref classes, ref random);
        var shares = values.Chunk(3 * 30 * 20).Select(p => p.Count(v => v == 0) / (double)p.Length).ToList();
        Assert.InRange(shares.Count(s => s > 0), 10, 30);
        Assert.All(shares.Where(s => s > 0), s => Assert.InRange(s, 0.01, 0.36));
    }

    [Fact]
    public void A_loader_mixes_its_batches_alike_whatever_the_threads()
    {
        var data = Datasets.Procedural(20, 3, (ref random, index) => new ImageExample(Noise(8, 8)) { Label = index % 4 });
        float[] Run(int threads)
        {
            var values = new List<float>();
            var loader = ImageLoader.Create(data, [], new() { BatchSize = 5, Threads = threads }, classes: 4,
                batchAugmentation: new BatchPipeline(new MixUpOrCutMix(), new RandomErasing()));
            foreach (var batch in loader.Epoch(1).ToBlockingEnumerable(TestContext.Current.CancellationToken))
            {
                values.AddRange(batch.Images.ToArray<float>());
                values.AddRange(batch.Targets!.ToArray<float>());
                batch.Dispose();
            }
            return [.. values];
        }
        Assert.Equal(Run(1), Run(4));
        Assert.Contains("number of classes", Assert.Throws<DataException>(() =>
            ImageLoader.Create(data, [], batchAugmentation: new MixUp()).Epoch(0)
            .ToBlockingEnumerable(TestContext.Current.CancellationToken).First()).Message);
    }

    [Fact]
    public void Multi_crop_gives_views_of_their_sizes_each_with_its_own_numbers()
    {
        var data = Datasets.Procedural(5, 3, (ref random, index) => new ImageExample(Noise(64, 48)) { Label = index });
        var recipe = new MultiViewRecipe(data, MultiCrop.Views([new RandomHorizontalFlip()], globalSize: 20, localViews: 3, localSize: 8));
        float[][] Run(int threads)
        {
            using var batch = new DataLoader<ImageExample[], ViewBatch>(recipe, new() { BatchSize = 5, Threads = threads }).Epoch(0)
                .ToBlockingEnumerable(TestContext.Current.CancellationToken).Single();
            Assert.Equal([20, 20, 8, 8, 8], batch.Views.Select(v => v.Size(3)));
            Assert.Equal([0L, 1, 2, 3, 4], batch.Labels!.ToArray<long>());
            return [.. batch.Views.Select(v => v.ToArray<float>())];
        }
        var live = TensorDiagnostics.Unfreed;
        var views = Run(1);
        Assert.Equal(live, TensorDiagnostics.Unfreed);
        Assert.NotEqual(views[0], views[1]);
        Assert.All(views.Zip(Run(3)), pair => Assert.Equal(pair.First, pair.Second));
    }

    private static List<(float[] Picture, float[] Targets)> Mixed(BatchAugmentation augmentation, out int partnered)
    {
        const int count = 6, size = 3 * 12 * 16;
        var values = Enumerable.Range(0, count * size).Select(k => k / size + 1f).ToArray();
        var random = new AugmentationRandom(7);
        var classes = count;
        var targets = augmentation.Apply(new BatchPixels(values, count, 3, 12, 16), [0, 1, 2, 3, 4, 5], null, ref classes, ref random)!;
        partnered = targets.Count(t => t is > 0 and < 1);
        return [.. values.Chunk(size).Zip(targets.Chunk(count))];
    }

    private static PixelBox White(Image image)
    {
        int left = int.MaxValue, top = int.MaxValue, right = 0, bottom = 0;
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                if (image.Row(y)[x * image.Channels] < 128)
                    continue;
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x + 1), Math.Min(top, y), Math.Max(bottom, y + 1));
            }
        }
        return new PixelBox(left, top, right, bottom);
    }

    private static Image Noise(int width, int height)
    {
        var random = new AugmentationRandom(11);
        var image = new Image(width, height);
        foreach (ref var sample in image.Pixels)
            sample = (byte)random.Next(256);
        return image;
    }
}
