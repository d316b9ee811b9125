using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>Paints pictures from normal latents: <c>(N, Latent) -> (N, 1 or 3, H, W)</c>, about -1 to 1.</summary>
/// <param name="Latent">Numbers a picture is painted from.</param>
public sealed record ImageGenerator(int Latent) : Capability
{
    /// <summary>Whether the network is an <see cref="Nn.Backbones.IStyleNetwork"/>.</summary>
    public bool HasStyles { get; init; }

    /// <summary>
    /// Makes the discriminator that it learns against, <c>(N, C, H, W) -> (N) or (N, 1)</c>, from the generator; null where adversarial
    /// training needs more than that.
    /// </summary>
    public Func<Module, Module<Tensor, Tensor>>? Opponent { get; init; }
}
