using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>A generator that can be stopped at its first map, and go on from one that was changed.</summary>
public interface ISplitGenerator
{
    /// <summary>The first map of latents: <c>(N, latent) -> (N, C, h, w)</c>.</summary>
    Tensor FirstMap(Tensor z);

    /// <summary>The picture of a first map: <c>(N, C, h, w) -> (N, 1 or 3, H, W)</c>.</summary>
    Tensor Paint(Tensor map);
}

/// <summary>A discriminator that can be stopped before its last layer.</summary>
public interface ISplitDiscriminator
{
    /// <summary>What the last layer reads: <c>(N, 1 or 3, H, W) -> (N, …)</c>.</summary>
    Tensor Features(Tensor images);

    /// <summary>The judgement of features: <c>(N, …) -> (N) or (N, 1)</c>.</summary>
    Tensor Judge(Tensor features);
}
