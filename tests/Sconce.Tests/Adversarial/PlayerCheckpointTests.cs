using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Adversarial;

/// <summary>Which files are a generator's.</summary>
public sealed class PlayerCheckpointTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-players-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_generator_whose_last_layer_is_called_nearly_as_a_discriminators_is_taken()
    {
        string path = Path.Combine(root, "g.pth");
        using var scope = new TensorScope();
        using var trained = new DcGanGenerator(8, 3, 4);   // its deconv5 is no conv5
        ModelWeights.Save(trained, path);
        using var other = new DcGanGenerator(8, 3, 4);
        PlayerCheckpoint.Load(other, path, "g_ema", "g");
        Assert.All(trained.Parameters().Zip(other.Parameters()),
            pair => Assert.Equal(pair.First.ToArray<float>(), pair.Second.ToArray<float>()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    public void A_discriminators_file_is_refused(string prefix)
    {
        string path = Path.Combine(root, "d.pth");
        using var judge = new DcGanDiscriminator(1, 2);
        using var held = new Sequential { ["module"] = judge };
        ModelWeights.Save(prefix.Length == 0 ? judge : held, path);
        using var other = new DcGanGenerator(8, 3, 4);
        Assert.Contains("last layer of a discriminator",
            Assert.Throws<CheckpointException>(() => PlayerCheckpoint.Load(other, path, "g_ema", "g")).Message, StringComparison.Ordinal);
    }
}
