using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Nn.Backbones;
using Sconce.Systems.Tests.Vit;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Catalogue;

public sealed class ClassifierPredictorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-predict-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class MiniSystem : NewsletterSystem
    {
        public override SystemCard Card { get; } = new("mini", "Mini", "2020-W43", SystemTask.Classification, new Paper("Mini", "Nobody", 2020, "2010.11929", ""), "A small ViT.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
        [
            new("mini_vit", "32 pixels", options => new VisionTransformer(VitModelTests.Mini with { Classes = options.Classes ?? 8 }))
            {
                InputShape = [3, 32, 32],
                Classes = 8,
                Preprocessing = ImagePreprocessing.Symmetric(32),
                Head = "head",
            },
        ];
    }

    /// <summary>A checkpoint whose classifier leans to one class.</summary>
    private string Weights(int classes, int favourite)
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(VitModelTests.Mini with { Classes = classes });
        using (Gradients.Off()) network.Head!.Bias!.Fill(9, favourite);
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

    private static List<PredictResult> Ask(string weights, IReadOnlyList<string> pictures, params (string, string)[] options) =>
        [.. new MiniSystem().Predictor!.Predict(new PredictRequest(null, weights, pictures, options.ToDictionary(option => option.Item1, option => option.Item2)), null, CancellationToken.None)];

    [Fact]
    public void The_likeliest_classes_come_first_and_their_probabilities_are_those_of_the_softmax()
    {
        var answers = Ask(Weights(8, 3), [Picture("a.png")], ("top", "8")).Single().Predictions;
        Assert.Equal("class 3", answers[0].Label);
        Assert.Equal(1, answers.Sum(answer => answer.Confidence), 9);
        Assert.Equal(answers.OrderByDescending(answer => answer.Confidence), answers);
    }

    [Fact]
    public void Many_pictures_are_answered_by_the_compiled_network_alike()
    {
        string weights = Weights(8, 3), picture = Picture("a.png");
        var alone = Ask(weights, [picture]).Single().Predictions;
        var together = Ask(weights, [.. Enumerable.Repeat(picture, 5)]);
        Assert.Equal(5, together.Count);
        Assert.All(together, result => Assert.Equal(alone[0].Confidence, result.Predictions[0].Confidence, 4));
    }

    [Fact]
    public void Own_labels_build_as_many_classes()
    {
        string labels = Path.Combine(folder, "labels.txt");
        File.WriteAllText(labels, "scratch\ndent\n\nfine\n");
        Assert.Equal("dent", Ask(Weights(3, 1), [Picture("a.png")], ("labels", labels)).Single().Predictions[0].Label);
    }

    [Fact]
    public void Labels_that_are_not_as_many_as_the_weights_classes_are_one_clear_error()
    {
        string labels = Path.Combine(folder, "labels.txt");
        File.WriteAllText(labels, "scratch\ndent\n");
        Assert.Contains("head.weight", Assert.Throws<CheckpointException>(() => Ask(Weights(3, 1), [Picture("a.png")], ("labels", labels))).Message);
    }

    [Theory]
    [InlineData("top", "0")]
    [InlineData("top", "some")]
    [InlineData("labels", "/no/such/file")]
    public void Wrong_options_say_so(string option, string value) =>
        Assert.Contains($"--{option}", Assert.Throws<UsageException>(() => Ask(Weights(8, 3), [Picture("a.png")], (option, value))).Message);

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
        Ask(weights, [picture]);
        long live = LiveTensors.Count;
        Ask(weights, [picture]);
        Assert.Equal(live, LiveTensors.Count);
    }
}
