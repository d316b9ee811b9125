using Sconce.Data.Downloads;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Catalogue;

public sealed class ModelsTests
{
    [Fact]
    public void Names_are_listed_by_pattern_and_found_however_they_are_written()
    {
        Assert.Contains("vit_base_patch16_224", Models.List("*vit*"));
        Assert.DoesNotContain("resnest50", Models.List("*vit*"));
        Assert.Equal("vit_base_patch16_224", Models.Get("ViT-Base-Patch16-224").Name);
        var error = Assert.Throws<UsageException>(() => Models.Get("resnset50"));
        Assert.Contains("resnest50", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_number_of_classes_keeps_the_checkpoints_body_and_begins_the_head_anew()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        string file = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var official = Models.Create("vit_tiny_patch16_224");
            ModelWeights.Save(official, file);
            using var tuned = Models.Create("vit_tiny_patch16_224", classes: 10, weights: file);
            tuned.Eval();
            official.Eval();
            var picture = Tensor.Randn([1, 3, 224, 224]);
            Assert.Equal([1, 10], tuned.Call(picture).Shape.ToArray());
            Assert.Equal(10 * 193, tuned.NamedParameters().Where(entry => entry.Name.StartsWith("head.", StringComparison.Ordinal))
                .Sum(entry => entry.Parameter.Elements));
            var one = Features.Of(official, picture, "norm")[0];
            var other = Features.Of(tuned, picture, "norm")[0];
            Assert.Equal(0, (one - other).Abs().Max().Item<double>());
            one.Dispose();
            other.Dispose();

            using var same = Models.Create("vit_tiny_patch16_224", weights: file);
            same.Eval();
            Assert.Equal(0, (same.Call(picture) - official.Call(picture)).Abs().Max().Item<double>());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_trained_network_of_another_kind_is_refused_with_the_first_misfit()
    {
        using var tiny = Models.Create("vit_tiny_patch16_224");
        var error = Assert.Throws<UsageException>(() => Models.Get("vit_small_patch16_224").ReplaceHead(tiny, 10));
        Assert.Contains("instead of", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Freezing_by_pattern_leaves_only_the_head_to_learn()
    {
        using var network = Models.Create("resnest50_fast_1s4x24d", classes: 5);
        network.Freeze("*");
        Assert.Equal(2, network.Freeze("fc.*", frozen: false));
        Assert.Equal(["fc.weight", "fc.bias"],
            network.NamedParameters().Where(entry => entry.Parameter.RequiresGrad).Select(entry => entry.Name));
    }

    [Fact]
    public void A_count_is_the_papers_figure()
    {
        var cost = Models.Count("vit_tiny_patch16_224");
        Assert.Equal(5_717_416, cost.Parameters);
        Assert.InRange(cost.MultiplyAdds, 1_200_000_000, 1_300_000_000);
    }

    [Fact]
    public void Every_official_file_has_a_web_address_a_place_of_its_own_and_a_checksum_that_can_be_one()
    {
        var files = Models.Registry.All.SelectMany(variant => variant.Weights).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.True(file.Address.Scheme is "https" or "http", file.Address.ToString());
            if (file.Sha256.Length > 0) Assert.True(Checksum.Fits(file.Sha256.PadRight(64, '0'), file.Sha256), file.Sha256);
            Assert.StartsWith(CacheFolder.Of("weights"), Path.GetFullPath(OfficialWeightsCache.PathOf(file)), StringComparison.Ordinal);
        }

        Assert.Equal(files.Select(file => file.Address).Distinct().Count(), files.Select(OfficialWeightsCache.PathOf).Distinct().Count());
    }
}
