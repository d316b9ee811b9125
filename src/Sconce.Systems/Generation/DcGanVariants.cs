using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Weights;

namespace Sconce.Systems.Generation;

/// <summary>Cards of DCGAN's generators.</summary>
internal static class DcGanVariants
{
    private const int Side = 64;

    /// <summary>A generator of pictures of 64 px.</summary>
    internal static ModelVariant Of(
        string name, string description, int latent, int channels, long parameters, DcGanNorm norm = DcGanNorm.Batch) =>
        new(name, description, options => options.ImageSize is null or Side ? new DcGanGenerator(latent, channels) : throw Other(options))
        {
            Capabilities =
            [
                new TensorInput(latent),
                new ImageGenerator(latent) { Opponent = _ => new DcGanDiscriminator(channels, norm: norm) },
            ],
            Parameters = parameters,
            Load = static (module, path) =>
            {
                using (var checkpoint = Checkpoint.Open(path)) PlayerCheckpoint.Verify(checkpoint);
                ModelWeights.Load(module, path);
            },
        };

    private static SettingsException Other(ModelOptions options) =>
        new("size", called => $"{called} is {options.ImageSize}: DCGAN paints pictures of {Side} pixels");
}
