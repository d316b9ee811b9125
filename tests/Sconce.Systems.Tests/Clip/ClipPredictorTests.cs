using System.IO.Compression;
using System.Text;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>From pictures and labels to probabilities, and what is said when something is missing.</summary>
[Collection(LiveTensors.Name)]
public sealed class ClipPredictorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-clip").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Preprocessing_takes_the_middle_of_the_short_side_and_normalises_it()
    {
        using var scope = new TensorScope();
        var picture = new Image(40, 20);
        picture.Fill(PixelBox.FromSize(10, 0, 20, 20), new Rgb(255, 255, 255));
        var tensor = ClipPreprocess.Apply(picture, 20);
        Assert.Equal([3, 20, 20], tensor.Shape.ToArray());
        for (int channel = 0; channel < 3; channel++)
        {
            float white = (1 - ClipPreprocess.Mean[channel]) / ClipPreprocess.Std[channel];
            Assert.Equal(white, tensor[channel].Min().Item<float>(), 5);
        }

        ClipModelTests.AssertClose(tensor, ClipPreprocess.For(20).Apply(picture));
    }

    [Fact]
    public void Grey_pictures_and_pictures_with_alpha_become_three_channels()
    {
        using var scope = new TensorScope();
        Assert.Equal([3, 8, 8], ClipPreprocess.Apply(new Image(9, 30, 1), 8).Shape.ToArray());
        Assert.Equal([3, 8, 8], ClipPreprocess.Apply(new Image(30, 9, 4), 8).Shape.ToArray());
    }

    [Fact]
    public void A_classifier_gives_every_label_a_probability_best_first_whatever_the_batch()
    {
        var tokenizer = new ClipTokenizer([]);
        using var model = Model(tokenizer);
        string[] labels = [.. Enumerable.Range(0, 70).Select(k => new string((char)('a' + (k % 26)), 1 + (k / 26)))];
        using var all = ZeroShotClassifier.Create(model, tokenizer, labels, cancellation: TestContext.Current.CancellationToken);
        using var some = ZeroShotClassifier.Create(model, tokenizer, labels[66..], cancellation: TestContext.Current.CancellationToken);
        using var scope = new TensorScope();
        ClipModelTests.AssertClose(some.Weights, all.Weights[66..]);
        var answers = all.Classify(new Image(50, 40));
        Assert.Equal(labels.Order(), answers.Select(answer => answer.Label).Order());
        Assert.Equal(1, answers.Sum(answer => answer.Probability), 4);
        Assert.Equal(answers.OrderByDescending(answer => answer.Probability), answers);
    }

    [Fact]
    public void Templates_are_averaged()
    {
        var tokenizer = new ClipTokenizer([]);
        using var model = Model(tokenizer);
        using var both = ZeroShotClassifier.Create(model, tokenizer, ["cat"], ["a {}", "no {}"], cancellation: TestContext.Current.CancellationToken);
        using var first = ZeroShotClassifier.Create(model, tokenizer, ["a cat"], cancellation: TestContext.Current.CancellationToken);
        using var second = ZeroShotClassifier.Create(model, tokenizer, ["no cat"], cancellation: TestContext.Current.CancellationToken);
        using var scope = new TensorScope();
        ClipModelTests.AssertClose(ContrastiveLoss.UnitLength(first.Weights + second.Weights), both.Weights);
    }

    [Fact]
    public void A_classifier_refuses_no_labels_long_sentences_and_a_strange_vocabulary()
    {
        var tokenizer = new ClipTokenizer([]);
        using var model = Model(tokenizer);
        Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Create(model, tokenizer, [], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Create(model, tokenizer, ["dog", " "], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Create(model, tokenizer, [new string('x', 50)], cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("vocabulary", Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Create(model, new ClipTokenizer([("a", "b")]), ["dog"], cancellation: TestContext.Current.CancellationToken)).Message);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ZeroShotClassifier.Create(model, tokenizer, ["dog"], cancellation: cancelled.Token));
    }

    [Fact]
    public void The_command_answers_each_picture_with_the_vocabulary_beside_the_weights()
    {
        var tokenizer = ReleasedSize();
        string weights = Path.Combine(folder, "tiny.pt"), picture = Path.Combine(folder, "photo.png");
        using (var model = Model(tokenizer)) ModelWeights.Save(model, weights, cancellation: TestContext.Current.CancellationToken);
        new Image(30, 20).Save(picture);
        var request = new PredictRequest(null, weights, [picture, picture], new Dictionary<string, string> { ["labels"] = "a kangaroo, a dog,", ["templates"] = "imagenet-short" });
        long before = LiveTensors.Count;
        var results = new ClipPredictor().Predict(request, null, TestContext.Current.CancellationToken).ToList();
        Assert.Equal(before, LiveTensors.Count);
        Assert.Equal(2, results.Count);
        Assert.Equal(["a dog", "a kangaroo"], results[0].Predictions.Select(prediction => prediction.Label).Order());
        Assert.Equal(results[0].Predictions, results[1].Predictions);
    }

    [Fact]
    public void What_is_missing_is_said_before_anything_is_loaded()
    {
        var predictor = new ClipPredictor();
        Assert.Contains("--weights", Refused(null, []));
        Assert.Contains("--labels", Refused("nowhere.pt", []));
        Assert.Contains("--labels", Refused("nowhere.pt", new() { ["labels"] = " , " }));
        Assert.Contains("--vocabulary", Refused("nowhere.pt", new() { ["labels"] = "a" }));
        Assert.Contains("--templates", Refused("nowhere.pt", new() { ["labels"] = "a", ["templates"] = "nowhere.txt" }));
        Assert.Contains("--image", Refused("nowhere.pt", new() { ["labels"] = "a", ["vocabulary"] = "v" }));
        Assert.Contains("ViT-B/32", Refused("nowhere.pt", new() { ["labels"] = "a", ["vocabulary"] = "v" }, "RN5000", "photo.png"));

        string Refused(string? weights, Dictionary<string, string> options, string? variant = null, params string[] inputs) =>
            Assert.Throws<UsageException>(() => predictor.Predict(new PredictRequest(variant, weights, inputs, options), null, TestContext.Current.CancellationToken)).Message;
    }

    private static ClipModel Model(ClipTokenizer tokenizer) =>
        ClipModelTests.Eval(new ClipModel(new ClipConfig(16, 32, new ClipVitConfig(64, 1, 16), new ClipTextConfig(64, 1, 1) { ContextLength = 48, VocabularySize = tokenizer.VocabularySize })));

    /// <summary>A vocabulary file of the released size whose merges are made up, in the test's folder.</summary>
    private ClipTokenizer ReleasedSize()
    {
        string path = Path.Combine(folder, "bpe_simple_vocab_16e6.txt.gz");
        char[] letters = [.. Enumerable.Range('!', 94).Select(c => (char)c)];
        var merges = (from a in letters from b in letters select ($"{a}", $"{b}"))
            .Concat(from a in letters from b in letters from c in letters select ($"{a}{b}", $"{c}"))
            .Take(48_894);
        using (var file = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest), new UTF8Encoding(false)))
        {
            file.NewLine = "\n";
            file.WriteLine("\"made up #version: 0.2\"");
            foreach (var (left, right) in merges) file.WriteLine($"{left} {right}");
        }

        return ClipTokenizer.Load(path);
    }
}
