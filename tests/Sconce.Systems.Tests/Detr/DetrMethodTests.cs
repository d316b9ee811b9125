using System.Text.Json.Nodes;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Systems.Detection.Detr;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Detr;

/// <summary><c>sconce train</c>, <c>eval</c> and <c>predict</c> of DETR, as methods of training do them.</summary>
[Collection(LiveTensors.Name)]
public sealed class DetrMethodTests : IDisposable
{
    private static readonly DetrConfig Mini = new()
    {
        Trunk = ResNetConfiguration.ResNet18,
        Queries = 4,
        Transformer = new DetrTransformerConfig
        { Width = 32, Heads = 4, EncoderLayers = 1, DecoderLayers = 2, FeedForward = 32, Dropout = 0.1 },
    };

    private static readonly ModelVariant Boxes =
        new("mini_detr", "boxes", options => new DetrModel(Mini with { Classes = options.Classes ?? 91 }))
        { Capabilities = [new TensorInput(3, 800, 1066), new DetrDetector(91, "class_embed", GivesMasks: false)] };

    private static readonly ModelVariant Panoptic = new("mini_detr_panoptic", "masks", options => new DetrSegmentation(new DetrConfig
    {
        Trunk = ResNetConfiguration.ResNet50,
        Classes = options.Classes ?? 250,
        Queries = 4,
        Transformer = new DetrTransformerConfig
        { Width = 128, Heads = 8, EncoderLayers = 1, DecoderLayers = 1, FeedForward = 64, Dropout = 0 },
    }))
    { Capabilities = [new TensorInput(3, 800, 1066), new DetrDetector(250, "detr.class_embed", GivesMasks: true)] };

    private readonly string root = Directory.CreateTempSubdirectory("sconce-detr-run-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_that_was_stopped_goes_on_as_if_it_had_not_been()
    {
        string data = MakeBoxes(8, 3);
        var asked = Asked(Boxes, data);
        var whole = Train(asked, "whole", out var settled);
        Assert.Equal(("detr", "AP", 64), (settled.Method, settled.Run.Watched, settled.ImageSize));
        Assert.Equal(["blue", "red"], settled.Classes!);
        Assert.Equal(2, settled.Of<DetrSettings>().DropAfter);
        using (var stop = new CancellationTokenSource())
        {
            var steps = new Progress(() => stop.Cancel(), after: 6);
            using var folder = RunFolder.Open(Path.Combine(root, "stopped"));
            using var run = Open(asked);
            Assert.ThrowsAny<OperationCanceledException>(() => run.Train(folder, steps, stop.Token));
        }

        var again = Train(RunConfigurationFile.Parse(RunConfigurationFile.ToJson(settled, Methods), "config.json", Methods),
            "stopped", out _);
        Assert.Equal(whole.Progress.Step, again.Progress.Step);
        Assert.Equal(whole.Progress.History.Select(evaluation => (evaluation.Epoch, evaluation.TrainLoss)),
            again.Progress.History.Select(evaluation => (evaluation.Epoch, evaluation.TrainLoss)));
        Assert.Equal(Losses("whole"), Losses("stopped"));
        Assert.Equal(Weights("whole"), Weights("stopped"));
    }

    [Fact]
    public void What_a_run_learned_is_evaluated_by_class_and_predicts_with_its_own_options()
    {
        string data = MakeBoxes(6, 3);
        var asked = Asked(Boxes, data);
        Train(asked.With(asked.Run with { Epochs = 1 }), "run", out var settled);
        var method = Method;
        var trained = new TrainedNetwork(Boxes, Path.Combine(root, "run", "best.ckpt"), settled.ImageSize, settled.Classes)
        { Configuration = settled };
        var report = method.Evaluate(trained, null, 1, null, TestContext.Current.CancellationToken);
        Assert.Equal((3, data), (report.Count, report.Data));
        Assert.Equal(["AP"], report.Columns);
        Assert.Equal(["blue", "red"], report.Rows.Select(row => row.Name));
        Assert.Equal(report.Figures["AP"], method.Evaluate(trained, data, 1, null, TestContext.Current.CancellationToken).Figures["AP"]);

        string photo = Path.Combine(data, "val2017", "0.png");
        using var session = trained.Target(new MiniDetrs(), method).Open<DetrDetectSession>(Verb.Detect);
        var all = session.Ask(Picture.Of(photo), new DetrDetectSettings { Threshold = 0 });
        Assert.Equal(4, all.Items.Count);
        Assert.All(all.Items, answer => Assert.Contains(answer.Name, settled.Classes!));
        Assert.Empty(session.Ask(Picture.Of(photo), new DetrDetectSettings { Threshold = 1 }).Items);
        string drawn = Path.Combine(root, "drawn.png");
        Assert.Equal([drawn], AnswerFiles.Write(all, Picture.Of(photo), drawn));
        Assert.NotEqual(Image.Load(photo).Pixels.ToArray(), Image.Load(drawn).Pixels.ToArray());
    }

    private sealed class MiniDetrs : CatalogueSystem
    {
        public override SystemCard Card { get; } =
            new("mini_detrs", "Mini", "2020-W22", SystemTask.Detection, new Paper("Mini", "Nobody", 2020), "Small DETRs.");

        public override IReadOnlyList<ModelVariant> Variants => [Boxes, Panoptic];

        public override IReadOnlyList<Ability> Abilities { get; } = [new DetrSegment(), new DetrDetect()];
    }

    [Fact]
    public void Other_pictures_with_a_class_that_the_network_does_not_know_are_refused_with_the_class()
    {
        string data = MakeBoxes(2, 2);
        var trained = new TrainedNetwork(Boxes, "unread.ckpt", 64, ["blue", "green"]) { Configuration = Asked(Boxes, data) };
        Assert.Contains("the class 'red', which the network does not know",
            Assert.Throws<DataException>(() => Method.Evaluate(trained, data, 1, null, default)).Message, StringComparison.Ordinal);
        var published = new TrainedNetwork(Boxes.With(Boxes.Get<DetrDetector>() with { Classes = 6 }), "unread.ckpt", null, null);
        Assert.Contains("the category 7, but mini_detr knows 6",
            Assert.Throws<DataException>(() => Method.Evaluate(published, data, 1, null, default)).Message, StringComparison.Ordinal);
        Assert.Contains("data is missing", Assert.Throws<SettingsException>(() => Method.Evaluate(published, null, 1, null, default))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_panoptic_run_watches_its_quality_and_knows_things_from_stuff_without_its_data()
    {
        string data = MakePanoptic(3, 2);
        Train(Short(Asked(Panoptic, data)), "run", out var settled);
        Assert.Equal("PQ", settled.Run.Watched);
        Assert.Equal([0], settled.Of<DetrSettings>().Things!);
        Assert.Equal(["square", "ground"], settled.Classes!);
        var trained = new TrainedNetwork(Panoptic, Path.Combine(root, "run", "best.ckpt"), settled.ImageSize, settled.Classes)
        { Configuration = settled };
        var report = Method.Evaluate(trained, null, 1, null, default);
        Assert.Equal(["AP", "mask AP", "PQ"], report.Columns);
        Assert.Contains("PQ stuff", report.Figures.Keys);
        using var session = trained.Target(new MiniDetrs(), Method).Open<DetrSegmentSession>(Verb.Segment);
        string photo = Path.Combine(data, "val2017", "0.png");
        var answer = session.Ask(Picture.Of(photo), new DetrSegmentSettings { Threshold = 0 });
        Assert.All(answer.Objects.Items, found => Assert.Contains(found.Name, settled.Classes!));
        var picture = Image.Load(photo);
        Assert.Equal((picture.Width, picture.Height), (answer.Classes.Width, answer.Classes.Height));
    }

    [Fact]
    public void A_trained_detector_stays_as_it_is_while_masks_are_learned()
    {
        string data = MakePanoptic(2, 1), file = Path.Combine(root, "detector.pth");
        using (var detector = new DetrSegmentation(((DetrSegmentation)Panoptic.Create(new ModelOptions(Classes: 2))).Detr.Config))
        {
            ModelWeights.Save(detector.Detr, file);
        }

        var asked = Short(Asked(Panoptic, data));
        Train(Own(asked, own => own with { Detector = file }), "run", out _);
        using Checkpoint before = Checkpoint.Open(file), after = Checkpoint.Open(Path.Combine(root, "run", "last.ckpt"));
        using var scope = new TensorScope();
        foreach (var tensor in before.Tensors)
        {
            Assert.Equal(ModelWeights.ToTensor(tensor).ToArray<float>(),
                ModelWeights.ToTensor(after.Tensors.Single(other => other.Name.EndsWith("detr." + tensor.Name, StringComparison.Ordinal)))
                    .ToArray<float>());
        }

        using var run = Open(Asked(Boxes, MakeBoxes(2, 1)));
        asked = Asked(Boxes, Path.Combine(root, "coco"));
        Assert.Contains("gives no masks", Assert.Throws<SettingsException>(() => Open(Own(asked, own => own with { Detector = file })))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifiers_weights_become_the_trunk()
    {
        string data = MakeBoxes(2, 1), file = Path.Combine(root, "resnet18.pth");
        using (var classifier = new ResNet(ResNetConfiguration.ResNet18)) ModelWeights.Save(classifier, file);
        var asked = Asked(Boxes, data);
        using var plain = Open(asked);
        Assert.Contains("the trunk is untrained", plain.Summary, StringComparison.Ordinal);
        using var run = Open(Own(asked, own => own with { Trunk = file }));
        Assert.DoesNotContain("untrained", run.Summary, StringComparison.Ordinal);
        using var network = new DetrModel(Mini with { Classes = 2 });
        DetrTraining.LoadTrunk(network, file);
        using var checkpoint = Checkpoint.Open(file);
        using var scope = new TensorScope();
        var state = network.Backbone.Trunk.Body.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        Assert.Equal(ModelWeights.ToTensor(checkpoint.Tensors.Single(tensor => tensor.Name == "layer3.0.conv1.weight")).ToArray<float>(),
            state["layer3.0.conv1.weight"].ToArray<float>());
        Assert.Equal(ModelWeights.ToTensor(checkpoint.Tensors.Single(tensor => tensor.Name == "bn1.running_var")).ToArray<float>(),
            state["bn1.running_var"].ToArray<float>());
    }

    [Theory]
    [InlineData("schedule", "dropAfter goes with the schedule step")]
    [InlineData("classifier", "is no DETR")]
    [InlineData("masks", "masks were asked for, but this set has boxes alone")]
    [InlineData("things", "a whole number from 0 on")]
    public void What_cannot_be_trained_is_one_line(string fault, string expected)
    {
        var asked = Asked(Boxes, MakeBoxes(2, 1));
        asked = fault switch
        {
            "schedule" => Own(asked, own => own with { DropAfter = 1 }).With(asked.Optimization with { Schedule = ScheduleKind.Cosine }),
            "classifier" => asked with { Network = "mini_line" },
            "things" => Own(asked, own => own with { Things = [-1] }),
            _ => asked with { Network = Panoptic.Name },
        };
        Assert.Contains(expected, Assert.ThrowsAny<Exception>(() => Open(asked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_draws_a_batch_and_learns_it()
    {
        using var run = Open(Asked(Boxes, MakeBoxes(3, 1)));
        string picture = Path.Combine(root, "check.png");
        var findings = run.Check(picture, TestContext.Current.CancellationToken);
        Assert.Equal(2, findings.Count);
        Assert.True(findings[1].Passed, findings[1].Detail);
        Assert.True(Image.Load(picture).Width > 40);
    }

    private static DetrMethod Method => new([Boxes, Panoptic]);

    private static CatalogueMethods Methods => new([new MiniSystem()]);

    private static RunConfiguration Asked(ModelVariant variant, string data)
    {
        var start = Method.Start(variant.Name);
        var run = start.Run with { Data = data, Epochs = 3, Batch = 2, Threads = TorchRuntime.Threads, Workers = 1, SaveEvery = 2 };
        return start.With(run).With(start.Optimization with { LearningRate = 1e-3 }).WithImageSize(64);
    }

    private static RunConfiguration Short(RunConfiguration asked) => asked.With(asked.Run with { Epochs = 1, Batch = 1 });

    private static RunConfiguration Own(RunConfiguration asked, Func<DetrSettings, DetrSettings> change) =>
        asked with { Settings = change(asked.Of<DetrSettings>()) };

    private static TrainingRun Open(RunConfiguration configuration) =>
        Method.Open(new TrainingSetup(configuration, new CatalogueModels([new MiniSystem()]), Methods));

    private TrainingResult Train(RunConfiguration configuration, string name, out RunConfiguration settled)
    {
        using var folder = RunFolder.Open(Path.Combine(root, name));
        using var run = Open(configuration);
        settled = run.Configuration;
        return run.Train(folder, cancellation: TestContext.Current.CancellationToken);
    }

    private string[] Losses(string name) =>
        [.. File.ReadLines(Path.Combine(root, name, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())
            .Select(line => $"{line["step"]} {line["loss"]} {line["evaluation"]?.ToJsonString()}")];

    private float[][] Weights(string name)
    {
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(Path.Combine(root, name, "best.ckpt"));
        return [.. checkpoint.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Where(tensor => tensor.DType == DType.Float32)
            .Select(tensor => ModelWeights.ToTensor(tensor).ToArray<float>())];
    }

    private string MakeBoxes(int train, int test)
    {
        string folder = Path.Combine(root, "coco");
        Make(folder, "instances", "train2017", train, 1);
        Make(folder, "instances", "val2017", test, 2);
        return folder;
    }

    private string MakePanoptic(int train, int test)
    {
        string folder = Path.Combine(root, "panoptic");
        Make(folder, "panoptic", "train2017", train, 1);
        Make(folder, "panoptic", "val2017", test, 2);
        return folder;
    }

    /// <summary>Pictures of one square, red or blue, in COCO's layout.</summary>
    private static void Make(string folder, string kind, string part, int count, int seed)
    {
        bool panoptic = kind == "panoptic";
        var json = new JsonObject
        {
            ["categories"] = JsonNode.Parse(panoptic
                ? """[{"id": 1, "name": "square", "isthing": 1}, {"id": 5, "name": "ground", "isthing": 0}]"""
                : """[{"id": 7, "name": "red"}, {"id": 2, "name": "blue"}]"""),
            ["images"] = new JsonArray(),
            ["annotations"] = new JsonArray(),
        };
        string segments = Path.Combine(folder, "annotations", $"panoptic_{part}");
        Directory.CreateDirectory(segments);
        Directory.CreateDirectory(Path.Combine(folder, part));
        var random = new Random(seed);
        for (int k = 0; k < count; k++)
        {
            int side = 20 + random.Next(20);
            var place = PixelBox.FromSize(random.Next(80 - side), random.Next(60 - side), side, side);
            Image picture = new(80, 60), colours = new(80, 60);
            picture.Fill(place, k % 2 == 0 ? new Rgb(240, 20, 20) : new Rgb(20, 20, 240));
            picture.Save(Path.Combine(folder, part, $"{k}.png"));
            json["images"]!.AsArray().Add(new JsonObject { ["id"] = k, ["file_name"] = $"{k}.png", ["width"] = 80, ["height"] = 60 });
            if (panoptic)
            {
                colours.Fill(new PixelBox(0, 0, 80, 60), new Rgb(0, 1, 0));
                colours.Fill(place, new Rgb(7, 0, 0));
                colours.Save(Path.Combine(segments, $"{k}.png"));
                json["annotations"]!.AsArray()
                    .Add(new JsonObject
                    {
                        ["image_id"] = k,
                        ["file_name"] = $"{k}.png",
                        ["segments_info"] = JsonNode.Parse("""[{"id": 256, "category_id": 5}, {"id": 7, "category_id": 1}]""")
                    });
            }
            else
            {
                json["annotations"]!.AsArray()
                    .Add(new JsonObject
                    {
                        ["id"] = k,
                        ["image_id"] = k,
                        ["category_id"] = k % 2 == 0 ? 7 : 2,
                        ["bbox"] = new JsonArray(place.Left, place.Top, side, side)
                    });
            }
        }

        File.WriteAllText(Path.Combine(folder, "annotations", $"{kind}_{part}.json"), json.ToJsonString());
    }

    private sealed class MiniSystem : CatalogueSystem
    {
        public override SystemCard Card { get; } = new DetrSystem().Card;

        public override IReadOnlyList<ModelVariant> Variants { get; } = [Boxes, Panoptic, new("mini_line", "", _ => new Nn.Linear(2, 2))];

        public override IReadOnlyList<TrainingMethod> Methods => [Method];
    }

    private sealed class Progress(Action act, int after) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Stage == "training" && value.Done == after) act();
        }
    }
}
