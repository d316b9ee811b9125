using System.Text.Json.Nodes;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.BrowserDetection;

/// <summary><c>sconce train centernet_lite</c> on a small folder.</summary>
[Collection(LiveTensors.Name)]
public sealed class CenterNetTrainingTests : IDisposable
{
    private static readonly BrowserDetectionSystem Browser = new();
    private readonly string root = Directory.CreateTempSubdirectory("sconce-centernet-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static CatalogueMethods Methods => new([Browser]);

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_learns_and_is_evaluated_on_the_part_to_be_asked_about()
    {
        Write("train", 6);
        Write("test", 2);
        TrainingResult result;
        RunConfiguration settled;
        using (var folder = RunFolder.Open(Path.Combine(root, "run")))
        using (var run = Open())
        {
            settled = run.Configuration;
            result = run.Train(folder, cancellation: Cancellation);
        }

        Assert.Equal("AP50", settled.Run.Watched);
        Assert.Equal(["animal"], settled.Classes);
        var trained = new TrainedNetwork(Browser.Variants[0], Path.Combine(root, "run", "best.ckpt"), settled.ImageSize, settled.Classes)
        {
            Configuration = settled,
            Run = Path.Combine(root, "run"),
        };
        var report = new CenterNetMethod().Evaluate(trained, null, 1, null, Cancellation);
        Assert.Equal(2, report.Count);
        Assert.Equal(result.Progress.History.Max(evaluation => evaluation.Figures["AP50"]), report.Figures["AP50"], 1e-6);
    }

    [Fact]
    public void The_check_draws_a_batch_and_learns_it()
    {
        Write("train", 4);
        Write("test", 1);
        using var run = Open();
        string picture = Path.Combine(root, "check.png");
        var findings = run.Check(picture, Cancellation);
        Assert.True(findings[1].Passed, findings[1].Detail);
        Assert.True(Image.Load(picture).Width > 100);
    }

    [Fact]
    public void An_augmented_picture_is_a_square_and_its_boxes_lie_in_it()
    {
        var scenes = new AnimalScenes(5, 3);
        for (int k = 0; k < scenes.Count; k++)
        {
            var random = new AugmentationRandom(1, 0, k);
            var changed = new CenterNetAugmentation(96).Apply(scenes[k], ref random);
            Assert.Equal((96, 96), (changed.Image.Width, changed.Image.Height));
            Assert.All(changed.Boxes, box => Assert.Equal(box, box.Clip(96, 96)));
            Assert.All(changed.Boxes, box => Assert.True(box.Area > 0));
        }
    }

    [Fact]
    public void A_quick_claim_runs_and_proves_nothing()
    {
        var result = new CenterNetClaim().Run(new(Quick: true), null, Cancellation);
        Assert.Equal(Claims.Verdict.Undecided, result.Verdict);
        Assert.Equal(2, result.Rows.Count);
    }

    private TrainingRun Open()
    {
        var method = new CenterNetMethod();
        var start = method.Start("centernet_lite");
        var run = start.Run with { Data = root, Epochs = 2, Batch = 2, Threads = TorchRuntime.Threads, Workers = 1 };
        var configuration = start.With(run).WithImageSize(64);
        return Methods.Get(configuration.Method).Open(new TrainingSetup(configuration, new CatalogueModels([Browser]), Methods));
    }

    /// <summary>Scenes with their COCO file.</summary>
    private void Write(string part, int count)
    {
        var scenes = new AnimalScenes(count, count);
        JsonArray images = [], annotations = [];
        for (int k = 0; k < count; k++)
        {
            string name = $"{part}{k}.png";
            scenes[k].Image.Save(Path.Combine(root, name));
            images.Add(new JsonObject { ["id"] = k, ["file_name"] = name, ["width"] = AnimalScenes.Side, ["height"] = AnimalScenes.Side });
            foreach (var box in scenes[k].Boxes)
            {
                annotations.Add(new JsonObject
                {
                    ["id"] = annotations.Count,
                    ["image_id"] = k,
                    ["category_id"] = 1,
                    ["bbox"] = new JsonArray(box.Left, box.Top, box.Width, box.Height),
                });
            }
        }

        var categories = JsonNode.Parse("""[{"id": 1, "name": "animal"}]""");
        var json = new JsonObject { ["categories"] = categories, ["images"] = images, ["annotations"] = annotations };
        File.WriteAllText(Path.Combine(root, $"{part}.json"), json.ToJsonString());
    }
}
