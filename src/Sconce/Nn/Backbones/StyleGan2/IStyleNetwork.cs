using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>A generator whose latents become styles first, so that styles can be drawn towards their mean, and mixed.</summary>
public interface IStyleNetwork
{
    /// <summary>Layers that may each have a style of their own; 1 where one style is for all of them.</summary>
    int StyleCount { get; }

    /// <summary>The style of each latent: <c>(N, latent) -> (N, style)</c>.</summary>
    Tensor Map(Tensor z);

    /// <summary>Paints styles, with noise that is always the same: <c>(N, StyleCount, style) -> (N, C, H, W)</c>, about -1 to 1.</summary>
    Tensor Paint(Tensor styles);
}
