using System.Text.Json.Nodes;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Systems.Detection.Detr;
using Sconce.Training;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>A detector from a folder to boxes, by what is typed.</summary>
public sealed class DetectionTests
{
    [Fact]
    public void A_detector_is_trained_evaluated_and_asked_by_its_folder()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "train", 4);
        Write(folder, "val", 2);
        string run = Path.Combine(folder.Path, "run");
        string[] train = ["train", "mini_detr", "--data", folder.Path, "--out", run, "--epochs", "1", "--batch", "2", "--size", "64",
            "--workers", "1", "--drop-after", "1"];
        var trained = Run(train);
        Assert.True(trained.Status == 0, trained.Out + trained.Error);
        Assert.Contains("4 pictures to learn from and 2 to be asked about, 1 classes", trained.Error, StringComparison.Ordinal);
        Assert.Contains("best AP", trained.Out, StringComparison.Ordinal);
        Assert.Equal(0, Run(train).Status); // ended: nothing to do
        Assert.Contains("lr 0.0001 (asked: 0.5)", Run([.. train, "--lr", "0.5"]).Error, StringComparison.Ordinal);

        string other = Path.Combine(folder.Path, "other");
        var watched = Run([.. train[..4], "--out", other, .. train[6..], "--watch", "accuracy"]);
        Assert.Equal(2, watched.Status);
        Assert.Contains("'accuracy': this run's evaluations give AP, AP50", watched.Error, StringComparison.Ordinal);
        Assert.Contains("best AP50", Run([.. train[..4], "--out", other, .. train[6..], "--watch", "AP50"]).Out, StringComparison.Ordinal);
        Assert.Equal((4, 2), File.ReadAllLines(Path.Combine(run, "parts.jsonl")) is var parts
            ? (parts.Count(line => line.StartsWith("[\"learned", StringComparison.Ordinal)),
            parts.Count(line => line.StartsWith("[\"heldOut", StringComparison.Ordinal))) : default);

        var evaluated = Run("eval", run, "--json");
        Assert.True(evaluated.Status == 0, evaluated.Error);
        Assert.Equal(2, evaluated.Json.GetProperty("pictures").GetInt32());
        Assert.InRange(evaluated.Json.GetProperty("figures").GetProperty("AP").GetDouble(), 0, 1);
        Assert.Contains("square", Run("eval", run, "--data", folder.Path).Out, StringComparison.Ordinal);

        string photo = Path.Combine(folder.Path, "val0.png"), drawn = Path.Combine(folder.Path, "drawn");
        var asked = Run("predict", run, "--image", photo, "--threshold", "0", "--out", drawn, "--json");
        Assert.True(asked.Status == 0, asked.Error);
        Assert.Equal(3, asked.Json[0].GetProperty("predictions").GetArrayLength());
        Assert.Equal("square", asked.Json[0].GetProperty("predictions")[0].GetProperty("label").GetString());
        Assert.True(File.Exists(asked.Json[0].GetProperty("output").GetString()));
        Assert.Contains("--threshold", Run("predict", run, "--help").Out, StringComparison.Ordinal);
        Assert.Contains("--threshold takes a number", Run("predict", run, "--image", photo, "--threshold", "2").Error,
            StringComparison.Ordinal);
        Assert.Equal(0, Run("predict", run, "--image", photo, "--weights", Path.Combine(run, "last.ckpt"), "--out", drawn).Status);
    }

    [Fact]
    public void What_is_wrong_with_a_run_of_a_detector_is_one_line()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no folder of pictures with objects",
            Run("train", "mini_detr", "--data", folder.Path, "--out", Path.Combine(folder.Path, "run")).Error, StringComparison.Ordinal);
        Assert.Contains("--mixup is no option of the method detr", Run("train", "mini_detr", "--data", folder.Path, "--mixup", "0.2",
            "--out", Path.Combine(folder.Path, "run")).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "run")));
        Assert.Contains("--weights is missing", Run("eval", "mini_detr", "--data", folder.Path).Error, StringComparison.Ordinal);
        folder.File("config.json", """{"network": "mini_detr", "method": "detr"}""");
        Assert.Contains("has no best.ckpt yet", Run("predict", folder.Path, folder.File("a.png")).Error, StringComparison.Ordinal);
    }

    private static Outcome Run(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int status = Application.Run(arguments, [new MiniDetr()], new Terminal(output, error));
        return new Outcome(status, output.ToString(), error.ToString());
    }

    /// <summary>Pictures of a white square, and their COCO file.</summary>
    private static void Write(TemporaryFolder folder, string part, int count)
    {
        var json = new JsonObject
        {
            ["categories"] = JsonNode.Parse("""[{"id": 1, "name": "square"}]"""),
            ["images"] = new JsonArray(),
            ["annotations"] = new JsonArray()
        };
        for (int k = 0; k < count; k++)
        {
            var picture = new Image(64, 48);
            var place = PixelBox.FromSize(6 + (5 * k), 9, 24, 24);
            picture.Fill(place, new Rgb(255, 255, 255));
            picture.Save(Path.Combine(folder.Path, $"{part}{k}.png"));
            json["images"]!.AsArray().Add(new JsonObject { ["id"] = k, ["file_name"] = $"{part}{k}.png", ["width"] = 64, ["height"] = 48 });
            json["annotations"]!.AsArray()
                .Add(new JsonObject
                {
                    ["id"] = k,
                    ["image_id"] = k,
                    ["category_id"] = 1,
                    ["bbox"] = new JsonArray(place.Left, place.Top, place.Width, place.Height)
                });
        }

        folder.File($"{part}.json", json.ToJsonString());
    }

    private sealed class MiniDetr : CatalogueSystem
    {
        public override SystemCard Card { get; } = FakeSystems.Card("minis", "Minis", "2021-W01", SystemTask.Detection, "Finds squares.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
        [
            new("mini_detr", "boxes", options => new DetrModel(new DetrConfig
            {
                Trunk = ResNetConfiguration.ResNet18,
                Classes = options.Classes ?? 91,
                Queries = 3,
                Transformer = new DetrTransformerConfig
                    { Width = 32, Heads = 4, EncoderLayers = 1, DecoderLayers = 1, FeedForward = 32, Dropout = 0 },
            })) { Capabilities = [new TensorInput(3, 800, 1066), new DetrDetector(91, "class_embed", GivesMasks: false)] },
        ];

        public override IReadOnlyList<TrainingMethod> Methods => [new DetrMethod(Variants)];

        public override IReadOnlyList<Ability> Abilities { get; } = [new DetrSegment(), new DetrDetect()];
    }
}
