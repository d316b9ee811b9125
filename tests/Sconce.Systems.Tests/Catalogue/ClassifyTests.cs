using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Systems.Tests.Vit;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Catalogue;

public sealed class ClassifyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-predict-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class MiniSystem : CatalogueSystem
    {
        public override SystemCard Card { get; } =
            new("mini", "Mini", "2020-W43", SystemTask.Classification, new Paper("Mini", "Nobody", 2020, "2010.11929", ""), "A small ViT.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
        [
            new("mini_vit", "32 pixels", options => new VisionTransformer(VitModelTests.Mini with { Classes = options.Classes ?? 8 }))
            {
                Capabilities = [TensorInput.Pictures(32), new ImageClassifier(8, "head", ImagePreprocessing.Symmetric(32))],
            },
        ];
    }

    /// <summary>A checkpoint whose classifier leans to one class.</summary>
    private string Weights(int classes, int favourite)
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(VitModelTests.Mini with { Classes = classes });
        using (Gradients.Off()) network.Head!.Bias!.FillInPlace(9, favourite);
        string path = Path.Combine(folder, $"{classes}.pth");
        ModelWeights.Save(network, path);
        return path;
    }

    private string Picture(string name)
    {
        string path = Path.Combine(folder, name);
        Image.FromFloats(50, 40, 3, [.. Enumerable.Range(0, 50 * 40 * 3).Select(k => k % 97 / 97f)]).Save(path);
        return path;
    }

    private static ClassifierSession Open(string weights, bool compiles = false)
    {
        var system = new MiniSystem();
        return new AbilityTarget("mini", system, null).Open<ClassifierSession>(Verb.Classify,
            new AbilityOptions { Weights = weights, Compiles = compiles });
    }

    [Fact]
    public void The_likeliest_classes_come_first_and_their_probabilities_are_those_of_the_softmax()
    {
        using var session = Open(Weights(8, 3));
        var answers = session.Classify(Sconce.Abilities.Picture.Of(Picture("a.png")), top: 8).Items;
        Assert.Equal("class 3", answers[0].Name);
        Assert.Equal(1, answers.Sum(answer => answer.Confidence), 1e-9);
        Assert.Equal(answers.OrderByDescending(answer => answer.Confidence), answers);
    }

    [Fact]
    public void Many_pictures_are_answered_by_the_compiled_network_alike()
    {
        string weights = Weights(8, 3), picture = Picture("a.png");
        using var plain = Open(weights);
        using var compiled = Open(weights, compiles: true);
        var alone = plain.Classify(Sconce.Abilities.Picture.Of(picture));
        var together = compiled.Ask([.. Enumerable.Range(0, 5).Select(_ => Sconce.Abilities.Picture.Of(picture))]);
        Assert.Equal(5, together.Count);
        Assert.All(together, answer => Assert.Equal(alone.Best.Confidence, answer.Best.Confidence, 1e-4));
    }

    [Fact]
    public void Several_threads_get_the_answers_of_one()
    {
        using var session = Open(Weights(8, 3));
        var pictures = Enumerable.Range(0, 24).Select(k => new Image(20 + k, 30)).ToArray();
        double[] alone = [.. pictures.Select(picture => session.Classify(picture).Best.Confidence)];
        double[] together = new double[pictures.Length];
        Parallel.For(0, pictures.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 },
            k => together[k] = session.Classify(pictures[k]).Best.Confidence);
        Assert.Equal(alone, together);
    }

    [Fact]
    public void The_weights_say_how_many_classes_there_are_and_labels_name_them()
    {
        string labels = Path.Combine(folder, "labels.txt");
        File.WriteAllText(labels, "scratch\ndent\n\nfine\n");
        using var session = Open(Weights(3, 1));
        Assert.Equal(3, session.Classes.Count);
        var settings = (ClassifySettings)ClassifySettings.Schema.Read([KeyValuePair.Create("labels", labels)]);
        Assert.Equal("dent", session.Ask(new Image(9, 9), settings).Best.Name);
    }

    [Fact]
    public void Labels_that_are_not_as_many_as_the_weights_classes_are_one_clear_error()
    {
        using var session = Open(Weights(3, 1));
        var fault = Assert.Throws<SettingsException>(() =>
            session.Ask(new Image(9, 9), new ClassifySettings { Labels = new LabelList(["scratch", "dent"]) }));
        Assert.Equal("--labels names 2 classes, but the network has 3", fault.Worded("--labels"));
    }

    [Fact]
    public void Features_are_the_row_before_the_classifier()
    {
        using var session = new AbilityTarget("mini", new MiniSystem(), null).Open<EmbedSession>(Verb.Embed,
            new AbilityOptions { Weights = Weights(8, 3) });
        float[] row = session.Ask(new Image(9, 9)).Rows.Single();
        Assert.Equal(VitModelTests.Mini.Width, row.Length);
        Assert.Equal(1, session.Ask(new Image(9, 9), new EmbedSettings { Normalize = true }).Rows[0].Sum(value => value * value), 1e-4);
    }

    [Fact]
    public void ImageNets_thousand_classes_have_names()
    {
        Assert.Equal(1000, ImageNetClasses.Names.Count);
        Assert.Equal("tench", ImageNetClasses.Names[0]);
        Assert.Equal("toilet paper", ImageNetClasses.Names[^1]);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        string weights = Weights(8, 3), picture = Picture("a.png");
        Once();
        long live = LiveTensors.Count;
        Once();
        Assert.Equal(live, LiveTensors.Count);

        void Once()
        {
            using var session = Open(weights, compiles: true);
            session.Classify(Sconce.Abilities.Picture.Of(picture));
        }
    }
}
