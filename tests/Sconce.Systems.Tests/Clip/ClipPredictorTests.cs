using System.IO.Compression;
using System.Text;
using Sconce.Abilities;
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
            Assert.Equal(white, tensor[channel].Min().Item<float>(), 1e-5);
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
        Assert.Equal(1, answers.Sum(answer => answer.Probability), 1e-4);
        Assert.Equal(answers.OrderByDescending(answer => answer.Probability), answers);
    }

    [Fact]
    public void Templates_are_averaged()
    {
        var tokenizer = new ClipTokenizer([]);
        using var model = Model(tokenizer);
        using var both = ZeroShotClassifier.Create(model, tokenizer, ["cat"], ["a {}", "no {}"],
            cancellation: TestContext.Current.CancellationToken);
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
        Assert.Throws<ArgumentException>(() =>
            ZeroShotClassifier.Create(model, tokenizer, [], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() =>
            ZeroShotClassifier.Create(model, tokenizer, ["dog", " "], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() =>
            ZeroShotClassifier.Create(model, tokenizer, [new string('x', 50)], cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("vocabulary", Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Create(model,
            new ClipTokenizer([("a", "b")]), ["dog"], cancellation: TestContext.Current.CancellationToken)).Message);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            ZeroShotClassifier.Create(model, tokenizer, ["dog"], cancellation: cancelled.Token));
    }

    [Fact]
    public void Each_picture_is_answered_with_the_vocabulary_beside_the_weights()
    {
        var tokenizer = ReleasedSize();
        string weights = Path.Combine(folder, "tiny.pt"), picture = Path.Combine(folder, "photo.png");
        using (var model = Model(tokenizer)) ModelWeights.Save(model, weights, cancellation: TestContext.Current.CancellationToken);
        new Image(30, 20).Save(picture);
        var settings = new ClipLabelSettings { Labels = new LabelList(["a kangaroo", "a dog"]), Templates = "imagenet-short" };
        long before = LiveTensors.Count;
        using (var session = Sessions.Open<ClipClassifier>(Verb.Classify, "clip", new AbilityOptions { Weights = weights }))
        {
            var answers = session.Ask([Picture.Of(picture), Picture.Of(picture)], settings,
                cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(["a dog", "a kangaroo"], answers[0].Items.Select(label => label.Name).Order());
            Assert.Equal(1, answers[0].Items.Sum(label => label.Confidence), 1e-5);
            Assert.Equal(answers[0].Items.Select(label => label.Name), answers[1].Items.Select(label => label.Name));
            var alone = session.Ask(Picture.Of(picture), settings with { Top = 1 }, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(answers[0].Best.Name, Assert.Single(alone.Items).Name);
            foreach (var other in (Labels[])[answers[1], alone])    // a batch's sums may be rounded otherwise
                Assert.Equal(answers[0].Best.Confidence, other.Best.Confidence, 1e-5);
        }

        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void Pictures_and_sentences_are_embedded_in_one_space()
    {
        var tokenizer = ReleasedSize();
        string weights = Path.Combine(folder, "tiny.pt");
        using (var model = Model(tokenizer)) ModelWeights.Save(model, weights, cancellation: TestContext.Current.CancellationToken);
        var options = new AbilityOptions { Weights = weights };
        using var pictures = Sessions.Open<ClipPictureSession>(Verb.Embed, "clip", options);
        using var sentences = Sessions.Open<ClipSentenceSession>(Verb.Embed, "clip", options);
        float[] seen = pictures.Ask(new Image(30, 20), new EmbedSettings { Normalize = true },
            cancellation: TestContext.Current.CancellationToken).Rows[0];
        float[] said = sentences.Ask(new Words("a dog"), new ClipSentenceSettings { Normalize = true },
            cancellation: TestContext.Current.CancellationToken).Rows[0];
        Assert.Equal(seen.Length, said.Length);
        foreach (float[] row in (float[][])[seen, said]) Assert.Equal(1, row.Sum(value => value * value), 1e-4);
    }

    [Fact]
    public void What_is_missing_is_said_by_its_setting()
    {
        string weights = Path.Combine(folder, "tiny.pt");
        var tokenizer = new ClipTokenizer([]);
        using (var model = Model(tokenizer)) ModelWeights.Save(model, weights, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("weights", Assert.Throws<UsageException>(() => Sessions.Open<ClipClassifier>(Verb.Classify, "clip")).Message);
        using var session = Sessions.Open<ClipClassifier>(Verb.Classify, "clip", new AbilityOptions { Weights = weights });
        var named = new ClipLabelSettings { Labels = new LabelList(["a"]) };
        Assert.Equal("labels", Refused(new ClipLabelSettings()));
        Assert.Equal("vocabulary", Refused(named));
        Assert.Equal("vocabulary", Refused(named with { Tokens = new ClipVocabulary { Vocabulary = "nowhere.gz" } }));
        Assert.Equal("templates", Refused(named with { Templates = "nowhere.txt", Tokens = new ClipVocabulary { Vocabulary = weights } }));
        Assert.Throws<SettingsException>(() => ClipLabelSettings.Schema.Read([KeyValuePair.Create("labels", " , ")]));

        string Refused(ClipLabelSettings settings) =>
            Assert.Throws<SettingsException>(() =>
                session.Ask(new Image(3, 3), settings, cancellation: TestContext.Current.CancellationToken)).Setting;
    }

    private static ClipModel Model(ClipTokenizer tokenizer) =>
        ClipModelTests.Eval(new ClipModel(new ClipConfig(16, 32, new ClipVitConfig(64, 1, 16),
            new ClipTextConfig(64, 1, 1) { ContextLength = 48, VocabularySize = tokenizer.VocabularySize })));

    /// <summary>A vocabulary file of the released size whose merges are made up, in the test's folder.</summary>
    private ClipTokenizer ReleasedSize() => ClipTokenizer.Load(WriteVocabulary(folder));

    /// <summary>A made-up vocabulary as large as the released one, under its name.</summary>
    internal static string WriteVocabulary(string folder)
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

        return path;
    }
}
