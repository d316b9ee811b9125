using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Systems.Generation;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Systems.Tests.Generation;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Vqgan;

/// <summary>Both stages on small pictures, and what their runs do.</summary>
[Collection(LiveTensors.Name)]
public sealed class VqganTrainingTests : IDisposable
{
    private readonly StagedRuns runs = new(new VqganSystem());

    public void Dispose() => runs.Dispose();

    [Theory]
    [InlineData(CodecQuantizer.Nearest)]
    [InlineData(CodecQuantizer.Ema)]
    [InlineData(CodecQuantizer.Gumbel)]
    public void A_first_stage_that_was_stopped_goes_on_bit_for_bit(CodecQuantizer quantizer) =>
        runs.AssertGoesOn(First(codec => codec with { Quantizer = quantizer }), "first", after: 5);

    [Fact]
    public void Both_stages_are_learned_and_make_complete_and_reconstruct_pictures()
    {
        var first = runs.Train(First(), "first");
        Assert.True(double.IsFinite(first.Best!.Figures["rfid"]) && first.Best.Figures["codes"] >= 1);
        using (var seen = runs.Ask<VqReconstructSession>("first", Verb.Reconstruct))
        {
            var kept = seen.Ask(Photo());
            Assert.Equal((16, 16), (kept.Picture.Picture.Height, kept.Picture.Picture.Width));
            Assert.InRange(kept.Difference, 0, 0.5);
        }

        runs.AssertGoesOn(Second("first", CodeCondition.Class), "second", after: 3);
        Assert.Contains(runs.Remarks, remark => remark.EndsWith("codes are in use in the pictures to learn "
            + "from", StringComparison.Ordinal));
        using var wide = runs.Ask<VqGenerateSession>("second", Verb.Generate, (24, 16));
        VqGenerateSettings two = new() { Drawing = new() { Count = 2, Seed = 3 }, Condition = new() { Class = 1 } };
        var made = wide.Ask(Nothing.Instance, two).Items.ToList();
        Assert.Equal((2, 24, 16), (made.Count, made[0].Width, made[0].Height));
        Assert.Equal(made[1].Pixels.ToArray(), wide.Ask(Nothing.Instance, two).Items.Last().Pixels.ToArray());
        var beyond = Assert.Throws<SettingsException>(() => wide.Ask(Nothing.Instance, two with { Condition = new() { Class = 2 } }));
        Assert.Contains("knows no class beyond 1", beyond.Message, StringComparison.Ordinal);
        using var rest = runs.Ask<VqCompleteSession>("second", Verb.Complete);
        Assert.Equal(2, rest.Ask(Photo(), new() { Count = 2, Keep = Mask(14), Condition = new() { Class = 0 } }).Items.Count());
        AssertKeeps(rest, Mask(0), "keeps nothing");
        AssertKeeps(rest, Mask(28), "keeps all");
        AssertKeeps(rest, KeptRegion.Of(new Image(10, 10)), "need one shape");
    }

    [Fact]
    public void A_map_of_labels_is_the_condition_of_pictures()
    {
        runs.Train(First(), "first");
        var labels = First(codec => codec with { Kind = CodecKind.Segmentation, Labels = 4 });
        labels = labels.With(labels.Run with { Data = runs.At("pairs", "segmentation") });
        Assert.InRange(runs.Train(labels, "labels").Best!.Figures["labels"], 0, 1);
        var asked = Second("first", CodeCondition.Picture);
        var own = asked.Of<VqganGptSettings>() with { ConditionStage = runs.At("labels") };
        runs.Train((asked with { Settings = own }).With(own.Run with { Data = runs.At("pairs") }), "second");
        using var session = runs.Ask<VqGenerateSession>("second", Verb.Generate);
        Picture map = Image.Load(runs.At("pairs", "segmentation", "0.png"));
        Assert.Single(session.Ask(Nothing.Instance, Following(new() { Segmentation = map })).Items);
        Assert.Contains("follows no depth map", Fault(session, new() { Depth = map }), StringComparison.Ordinal);
        Assert.Contains("makes pictures from pictures", Fault(session, new()), StringComparison.Ordinal);
        Assert.Contains("one thing", Fault(session, new() { Depth = map, Segmentation = map }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size", "does not divide by 4")]
    [InlineData("labels", "how many labels")]
    [InlineData("batch", "there are 8 pictures")]
    [InlineData("values", "it has the label")]
    public void A_first_stage_that_cannot_be_is_one_line(string fault, string said)
    {
        var asked = fault switch
        {
            "size" => First().WithImageSize(18),
            "labels" => First(codec => codec with { Kind = CodecKind.Segmentation }),
            "batch" => First().With(First().Run with { Batch = 9 }),
            _ => First(codec => codec with { Kind = CodecKind.Segmentation, Labels = 4 }),
        };
        if (fault == "values")
        {
            foreach (string file in Directory.GetFiles(runs.At("photos"), "*.png", SearchOption.AllDirectories))
                StagedRuns.Filled(new Rgb(9, 9, 9), Rgb.Black, new PixelBox(2, 2, 9, 9)).Save(file);
        }

        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => runs.Open(asked).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_stage_refuses_another_codebook_and_other_files()
    {
        runs.Train(First(), "first");
        runs.Train(First(codec => codec with { Codes = 24 }), "other");
        runs.Train(Second("first", CodeCondition.Start), "second");
        var start = Second("first", CodeCondition.Start);
        AssertSays("Name its run's folder", start, own => own with { FirstStage = null });
        AssertSays("not divide by 4 heads", start, own => own with { Transformer = own.Transformer with { Channels = 30 } });
        AssertSays("holds a transformer", Second("second", CodeCondition.Start), own => own);
        string second = runs.At("second", "best.ckpt");
        AssertSays("another codebook", Second("other", CodeCondition.Start),
            own => own with { Run = own.Run with { Pretrained = second } });
        File.Copy(runs.At("other", "best.ckpt"), runs.At("first", "best.ckpt"), overwrite: true);
        var begun = RunConfigurationFile.Read(runs.At("second", "config.json"), new CatalogueMethods([new VqganSystem()]));
        AssertSays("another codebook", begun, own => own);
        Assert.Null(new VqganMethod().Advice(Verb.Reconstruct));
        Assert.Contains("first stage alone", new VqganMethod().Advice(Verb.Generate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_discriminators_file_is_no_autoencoder()
    {
        string file = runs.At("discriminator.safetensors");
        using (var loss = new VqLoss(new VqLossConfig { PerceptualWeight = 0, DiscriminatorWidth = 8 }))
            ModelWeights.Save(loss.Discriminator, file);
        var fault = Assert.Throws<CheckpointException>(() => VqganNetworks.Autoencoder(file, 64));
        Assert.Contains("a discriminator", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_codebook_begins_as_vectors_and_unused_entries_become_some()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(1);
        using var quantizer = new VectorQuantizer(8, 2);
        using var care = new CodebookCare(quantizer);
        var vectors = Tensor.Arange(8, dtype: DType.Float32).View([8, 1]).Expand([8, 2]) * 10;
        care.Begin(vectors);
        var begun = quantizer.Codebook.Detach().Clone();
        Assert.Equal(8, VectorQuantizer.Nearest(vectors, begun).ToArray<long>().Distinct().Count());
        care.Observe(Tensor.From<long>([0, 1, 2]));
        Assert.Equal(5, care.Revive(vectors + 100));
        var revived = quantizer.Codebook.Detach();
        Assert.Equal(begun[..3].ToArray<float>(), revived[..3].ToArray<float>());
        Assert.True(revived[3..].Min().Item<float>() > 95);
    }

    [Fact]
    public void The_claims_reader_sees_what_was_drawn_and_its_networks_run()
    {
        using var scope = new TensorScope();
        Assert.Equal((1, 1), PairedObjects.Read(PairedObjects.Draw(50, new Random(1))));
        Assert.Equal((0, 0), PairedObjects.Read(Tensor.Zeros([3, 3, 32, 32])));
        var points = Tensor.From<float>([0, 0, 1, 0, 10, 10, 11, 10], [4, 2]);
        float[] centres = KMeans.Refined(points, KMeans.Seeds(points, 2), 3).Sort(0).Values.ToArray<float>();
        Assert.Equal([0.5f, 0f, 10.5f, 10f], centres);
    }

    private static KeptRegion Mask(int white) => KeptRegion.Of(Columns(white));

    private static Image Columns(int white)
    {
        var mask = new Image(28, 24);
        if (white > 0) mask.Fill(new PixelBox(0, 0, white, 24), Rgb.White);
        return mask;
    }

    private static VqGenerateSettings Following(CodeConditionSettings condition) =>
        new() { Drawing = new() { Count = 1 }, Condition = condition };

    private static string Fault(VqGenerateSession session, CodeConditionSettings condition) =>
        Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, Following(condition))).Message;

    private static void AssertKeeps(VqCompleteSession session, KeptRegion region, string said)
    {
        var settings = new VqCompleteSettings { Keep = region, Condition = new() { Class = 0 } };
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Photo(), settings).Items.Count());
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    private static Picture Photo() => StagedRuns.Filled(new Rgb(220, 40, 40), new Rgb(120, 120, 120), new PixelBox(6, 6, 18, 18));

    private void AssertSays(string said, RunConfiguration asked, Func<VqganGptSettings, VqganGptSettings> change)
    {
        asked = asked with { Settings = change(asked.Of<VqganGptSettings>()) };
        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => runs.Open(asked).Dispose()).Message, StringComparison.Ordinal);
    }

    /// <summary>Twelve pictures, the codebook from step 2, the discriminator from step 3.</summary>
    [Fact]
    public void A_handful_of_pictures_of_which_one_is_held_out_is_learned_without_a_distance()
    {
        var asked = First();
        asked = asked.With(asked.Run with { Data = runs.At("photos", "red"), Validation = 0.1, Epochs = 1 });
        var best = runs.Train(asked, "few").Best!;
        Assert.Equal(["codes", "difference"], best.Figures.Keys.Order());
    }

    private RunConfiguration First(Func<CodecSettings, CodecSettings>? change = null)
    {
        string data = runs.Pictures();
        var asked = runs.Start("vqgan", 3, run => run with { Data = data });
        var own = asked.Of<VqganSettings>();
        var codec = own.Codec with { Downsampling = 4, Codes = 16, CodeWidth = 4 };
        return (asked with
        {
            Settings = own with
            {
                Codec = change?.Invoke(codec) ?? codec,
                Loss = own.Loss with { Plain = 2, DiscriminatorStart = 3, DiscriminatorWidth = 8, DiscriminatorLayers = 1, Revive = 2 },
            },
        }).WithImageSize(16);
    }

    private RunConfiguration Second(string first, CodeCondition kind)
    {
        var asked = runs.Start("vqgan_gpt", 2, run => run with { Data = runs.At("photos") });
        var own = asked.Of<VqganGptSettings>();
        var sizes = own.Transformer with { Kind = kind, Layers = 1, Heads = 4, Channels = 32 };
        return asked with { Settings = own with { FirstStage = runs.At(first), Transformer = sizes } };
    }
}
