using Sconce.Nn;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>Plain convolutions, two halvings: enough for the claim's pictures of 32 pixels.</summary>
internal static class PlainAutoencoder
{
    /// <summary><c>(N, InputChannels, H, W) -> (N, LatentChannels, H/4, W/4)</c></summary>
    internal static Sequential Encoder(AutoencoderConfig config) => new(
        new Conv2d(config.InputChannels, 32, 4, 2, 1), new Relu(), new Conv2d(32, 64, 4, 2, 1), new Relu(), new Conv2d(64, 64, 3, 1, 1),
        new Relu(), new Conv2d(64, config.LatentChannels, 1));

    /// <summary><c>(N, LatentChannels, h, w) -> (N, OutputChannels, 4h, 4w)</c></summary>
    internal static Sequential Decoder(AutoencoderConfig config) => new(
        new Conv2d(config.LatentChannels, 64, 3, 1, 1), new Relu(), new Upsample(2), new Conv2d(64, 32, 3, 1, 1), new Relu(),
        new Upsample(2), new Conv2d(32, config.OutputChannels, 3, 1, 1));
}
