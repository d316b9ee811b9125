using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Detection.ArtDetection;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.ArtDetection;

/// <summary>A decoder and a detector trained here, and a set stylised with its boxes.</summary>
[Collection(LiveTensors.Name)]
public sealed class ArtTrainingTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-art-").FullName;
    private readonly SmallRuns runs;

    public ArtTrainingTests() => runs = new SmallRuns(root, new ArtDetectionSystem());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_decoder_that_was_stopped_goes_on_bit_for_bit_and_stylises_a_whole_set_with_its_boxes()
    {
        var settled = runs.StopsAndGoesOn(Decoder());
        Assert.Equal("loss", settled.Run.Watched);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(root, "whole", "samples"), "*styles.png"));
        Assert.Equal("photos", runs.EvaluatesAsItTrained("whole", settled).Items);
        string data = Annotated(), made = Path.Combine(root, "made");
        using var session = runs.Target("whole", settled).Open<Session<AnnotatedPictures, MadeFolder, StylizeSettings>>(
            Verb.Stylize, new() { Device = Device.Cpu });
        var answer = session.Ask(AnnotatedPictures.Of(data), new StylizeSettings { Styles = Styles() }, cancellation: Cancellation);
        AnswerFiles.Write(answer, null, made, Cancellation);
        Assert.Equal(File.ReadAllText(Path.Combine(data, "train.json")), File.ReadAllText(Path.Combine(made, "train.json")));
        DetectionDataset before = DetectionFolder.Pictures(data), after = DetectionFolder.Pictures(made);
        Assert.Equal(before.Count, after.Count);
        for (int k = 0; k < before.Count; k++)
        {
            Assert.Equal(before.BoxesOf(k), after.BoxesOf(k));
            Assert.Equal((before[k].Image.Width, before[k].Image.Height), (after[k].Image.Width, after[k].Image.Height));
            Assert.NotEqual(before[k].Image.Pixels.ToArray(), after[k].Image.Pixels.ToArray());
        }
    }

    [Fact]
    public void A_set_is_never_written_over_itself()
    {
        string data = Annotated();
        using var session = new StylizeSet().Open(new MadeRequest(() => new AdaInNetwork()));
        var answer = session.Ask(AnnotatedPictures.Of(data), new StylizeSettings { Styles = Styles() }, cancellation: Cancellation);
        var error = Assert.Throws<UsageException>(() => AnswerFiles.Write(answer, null, data, Cancellation));
        Assert.Contains("written over", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_detector_that_was_stopped_goes_on_bit_for_bit_and_finds_people()
    {
        var settled = runs.StopsAndGoesOn(runs.Asked("fasterrcnn", "fasterrcnn_resnet18_fpn", Annotated(), 64));
        Assert.Equal(["person"], settled.Classes);
        using var session = runs.Target("whole", settled).Open<Session<Picture, Boxes,
            DetectSettings>>(Verb.Detect, new() { Device = Device.Cpu });
        var found = session.Ask(Scene(0), new DetectSettings { Threshold = 0 }, cancellation: Cancellation);
        Assert.All(found.Items, box => Assert.Equal("person", box.Name));
        Assert.Equal(2, new FasterRcnnMethod().Evaluate(runs.Trained("whole", settled), null, 1, null, Cancellation).Count);
    }

    [Fact]
    public void What_is_missing_is_one_line()
    {
        var asked = Decoder();
        var bare = asked with { Settings = asked.Of<AdaInSettings>() with { Styles = null } };
        Assert.Contains("styles", Assert.ThrowsAny<UsageException>(() => runs.Open(bare)).Message, StringComparison.Ordinal);
        var odd = asked with { Settings = asked.Of<AdaInSettings>() with { Crop = 36 } };
        Assert.Contains("multiple of 8", Assert.ThrowsAny<UsageException>(() => runs.Open(odd)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_style_depends_on_the_pictures_name_and_the_seed_alone()
    {
        string folder = Styles();
        var settings = new StylizeSettings { Styles = folder };
        byte[] first = new DrawnStyles(settings).Of("a/1.png")!.Pixels.ToArray();
        Assert.Equal(first, new DrawnStyles(settings).Of("b/1.png")!.Pixels.ToArray());
        Assert.Contains(Enumerable.Range(2, 20), k => !new DrawnStyles(settings).Of($"a/{k}.png")!.Pixels.SequenceEqual(first));
        Assert.Null(new DrawnStyles(settings with { Share = 0 }).Of("a/1.png"));
    }

    [Fact]
    public void A_quick_claim_runs_and_proves_nothing()
    {
        var result = new ArtDetectionClaim().Run(new(Quick: true), null, Cancellation);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(4, result.Rows.Count);
    }

    [Fact]
    public void As_many_photos_as_asked_for_are_to_keep_their_own_style()
    {
        var photos = new PeopleScenes(1, 7, SceneKind.Photo);
        var paintings = new PeopleScenes(1, 8, SceneKind.Art);
        Assert.Equal(0, Own(0));
        Assert.InRange(Own(0.25), 15, 35);
        Assert.Equal(100, Own(1));

        int Own(double share)
        {
            var recipe = new StyleRecipe(photos, paintings, 32, share);
            return Enumerable.Range(0, 100).Count(k =>
            {
                var random = new AugmentationRandom(1, 0, k, 0);
                float[][] parts = recipe.Load(0, ref random);
                return parts[0].SequenceEqual(parts[1]);
            });
        }
    }

    private static Image Scene(int k) => new PeopleScenes(k + 1, 5, SceneKind.Photo)[k].Image;

    private RunConfiguration Decoder()
    {
        string photos = Path.Combine(root, "photos");
        Directory.CreateDirectory(photos);
        var scenes = new PeopleScenes(6, 7, SceneKind.Photo);
        for (int k = 0; k < scenes.Count; k++) scenes[k].Image.Save(Path.Combine(photos, $"{k}.png"));
        var asked = runs.Asked("adain", "adain", photos);
        return asked with
        {
            Settings = (asked.Of<AdaInSettings>() with { Styles = Styles(), Crop = 32 }).With(asked.Run, asked.Optimization),
        };
    }

    private string Styles()
    {
        string folder = Path.Combine(root, "art");
        Directory.CreateDirectory(folder);
        var random = new Random(1);
        for (int k = 0; k < 4; k++) SceneTexture.Painting(random).Save(Path.Combine(folder, $"{k}.png"));
        return folder;
    }

    private string Annotated()
    {
        string folder = Path.Combine(root, "data");
        DetectionPictures.Write(folder, "train", new PeopleScenes(4, 1, SceneKind.Photo), "person");
        DetectionPictures.Write(folder, "test", new PeopleScenes(2, 2, SceneKind.Photo), "person");
        return folder;
    }
}
