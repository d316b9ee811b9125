using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn.Backbones;
using Sconce.Systems.Detection.Detr;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Detr;

/// <summary>Masks from a person's pictures to DETR's losses and back to figures.</summary>
[Collection(LiveTensors.Name)]
public sealed class DetrMaskTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-detr-masks-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task A_batch_carries_masks_of_each_pictures_own_size()
    {
        var mask = RunLengthMask.FromPolygons(40, 20, [[10, 5, 30, 5, 30, 15, 10, 15]]);
        var data = Datasets.InMemory<ImageExample>(
        [
            new ImageExample(new Image(40, 20))
                { Boxes = [new BoxAnnotation(10, 5, 30, 15, 2) { Mask = mask }, new BoxAnnotation(0, 0, 40, 20, 1) { IsCrowd = true }] },
            new ImageExample(new Image(24, 32)),
        ]);
        var loader = new DataLoader<ImageExample, DetectionBatch>(new DetectionRecipe(data, new Pipeline([])) { Classes = 3, Masks = true },
            new DataLoaderOptions { BatchSize = 2, Threads = 1 });
        await foreach (var batch in loader.Epoch(0, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var owned = batch;
            using var scope = new TensorScope();
            Assert.Equal([1, 20, 40], batch.Targets[0].Masks!.Shape.ToArray());
            Assert.Equal(200, batch.Targets[0].Masks!.Sum().Item<long>());
            Assert.Equal(200, batch.Targets[0].Masks![0, 5..15, 10..30].Sum().Item<long>());
            Assert.Equal([0, 32, 24], batch.Targets[1].Masks!.Shape.ToArray());
        }
    }

    [Fact]
    public async Task Boxes_alone_are_refused_where_masks_are_learned()
    {
        var data = Datasets.InMemory<ImageExample>(
            [new ImageExample(new Image(32, 32)) { Boxes = [new BoxAnnotation(0, 0, 9, 9, 0)], Name = "bare.png" }]);
        var loader = DetrTraining.Loader(data, 1, new DataLoaderOptions { BatchSize = 1 },
            DetrTrainingAugmentation.ForSide(16), masks: true);
        var error = await Assert.ThrowsAsync<DataException>(async () =>
        {
            await foreach (var batch in loader.Epoch(0, cancellationToken: TestContext.Current.CancellationToken)) batch.Dispose();
        });
        Assert.Contains("bare.png", error.Message, StringComparison.Ordinal);
        Assert.Contains("no mask", error.Message, StringComparison.Ordinal);
        using var network = Small(1);
        using var player = new Player("detector", network, DetrTraining.Optimizer(network, 1e-3), DetrTraining.Schedule(1, 1e-3));
        using var scope = new TensorScope();
        var unmasked = new DetectionBatch(Tensor.Randn([1, 3, 64, 64]), Tensor.Zeros([1, 64, 64], DType.Bool),
            [new DetectionTarget(Tensor.Zeros([0], DType.Int64), Tensor.Zeros([0, 4]))], [0], ["bare.png"]);
        Assert.Contains("bare.png comes without masks",
            Assert.Throws<TrainingException>(() => new DetrProgram(network, player, 1).Loss(unmasked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_panoptic_folder_is_learned_with_masks_and_evaluated_with_its_quality()
    {
        var data = MakePanoptic(4);
        Assert.Equal(["square", "ground"], data.Classes);
        TorchRuntime.ManualSeed(3);
        using var network = Small(2);
        using var optimizer = DetrTraining.Optimizer(network, 1e-3);
        var losses = new List<double>();
        var loader = DetrTraining.Loader(data, 2, new DataLoaderOptions { BatchSize = 2, Shuffle = true, Threads = 1 },
            DetrTrainingAugmentation.ForSide(64), masks: true);
        var before = network.MaskHead.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor.ToArray<float>());
        var player = new Player("detector", network, optimizer, DetrTraining.Schedule(loader.BatchesPerEpoch, 1e-3))
        { ClipNorm = DetrTraining.ClipNorm };
        var trainer = new Trainer<DetectionBatch>(new DetrProgram(network, player, 2), loader, new TrainerOptions { Epochs = 8 })
        {
            Stepped = report => losses.Add(report.Loss),
        };
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.True(losses[^4..].Average() < losses[..4].Average(), string.Join(", ", losses));
        // every part of the mask head has learned
        Assert.All(network.MaskHead.StateDict(), entry => Assert.NotEqual(before[entry.Name], entry.Tensor.ToArray<float>()));
        var evaluation = DetrEvaluation.Run(network, data, shortSide: 64, longSide: 107,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((4, 4, 4), (evaluation.Boxes.Pictures, evaluation.Masks!.Pictures, evaluation.Panoptic!.Pictures));
        Assert.Equal(2, evaluation.Panoptic.Summarize().Classes);
        Assert.True(evaluation.Figures()["mask AP"] >= 0);
        Assert.All(["PQ", "SQ", "RQ", "PQ things", "PQ stuff"], name => Assert.InRange(evaluation.Figures()[name], 0, 1));
    }

    [Fact]
    public void A_mask_answer_is_cut_to_its_picture_and_brought_to_its_size()
    {
        using var scope = new TensorScope();
        // Two queries on a padded 8 x 8 of which the picture has the left 4 columns: the left half of the picture, and the padding.
        var masks = Tensor.Full([1, 2, 8, 8], -9.0);
        masks.FillInPlace(9, 0, 0, .., ..2);
        masks.FillInPlace(9, 0, 1, .., 4..);
        var answers = DetrPostProcess.Masks(new DetrOutput(Tensor.Zeros([1, 2, 3]), Tensor.Rand([1, 2, 4])) { Masks = masks }, 0, (8, 8),
            (4, 8), (8, 16));
        Assert.Equal([RunLengthMask.FromPolygons(8, 16, [[0, 0, 4, 0, 4, 16, 0, 16]]), RunLengthMask.Empty(8, 16)], answers);
        Assert.Throws<TorchException>(() =>
            DetrPostProcess.Masks(new DetrOutput(Tensor.Zeros([1, 2, 3]), Tensor.Rand([1, 2, 4])), 0, (8, 8), (4, 8), (8, 16)));
    }

    [Fact]
    public void Segments_of_classes_that_a_set_does_not_know_become_nothing()
    {
        var segments = new PanopticSegments(3, 1, [0, 1, -1], [new PanopticSegment(0, 17, 0.9, 1), new PanopticSegment(1, 18, 0.9, 1)]);
        var map = segments.ToMap(new Dictionary<int, int> { [18] = 4 });
        Assert.Equal([0, 2, 0], map.Ids);
        Assert.Equal([new PanopticSegmentLabel(2, 4)], map.Segments);
        var quality = new PanopticQuality([true, true, true, true, true]);
        quality.Add(map, map);
        Assert.Equal(1, quality.Summarize().Quality);
    }

    private static DetrSegmentation Small(int classes) => new(new DetrConfig
    {
        Trunk = ResNetConfiguration.ResNet50,
        Classes = classes,
        Queries = 4,
        Transformer = new DetrTransformerConfig
        { Width = 128, Heads = 8, EncoderLayers = 1, DecoderLayers = 1, FeedForward = 64, Dropout = 0 },
    });

    /// <summary>Pictures of a bright square on the ground.</summary>
    private DetectionDataset MakePanoptic(int count)
    {
        var json = new JsonObject
        {
            ["categories"] = JsonNode.Parse("""[{"id": 1, "name": "square", "isthing": 1}, {"id": 5, "name": "ground", "isthing": 0}]"""),
            ["images"] = new JsonArray(),
            ["annotations"] = new JsonArray(),
        };
        Directory.CreateDirectory(Path.Combine(root, "panoptic"));
        var random = new Random(1);
        for (int k = 0; k < count; k++)
        {
            int side = 20 + random.Next(20);
            var place = PixelBox.FromSize(random.Next(80 - side), random.Next(60 - side), side, side);
            Image picture = new(80, 60), segments = new(80, 60);
            picture.Fill(new PixelBox(0, 0, 80, 60), new Rgb(30, 60, 30));
            picture.Fill(place, new Rgb(240, 240, 200));
            segments.Fill(new PixelBox(0, 0, 80, 60), new Rgb(0, 1, 0));
            segments.Fill(place, new Rgb(7, 0, 0));
            picture.Save(Path.Combine(root, $"{k}.png"));
            segments.Save(Path.Combine(root, "panoptic", $"{k}.png"));
            json["images"]!.AsArray().Add(new JsonObject { ["id"] = k, ["file_name"] = $"{k}.png", ["width"] = 80, ["height"] = 60 });
            json["annotations"]!.AsArray()
                .Add(new JsonObject
                {
                    ["image_id"] = k,
                    ["file_name"] = $"{k}.png",
                    ["segments_info"] = JsonNode.Parse("""[{"id": 256, "category_id": 5}, {"id": 7, "category_id": 1}]""")
                });
        }

        File.WriteAllText(Path.Combine(root, "panoptic.json"), json.ToJsonString());
        return DetectionDataset.OpenPanoptic(Path.Combine(root, "panoptic.json"));
    }
}
