using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Generation;
using Sconce.Systems.Generation.Dalle;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Systems.Tests.Clip;
using Sconce.Systems.Tests.Generation;
using Sconce.Systems.Tools.Wit;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Dalle;

/// <summary>Both stages on small pictures with captions, and what their runs do.</summary>
[Collection(LiveTensors.Name)]
public sealed class DalleTrainingTests : IDisposable
{
    private readonly StagedRuns runs = new(new DalleSystem());

    public void Dispose() => runs.Dispose();

    [Fact]
    public void Both_stages_are_learned_and_paint_captions()
    {
        runs.AssertGoesOn(First(), "first", after: 3);
        runs.AssertGoesOn(Second(), "second", after: 3);
        Assert.Contains(runs.Remarks, remark => remark.Contains("captions are longer than 4 tokens and are cut", StringComparison.Ordinal));
        using var session = runs.Ask<DalleGenerateSession>("second", Verb.Generate);
        DalleGenerateSettings two = new() { Drawing = new() { Count = 2, Seed = 3, Batch = 2 } };
        var made = session.Ask(new Words("a RED square"), two);
        Assert.Null(made.Unknown);
        var pictures = made.Pictures.Items.ToList();
        Assert.Equal((2, 16), (pictures.Count, pictures[0].Width));
        var again = session.Ask(new Words("a red square"), two with { Drawing = new() { Count = 1, Seed = 3 } }).Pictures.Items.Single();
        Assert.All(pictures[0].Pixels.ToArray().Zip(again.Pixels.ToArray()), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.Equal("ж", session.Ask(new Words("red Ж"), two).Unknown!.Items.Single()[0]);
        Assert.Contains("is empty", Assert.Throws<UsageException>(() => session.Ask(new Words(" "
            + ""), two)).Message, StringComparison.Ordinal);
        string tooLong = string.Concat(Enumerable.Repeat("red ", 2500));
        var refused = Assert.Throws<UsageException>(() => session.Ask(new Words(tooLong), two));
        Assert.Contains("2,500 tokens", refused.Message, StringComparison.Ordinal);
        var unranked = Assert.Throws<SettingsException>(() => session.Ask(new Words("red"), two with { Candidates = 8 }));
        Assert.Contains("nothing ranks them", unranked.Message, StringComparison.Ordinal);

        using var rest = runs.Ask<DalleCompleteSession>("second", Verb.Complete);
        var photo = CaptionedPicture.Of(Photo(), "a red square");
        Assert.Equal(2, rest.Ask(photo, new() { Count = 2, Keep = KeptRegion.Left }).Items.Count());
        var silent = Assert.Throws<UsageException>(() => rest.Ask(CaptionedPicture.Of(Photo(), "")).Items.Count());
        Assert.Contains("is empty", silent.Message, StringComparison.Ordinal);
        foreach (string name in (string[])["first", "second"])
        {
            using var seen = runs.Ask<DalleReconstructSession>(name, Verb.Reconstruct);
            Assert.Equal(16, seen.Ask(Photo()).Codes);
        }
    }

    [Fact]
    public void Candidates_are_ranked_by_clip()
    {
        string vocabulary = ClipPredictorTests.WriteVocabulary(Directory.CreateDirectory(runs.At("words")).FullName);
        runs.Train(First(), "first");
        runs.Train(Second(), "second");
        string weights = runs.At("clip.safetensors");
        var sentences = new ClipTextConfig(64, 1, 1) { VocabularySize = ClipTokenizer.Load(vocabulary).VocabularySize };
        using (var clip = new ClipModel(new ClipConfig(16, 32, new ClipVitConfig(64, 1, 16), sentences))) ModelWeights.Save(clip, weights);

        using var session = runs.Ask<DalleGenerateSession>("second", Verb.Generate);
        DalleGenerateSettings settings = new() { Drawing = new() { Count = 2 }, Candidates = 6, Rerank = weights };
        var wordless = Assert.Throws<SettingsException>(() => session.Ask(new Words("red"), settings));
        Assert.Contains("is missing", wordless.Message, StringComparison.Ordinal);
        var best = session.Ask(new Words("red"), settings with { Tokens = new() { Vocabulary = vocabulary } });
        double[] scores = [.. best.Scores!.Items.Select(row => (double)row[1]!)];
        Assert.Equal(2, best.Pictures.Items.Count());
        Assert.True(scores[0] >= scores[1]);
    }

    [Theory]
    [InlineData("captions.csv", "image,caption\nred/0.png,a red square\ngreen/1.png,\"green, square\"\n")]
    [InlineData("captions.jsonl", "{\"file_name\":\"red/0.png\",\"text\":\"a red "
        + "square\"}\n{\"image\":\"green/1.png\",\"caption\":\"green, square\"}\n")]
    [InlineData("captions.txt", "red/0.png: a red square\ngreen/1.png\tgreen, square\n")]
    public void Captions_are_read_however_they_are_kept(string name, string text)
    {
        string folder = runs.Pictures();
        File.WriteAllText(Path.Combine(folder, name), text);
        var pairs = CaptionPairs.Read(folder, null, default);
        Assert.Equal(["a red square", "green, square"], pairs.Pairs.Select(pair => pair.Caption));
        Assert.Equal(pairs.Pairs, CaptionPairs.Read(Path.Combine(folder, name), null, default).Pairs);
    }

    [Fact]
    public void Captions_lie_beside_pictures_or_in_a_table_of_wit()
    {
        string folder = runs.Pictures(4);
        foreach (string file in Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories))
            File.WriteAllText(Path.ChangeExtension(file, ".txt"), "one\n\nother\n");
        Assert.Equal(8, CaptionPairs.Read(folder, null, default).Pairs.Count);
        string[] rows =
        [
            Wit("https://upload/red%20one.png", "A red square"), Wit("https://upload/1.png", "A green "
                + "square"), Wit("https://upload/gone.png", "x y z"),
            "en\tbroken",
        ];
        string table = runs.At("wit.tsv");
        File.WriteAllLines(table, rows);
        File.Copy(runs.At("photos", "red", "0.png"), runs.At("photos", "green", "red one.png"));
        var pairs = CaptionPairs.Read(table, runs.At("photos", "green"), default);
        Assert.Equal(["A red square", "A green square"], pairs.Pairs.Select(pair => pair.Caption));
        Assert.Contains("1 broken rows", Assert.Single(pairs.Remarks), StringComparison.Ordinal);

        static string Wit(string address, string caption) =>
            $"en\thttps://page\t{address}\ttitle\tsection\tpath\t{caption}\t\t\timage/png\t200\t200\ttrue\ttrue\tfalse\tpage\tsection";
    }

    [Theory]
    [InlineData("captions.csv", "image,words\nred/0.png,x\n", "has no column caption")]
    [InlineData("captions.csv", "image,caption\nblue/0.png,x\nred/0.png,y\n", "which is not in")]
    [InlineData("captions.jsonl", "{\"image\":\"red/0.png\"}\n", "line 1")]
    [InlineData("captions.txt", "red/0.png: only one\n", "too few")]
    public void Captions_that_mean_nothing_are_told(string name, string text, string said)
    {
        string file = Path.Combine(runs.Pictures(), name);
        File.WriteAllText(file, text);
        var fault = Assert.ThrowsAny<Exception>(() => CaptionPairs.Read(file, null, default));
        Assert.True(fault is DataException or TableException);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_learns_frequent_pairs_says_any_text_and_is_read_back()
    {
        string[] captions = ["red red red", "a red square", "Red circle"];
        var words = CaptionVocabulary.Learn(captions, CaptionVocabulary.Least + 2);
        Assert.Equal(CaptionVocabulary.Least + 2, words.Count);
        Assert.Single(words.Tokens("RED"));
        Assert.All(words.Tokens("Жé🙂 red"), token => Assert.InRange(token, 1, words.Count - 1));
        Assert.Equal(["blue"], words.Unknown("a blue blue circle"));
        var again = CaptionVocabulary.Parse(words.ToBytes());
        Assert.Equal(words.Tokens("a red circle of 🙂"), again.Tokens("a red circle of 🙂"));
        Assert.Equal(["blue"], again.Unknown("blue"));
        Assert.Throws<InvalidDataException>(() => CaptionVocabulary.Parse("x\ny"u8));
        Assert.Equal(CaptionVocabulary.Least, CaptionVocabulary.Learn(["ab"], 9999).Count); // nothing comes twice
    }

    [Fact]
    public void Merges_that_are_left_out_spell_a_word_in_parts_by_seed_step_and_caption_alone()
    {
        string[] captions = ["a red square", "a green square on plain grey"];
        var words = CaptionVocabulary.Learn(Enumerable.Repeat(captions, 3).SelectMany(many => many), 600);
        AugmentationRandom none = new(3), all = new(3);
        Assert.Equal(words.Tokens(captions[1]), words.DroppedTokens(captions[1], 0, ref none));
        Assert.Equal("redsquare".Length + 1, words.DroppedTokens(captions[0], 1, ref all).Length);
        using var scope = new TensorScope();
        CaptionSpelling spelling = new(words, captions, 40, 0.5, 7), other = new(words, captions, 40, 0.5, 8);
        long[] both = [0, 1];
        long[] first = spelling.Rows(both, 5).ToArray<long>(), alone = spelling.Rows([1], 5).ToArray<long>();
        Assert.Equal(first, spelling.Rows(both, 5).ToArray<long>());
        Assert.Equal(first[40..], alone); // whatever else is in the batch
        Assert.NotEqual(first, spelling.Rows(both, 6).ToArray<long>());
        Assert.NotEqual(first, other.Rows(both, 5).ToArray<long>());
        Assert.All(first, token => Assert.InRange(token, 0, words.Count - 1));
        int kept = words.Tokens(captions[1]).Length;
        Assert.InRange(alone.Count(token => token > 0), kept + 1, 26); // more parts, and no more than there are letters
    }

    [Fact]
    public void A_run_that_leaves_merges_out_goes_on_bit_for_bit_and_is_asked_with_all_of_them()
    {
        runs.Train(First(), "first");
        var asked = Second();
        var plain = asked.Of<DalleSettings>();
        var dropped = asked with { Settings = plain with { MergeDropout = 0.5 } };
        runs.AssertGoesOn(dropped, "dropped", after: 3);
        var kept = runs.Train(asked, "kept");
        var left = runs.Train(dropped, "left");
        Assert.NotEqual(kept.Best!.Figures["text"], left.Best!.Figures["text"]);
        Assert.Throws<SettingsException>(() => DalleSettings.Schema.Read([new("mergeDropout", "1")]));
    }

    [Fact]
    public void The_second_stage_refuses_what_does_not_fit()
    {
        runs.Train(First(), "first");
        string even = Said(own => own with { Transformer = own.Transformer with { Kernel = 4 } });
        Assert.Contains("has no middle", even, StringComparison.Ordinal);
        Assert.Contains("learned 16 px", Said(own => own with { Pictures = new() { ImageSize = 32 } }), StringComparison.Ordinal);
        Assert.Contains("there is no", Said(own => own with { FirstStage = runs.At("nowhere") }), StringComparison.Ordinal);
        Assert.Contains("and the transformer reads 4", Said(own => own with { Strict = true }), StringComparison.Ordinal);
        Assert.Contains("another codebook", Said(own => own with { Codebook = "0123456789abcdef" }), StringComparison.Ordinal);
        Assert.Contains("first stage alone", new DvaeMethod().Advice(Verb.Generate), StringComparison.Ordinal);
    }

    [Fact]
    public void The_claims_reader_sees_what_was_drawn_and_ranks_in_groups()
    {
        using var scope = new TensorScope();
        var (pictures, shown) = QuadrantShapes.Draw(60, new Random(1));
        Assert.All(QuadrantShapes.Match(pictures, shown), Assert.True);
        Assert.DoesNotContain(true, QuadrantShapes.Match(Tensor.Full([2, 3, 32, 32], 0.35), shown[..2]));
        bool[] matches = [true, false, false, true];
        Assert.Equal(0.5, DalleClaim.Kept(matches, [1, 2, 3, 4], 1));
        Assert.Equal(0.5, DalleClaim.Kept(matches, [1, 2, 3, 4], 2));
        Assert.Equal(1, DalleClaim.Kept(matches, [1, 2, 3, 4], 4));
    }

    private static Picture Photo() => StagedRuns.Filled(new Rgb(220, 40, 40), new Rgb(120, 120, 120), new PixelBox(6, 6, 18, 18));

    private string Said(Func<DalleSettings, DalleSettings> change)
    {
        var asked = Second();
        asked = asked with { Settings = change(asked.Of<DalleSettings>()) };
        return Assert.ThrowsAny<Exception>(() => runs.Open(asked).Dispose()).Message;
    }

    private RunConfiguration First()
    {
        string data = runs.Pictures();
        var asked = runs.Start("dalle_dvae", 2, run => run with { Data = data });
        var own = asked.Of<DvaeSettings>();
        var codec = own.Codec with { Downsampling = 4, Codes = 16, CodeWidth = 8, Width = 8 };
        return (asked with { Settings = own with { Codec = codec, Loss = own.Loss with { Plain = 3 } } }).WithImageSize(16);
    }

    private RunConfiguration Second()
    {
        string captions = runs.At("photos", "captions.csv");
        File.WriteAllLines(captions, [
            "image,caption",
            .. Enumerable.Range(0, 12).Select(k => k % 2 == 0 ? $"red/{k}.png,a red square" : $"green/{k}.png,a green square on "
                + "plain grey"),
        ]);
        var asked = runs.Start("dalle", 2, run => run with { Data = captions });
        var own = asked.Of<DalleSettings>();
        return asked with
        {
            Settings = own with
            {
                FirstStage = runs.At("first"),
                Vocabulary = 560,
                Transformer = own.Transformer with { Layers = 2, Heads = 2, Channels = 32, TextLength = 4, Kernel = 3 },
            },
        };
    }
}
