using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Nn.Backbones;
using Sconce.Systems.Detection.Detr;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Detr;

/// <summary>From a person's pictures to boxes: sizes, batches, training, evaluation, drawing.</summary>
[Collection(LiveTensors.Name)]
public sealed class DetrPicturesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-detr-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData(640, 480, 1066, 800)]
    [InlineData(480, 640, 800, 1066)]
    [InlineData(1000, 300, 1333, 400)]
    [InlineData(500, 500, 800, 800)]
    [InlineData(2048, 1000, 1333, 651)]
    public void Sizes_are_those_of_the_official_resize(int width, int height, int newWidth, int newHeight) =>
        Assert.Equal((newWidth, newHeight), new DetrResize().SizeOf(width, height));

    [Fact]
    public void The_training_augmentation_keeps_boxes_inside_their_pictures_and_sides_within_bounds()
    {
        var augmentation = DetrTrainingAugmentation.ForSide(80);
        for (int index = 0; index < 50; index++)
        {
            var random = new AugmentationRandom(1, 0, index);
            var example = augmentation.Apply(new ImageExample(new Image(90, 64))
            { Boxes = [new BoxAnnotation(10, 10, 60, 50, 0), new BoxAnnotation(0, 0, 90, 64, 1)] }, ref random);
            Assert.InRange(Math.Min(example.Image.Width, example.Image.Height), 30, 80);
            Assert.InRange(Math.Max(example.Image.Width, example.Image.Height), 30, 134);
            Assert.NotEmpty(example.Boxes);
            Assert.All(example.Boxes, box => Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= example.Image.Width + 1e-3
                && box.Bottom <= example.Image.Height + 1e-3 && box.Area > 0));
        }
    }

    [Fact]
    public async Task A_batch_pads_pictures_and_gives_boxes_as_shares_without_crowds()
    {
        var data = Datasets.InMemory<ImageExample>(
        [
            new ImageExample(Plain(40, 20, 255))
                { Boxes = [new BoxAnnotation(10, 5, 30, 15, 2), new BoxAnnotation(0, 0, 40, 20, 1) { IsCrowd = true }] },
            new ImageExample(Plain(24, 32, 255)),
        ]);
        var loader = new DataLoader<ImageExample, DetectionBatch>(new DetectionRecipe(data, new Pipeline([]))
        { Mean = [0, 0, 0], Std = [1, 1, 1], Classes = 3 }, new DataLoaderOptions { BatchSize = 2, Threads = 2 });
        await foreach (var batch in loader.Epoch(0, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var owned = batch;
            using var scope = new TensorScope();
            Assert.Equal([2, 3, 32, 40], batch.Images.Shape.ToArray());
            Assert.Equal(40 * 20, batch.Mask[0].LogicalNot().Sum().Item<long>());
            Assert.Equal(24 * 32, batch.Mask[1].LogicalNot().Sum().Item<long>());
            Assert.Equal(3 * ((40 * 20) + (24 * 32)), batch.Images.Sum().Item<float>(), 0.1);
            Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], batch.Targets[0].Boxes.ToArray<float>());
            Assert.Equal([2L], batch.Targets[0].Labels.ToArray<long>());
            Assert.Equal([0, 4], batch.Targets[1].Boxes.Shape.ToArray());
        }
    }

    [Fact]
    public async Task A_label_outside_the_classes_is_named_with_its_picture()
    {
        var data = Datasets.InMemory<ImageExample>(
            [new ImageExample(Plain(8, 8, 0)) { Boxes = [new BoxAnnotation(0, 0, 4, 4, 3)], Name = "odd.png" }]);
        var loader = DetrTraining.Loader(data, 3, new DataLoaderOptions { BatchSize = 1 }, DetrTrainingAugmentation.ForSide(16));
        var error = await Assert.ThrowsAsync<DataException>(async () =>
        {
            await foreach (var batch in loader.Epoch(0, cancellationToken: TestContext.Current.CancellationToken)) batch.Dispose();
        });
        Assert.Contains("odd.png", error.Message, StringComparison.Ordinal);
        Assert.Contains("label 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_VOC_pictures_is_learned_and_evaluated()
    {
        MakeVoc(6);
        var data = DetectionDataset.OpenVoc(root);
        Assert.Equal(["green", "red"], data.Classes);
        TorchRuntime.ManualSeed(5);
        using var network = new DetrModel(new DetrConfig
        {
            Trunk = ResNetConfiguration.ResNet18,
            Classes = 2,
            Queries = 4,
            Transformer = new DetrTransformerConfig
            { Width = 32, Heads = 4, EncoderLayers = 1, DecoderLayers = 2, FeedForward = 32, Dropout = 0 },
        });
        using var optimizer = DetrTraining.Optimizer(network, 1e-3);
        Assert.Equal(0.1, optimizer.Groups.Single(group => group.Name == "backbone").RateFactor);
        var losses = new List<double>();
        var loader = DetrTraining.Loader(data, 2, new DataLoaderOptions { BatchSize = 3, Shuffle = true, Threads = 1 },
            DetrTrainingAugmentation.ForSide(64));
        var player = new Player("detector", network, optimizer, DetrTraining.Schedule(loader.BatchesPerEpoch, 1e-3))
        { ClipNorm = DetrTraining.ClipNorm };
        var trainer = new Trainer<DetectionBatch>(new DetrProgram(network, player, 2), loader, new TrainerOptions { Epochs = 6 })
        {
            Stepped = report => losses.Add(report.Loss),
        };
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(12, losses.Count);
        Assert.True(losses[^3..].Average() < losses[..3].Average(), string.Join(", ", losses));
        var evaluation = DetrEvaluation.Run(network, data, shortSide: 64, longSide: 107,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((6, 6), (evaluation.Pictures, evaluation.Boxes.Pictures));
        Assert.Equal(["AP", "AP50", "AP75", "APs", "APm", "APl", "AR"], evaluation.Figures().Keys);
        Assert.InRange(evaluation.Figures()["AR"], 0, 1);
    }

    [Fact]
    public void A_segment_is_where_its_mask_is_the_strongest_and_stuff_of_a_class_is_one()
    {
        using var scope = new TensorScope();
        // Queries: thing 1 on the left, stuff 100 in the middle, stuff 100 on the right, an unsure one, an empty one.
        var logits = Tensor.Zeros([1, 5, 102]);
        logits.FillInPlace(20, 0, 0, 1);
        logits.FillInPlace(20, 0, 1, 100);
        logits.FillInPlace(20, 0, 2, 100);
        logits.FillInPlace(1, 0, 3, 2);
        logits.FillInPlace(20, 0, 4, 101);
        var masks = Tensor.Full([1, 5, 6, 6], -5.0);
        masks.FillInPlace(5, 0, 0, .., ..2);
        masks.FillInPlace(5, 0, 1, .., 2..4);
        masks.FillInPlace(-1, 0, 1, .., 4..);
        masks.FillInPlace(5, 0, 2, .., 4..);
        masks.FillInPlace(50, 0, 4);
        var segments = new PanopticPostProcess(CocoCategories.IsThing).Apply(new DetrOutput(logits, Tensor.Rand([1, 5, 4]))
        { Masks = masks }, 0, (6, 6), (12, 6));
        Assert.Equal([(1, 24L), (100, 48L)], segments.Segments.Select(segment => (segment.Label, segment.Area)));
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], segments.Map.Take(12));
        var person = DetrDrawing.Objects(segments, CocoCategories.Names(101)).Items.Single(answer => answer.Name == "person");
        Assert.Equal((0.0, 0.0, 4.0, 6.0), (person.Left, person.Top, person.Right, person.Bottom));
    }

    [Fact]
    public void Where_nothing_is_sure_there_is_no_segment()
    {
        using var scope = new TensorScope();
        var output = new DetrOutput(Tensor.Zeros([1, 2, 5]), Tensor.Rand([1, 2, 4])) { Masks = Tensor.Zeros([1, 2, 4, 4]) };
        var segments = new PanopticPostProcess(_ => true).Apply(output, 0, (4, 4), (4, 4));
        Assert.Empty(segments.Segments);
        Assert.All(segments.Map, id => Assert.Equal(-1, id));
        Assert.Throws<TorchException>(() => new PanopticPostProcess(_ => true).Apply(output with { Masks = null }, 0, (4, 4), (4, 4)));
    }

    [Fact]
    public void Boxes_are_drawn_at_their_edges_on_a_copy()
    {
        var picture = Plain(60, 40, 0);
        var drawn = BoxDrawing.Over(picture, [new Box("person", 0.9, 10, 8, 50, 36, 1)]);
        Assert.All(picture.Pixels.ToArray(), pixel => Assert.Equal(0, pixel));
        Assert.NotEqual([0, 0, 0], drawn.Row(35).Slice(3 * 30, 3).ToArray());
        Assert.NotEqual([0, 0, 0], drawn.Row(30).Slice(3 * 49, 3).ToArray());
        Assert.Equal([0, 0, 0], drawn.Row(39).Slice(3 * 30, 3).ToArray());
    }

    [Fact]
    public void COCO_has_80_objects_and_53_kinds_of_stuff()
    {
        Assert.Equal(80, CocoCategories.Things.Count);
        Assert.Equal(53, CocoCategories.Stuff.Count);
        Assert.Equal("person", CocoCategories.Names(91)[1]);
        Assert.Equal("toothbrush", CocoCategories.Names(91)[90]);
        Assert.Equal("category 12", CocoCategories.Names(91)[12]);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("NaN")]
    [InlineData("half")]
    public void A_threshold_that_cannot_be_is_named(string value) => Assert.Equal(
        $"--threshold takes a number from 0 to 1, not '{value}'",
        Assert.Throws<SettingsException>(() => DetrDetectSettings.Schema.Read([KeyValuePair.Create("threshold", value)]))
            .Worded("--threshold"));

    [Fact]
    public void The_claims_rule_can_fail_and_needs_all_of_its_parts()
    {
        DetrClaim.ArmFigures once = new(0.7, 0.75), twice = new(0.2, 0.6), doubled = new(0.4, 0.7);
        Assert.Equal(Verdict.Holds, DetrClaim.Judge([once, once], [twice, twice]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DetrClaim.Judge([doubled, doubled], [twice, twice]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, DetrClaim.Judge([once, once], [once, once]).Verdict);
        Assert.Equal(Verdict.Undecided, DetrClaim.Judge([once, new(0.5, 0.8)], [twice, twice]).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new DetrClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }

    private static Image Plain(int width, int height, byte level)
    {
        var image = new Image(width, height);
        image.Pixels.Fill(level);
        return image;
    }

    /// <summary>Pictures of one red or green square each.</summary>
    private void MakeVoc(int count)
    {
        Directory.CreateDirectory(Path.Combine(root, "Annotations"));
        Directory.CreateDirectory(Path.Combine(root, "JPEGImages"));
        var random = new Random(1);
        for (int k = 0; k < count; k++)
        {
            int side = 20 + random.Next(20), left = random.Next(80 - side), top = random.Next(60 - side);
            bool red = k % 2 == 0;
            var picture = Plain(80, 60, 40);
            picture.Fill(PixelBox.FromSize(left, top, side, side), red ? new Rgb(230, 20, 20) : new Rgb(20, 230, 20));
            picture.Save(Path.Combine(root, "JPEGImages", $"{k}.png"));
            File.WriteAllText(
                Path.Combine(root, "Annotations", $"{k}.xml"),
                $"<annotation><filename>{k}.png</filename><size><width>80</width><height>60</height><depth>3</depth></size>"
                + $"<object><name>{(red ? "red" : "green")}</name>"
                + $"<bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin><xmax>{left + side}</xmax>"
                + $"<ymax>{top + side}</ymax></bndbox></object></annotation>");
        }
    }
}
