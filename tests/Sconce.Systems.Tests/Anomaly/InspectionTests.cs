using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Systems.Detection.Anomaly;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Anomaly;

public sealed class InspectionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-inspection").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData(InspectionMethod.PatchCore)]
    [InlineData(InspectionMethod.Padim)]
    public void A_model_read_back_from_its_file_says_the_same(InspectionMethod method)
    {
        var random = new Random(1);
        var surface = new SurfaceParts();
        Image[] good = [.. Enumerable.Range(0, 6).Select(_ => surface.Draw(SurfaceDefect.None, random).Picture)];
        using var model = new InspectionFitting(Plan(method)).Fit(good);
        string path = Path.Combine(folder, "model.ckpt");
        model.Save(path);
        using var again = InspectionModel.Load(path);
        Assert.Equal(model.Contract.ToJson(), again.Contract.ToJson());
        var part = surface.Draw(SurfaceDefect.Scratch, random).Picture;
        var (first, second) = (model.Inspect(part), again.Inspect(part));
        Assert.Equal(first.Score, second.Score);
        Assert.Equal(first.Map, second.Map);
        Assert.Equal((64, 64, 64 * 64), (second.Width, second.Height, second.Map.Count));
    }

    [Theory]
    [InlineData(InspectionMethod.PatchCore)]
    [InlineData(InspectionMethod.Padim)]
    public void A_compiled_model_says_what_the_plain_one_says(InspectionMethod method)
    {
        var random = new Random(1);
        var surface = new SurfaceParts();
        Image[] good = [.. Enumerable.Range(0, 6).Select(_ => surface.Draw(SurfaceDefect.None, random).Picture)];
        using var model = new InspectionFitting(Plan(method)).Fit(good);
        Image[] parts = [.. Enumerable.Range(0, 3).Select(_ => surface.Draw(SurfaceDefect.Scratch, random).Picture)];
        var plain = model.Inspect(parts);
        model.Compile();
        Assert.True(model.IsCompiled);
        foreach (var (one, other) in plain.Zip(model.Inspect(parts)))
        {
            Assert.Equal(one.Score, other.Score, 1e-3 * one.Score);
            for (int k = 0; k < one.Map.Count; k++) Assert.Equal(one.Map[k], other.Map[k], 1e-3 * one.Score);
        }
    }

    [Theory]
    [InlineData(new long[] { 7, 0, 11, 5 })]
    [InlineData(new long[] { 11, 9, 10 })]
    public void Channels_chosen_before_maps_are_laid_together_are_those_chosen_after(long[] channels)
    {
        using var scope = new TensorScope();
        Tensor[] maps = [Tensor.Randn([2, 4, 6, 6]), Tensor.Randn([2, 5, 3, 3]), Tensor.Randn([2, 3, 2, 2])];
        var chosen = Tensor.From(channels);
        float[] expected = PatchEmbedding.Padim(maps, null).IndexSelect(1, chosen).ToArray<float>();
        Assert.Equal(expected, PatchEmbedding.Padim(maps, chosen).ToArray<float>());
    }

    [Fact]
    public void Good_pictures_that_say_nothing_are_refused_with_what_to_do()
    {
        Directory.CreateDirectory(Path.Combine(folder, "good"));
        Assert.Contains("no pictures of good parts", Fault(), StringComparison.Ordinal);
        var part = new SurfaceParts().Draw(SurfaceDefect.None, new Random(1)).Picture;
        part.Save(Path.Combine(folder, "good", "1.png"));
        Assert.Contains("two are the least", Fault(), StringComparison.Ordinal);
        part.Save(Path.Combine(folder, "good", "2.png"));
        Assert.Contains("the same picture", Fault(), StringComparison.Ordinal);

        string Fault() => Assert.Throws<DataException>(() =>
            new InspectionFitting(Plan(InspectionMethod.Padim)).Fit(PartsFolder.Open(folder), folder)).Message;
    }

    [Fact]
    public void Pictures_of_several_sizes_and_with_alpha_are_fitted_and_a_mask_of_another_size_is_named()
    {
        new SurfaceParts().Write(folder, good: 5, bad: 2);
        new SurfaceParts(96).Draw(SurfaceDefect.None, new Random(2)).Picture.ToRgba().Save(Path.Combine(folder, "good", "large.png"));
        var parts = PartsFolder.Open(folder);
        Assert.Equal((6, 9), (parts.Good.Count, parts.Test.Count));
        using (var model = new InspectionFitting(Plan(InspectionMethod.PatchCore)).Fit(parts, folder))
        {
            Assert.Contains("F1", model.Contract.ThresholdFrom, StringComparison.Ordinal);
        }

        string mask = Path.Combine(folder, "ground_truth", "scratch", "000_mask.png");
        new Image(10, 10, 1).Save(mask);
        var fault = Assert.Throws<DataException>(() =>
            new InspectionFitting(Plan(InspectionMethod.PatchCore)).Fit(PartsFolder.Open(folder), folder));
        Assert.Contains("000_mask.png", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gaussians_of_few_pictures_say_what_whole_covariances_say()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(1);
        Tensor train = Tensor.Randn([9, 12, 20]), test = Tensor.Randn([3, 12, 20]) * 2;
        using var few = PatchGaussians.Fit(train);
        var centred = (train - train.Mean([0L])).Transpose(0, 1);
        var covariance = (centred.Transpose(1, 2).Matmul(centred) / 8) + (Tensor.Eye(20) * PatchGaussians.Ridge);
        var away = (test - train.Mean([0L])).Transpose(0, 1);
        var wanted = (away.Matmul(covariance.Inverse()) * away).Sum([2L]).Sqrt().T();
        float[] expected = wanted.Contiguous().ToArray<float>(), found = few.Distance(test).ToArray<float>();
        for (int k = 0; k < expected.Length; k++) Assert.Equal(expected[k], found[k], 1e-3 * expected[k]);
        Assert.True(few.Bytes < 4 * 12 * 20 * 20);
    }

    [Fact]
    public void Every_region_counts_the_same_in_the_overlap()
    {
        bool[] mask = [true, false, false, false, true, true];
        Assert.Equal(1, RegionOverlap.Of([[9, 0, 0, 0, 8, 7]], [mask], 6), 1e-12);
        Assert.Equal(0.5, RegionOverlap.Of([[9, 1, 1, 1, 0, 0]], [mask], 6), 1e-6);
    }

    private static InspectionPlan Plan(InspectionMethod method) => new(
        method,
        new BackboneSettings { Backbone = "resnet18", Layers = ["layer1", "layer2"] },
        new NormalitySettings { Channels = 20, Sigma = 2 }, 64);
}
