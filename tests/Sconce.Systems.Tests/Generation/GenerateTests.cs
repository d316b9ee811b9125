using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Video;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

/// <summary>New pictures of generators, of which each is told by its seed and place.</summary>
[Collection(LiveTensors.Name)]
public sealed class GenerateTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-generate-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_seed_gives_the_same_pictures_however_many_are_asked_for_and_in_whatever_batches()
    {
        using var session = Open<GenerateSession>(MiniGenerators.Plain);
        var few = Pixels(session.Ask(Nothing.Instance, new GenerateSettings { Count = 3, Seed = 1, Batch = 1 }));
        var many = Pixels(session.Ask(Nothing.Instance, new GenerateSettings { Count = 5, Seed = 1, Batch = 4 }));
        Assert.Equal((3, 5), (few.Count, many.Count));
        // Another batch may round differently, by less than a step of eight bits or by one.
        for (int k = 0; k < 3; k++) Assert.All(few[k].Zip(many[k]), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.Equal(few, Pixels(session.Ask(Nothing.Instance, new GenerateSettings { Count = 3, Seed = 1, Batch = 1 })));
        Assert.NotEqual(few[0], few[1]);
        Assert.NotEqual(few[0], Pixels(session.Ask(Nothing.Instance, new GenerateSettings { Count = 1, Seed = 2 }))[0]);
    }

    [Fact]
    public void Files_are_single_pictures_and_a_sheet_of_all()
    {
        using var session = Open<GenerateSession>(MiniGenerators.Plain);
        string path = Path.Combine(root, "grid.png");
        var made = session.Ask(Nothing.Instance, new GenerateSettings { Count = 4, Batch = 3 });
        var files = AnswerFiles.Write(made, Nothing.Instance, path, TestContext.Current.CancellationToken);
        string[] names = [.. files.Select(file => Path.GetFileName(file))];
        Assert.Equal(["grid.png", "grid-01.png", "grid-02.png", "grid-03.png", "grid-04.png"], names);
        var sheet = Image.Load(path);
        Assert.Equal((134, 134), (sheet.Width, sheet.Height));   // two by two of 64 pixels with frames of two
        Assert.Equal((64, 64), (Image.Load(files[4]).Width, Image.Load(files[4]).Height));
    }

    [Fact]
    public void What_was_painted_before_an_interruption_is_kept_on_a_sheet_too()
    {
        using var session = Open<GenerateSession>(MiniGenerators.Plain);
        using var stop = new CancellationTokenSource();
        var progress = new Told(told =>
        {
            if (told.Done >= 4) stop.Cancel();
        });
        var made = session.Ask(Nothing.Instance, new GenerateSettings { Count = 100, Batch = 2 }, progress, stop.Token);
        string path = Path.Combine(root, "grid.png");
        Assert.ThrowsAny<OperationCanceledException>(() => AnswerFiles.Write(made, Nothing.Instance, path, stop.Token));
        var files = Directory.GetFiles(root).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal).ToList();
        Assert.Contains("grid.png", files);
        Assert.Contains("grid-004.png", files);
        Assert.DoesNotContain("grid-007.png", files);
    }

    [Fact]
    public void Styles_at_their_mean_are_one_picture_and_mixed_ones_are_others()
    {
        using var session = Open<StyleGenerateSession>(MiniGenerators.Styled);
        var two = new GenerateSettings { Count = 2, Seed = 3 };
        var mean = Pixels(session.Ask(Nothing.Instance, new StyleGenerateSettings { Drawing = two, Truncation = 0 }));
        Assert.All(mean[0].Zip(mean[1]), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        var whole = Pixels(session.Ask(Nothing.Instance, new StyleGenerateSettings { Drawing = two }));
        Assert.NotEqual(whole[0], whole[1]);
        Assert.NotEqual(whole[0], mean[0]);
        var mixed = Pixels(session.Ask(Nothing.Instance, new StyleGenerateSettings { Drawing = two, MixFrom = 2 }));
        Assert.NotEqual(whole[0], mixed[0]);
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, new StyleGenerateSettings { MixFrom = 4 }));
        Assert.Contains("between 1 and 3", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_walk_leads_from_each_picture_to_the_next_and_back_to_the_first()
    {
        TestClips.Need();
        using var session = Open<StyleGenerateSession>(MiniGenerators.Styled);
        string path = Path.Combine(root, "walk.mp4");
        var asked = new StyleGenerateSettings { Drawing = new GenerateSettings { Count = 3, Batch = 4 }, Walk = path, WalkFrames = 5 };
        Assert.Equal(3, session.Ask(Nothing.Instance, asked).Pictures.Items.Count());
        Assert.Equal(15, VideoFrames.Count(path, TestContext.Current.CancellationToken));
        var alone = asked with { Drawing = new GenerateSettings { Count = 1 } };
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, alone));
        Assert.Contains("count 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_the_network_painted_is_found_again()
    {
        using var session = Open<StyleGenerateSession>(MiniGenerators.Styled);
        string path = Path.Combine(root, "painted.png");
        var one = new StyleGenerateSettings { Drawing = new GenerateSettings { Count = 1, Seed = 9 } };
        session.Ask(Nothing.Instance, one).Pictures.Items.First().Save(path);
        var found = session.Ask(Nothing.Instance, new StyleGenerateSettings { Projection = new() { Project = path, ProjectSteps = 60 } });
        Assert.Equal((4, MiniGenerators.Latent + 1), (found.Styles!.Table.Rows, found.Styles.Table.Columns.Count));
        Assert.Equal(["", "styles", "error"], found.Parts.Select(part => part.Name));
        var whole = found.Error!.Items[0];
        Assert.True((double)whole[1]! < 0.5 * (double)whole[2]!, $"{whole[1]} is left of {whole[2]}");
        Assert.Equal(2, found.Pictures.Items.Count());
    }

    [Fact]
    public void What_can_be_set_follows_from_the_network_and_others_cannot_do_it()
    {
        var system = new MiniGenerators();
        Assert.IsType<Generate>(Assert.Single(Target(MiniGenerators.Plain).Abilities));
        Assert.IsType<GenerateFromStyles>(Assert.Single(Target(MiniGenerators.Styled).Abilities));
        Assert.Empty(Target(MiniGenerators.Other).Abilities);
        Assert.Equal(2, system.Abilities.Count);
    }

    [Theory]
    [InlineData("dcgan")]
    [InlineData("stylegan2_64")]
    [InlineData("swagan_64")]
    [InlineData("osgan_mnist")]
    [InlineData("sngan_cifar10")]
    [InlineData("cips_skip_256")]
    public void Every_generator_of_the_catalogue_can_generate(string name)
    {
        var found = Models.Registry.Get(name);
        var target = new AbilityTarget(name, Models.Registry.SystemOf(found), found);
        Assert.Contains(target.Abilities, ability => ability.Verb == Verb.Generate);
    }

    private static AbilityTarget Target(ModelVariant variant) => new(variant.Name, new MiniGenerators(), variant);

    private static List<byte[]> Pixels(GeneratedPictures made) => Pixels(made.Pictures);

    private static List<byte[]> Pixels(MadePictures made) => [.. made.Items.Select(picture => picture.Pixels.ToArray())];

    private T Open<T>(ModelVariant variant)
        where T : Session
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(root, "weights")).FullName, "g.pth");
        TorchRuntime.ManualSeed(5);
        using (var network = variant.Create(ModelOptions.Official))
        {
            if (variant == MiniGenerators.Plain) Enlarge(network);
            ModelWeights.Save(network, path);
        }

        return Target(variant).Open<T>(Verb.Generate, new AbilityOptions { Weights = path, Device = Device.Cpu });
    }

    /// <summary>DCGAN's initial weights are so small that without statistics of a batch all pictures are grey.</summary>
    private static void Enlarge(Module network)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var weight in network.Parameters().Where(parameter => parameter.Dimensions == 4)) weight.CopyInPlace(weight * 10);
    }

    private sealed class Told(Action<WorkProgress> tell) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => tell(value);
    }
}
