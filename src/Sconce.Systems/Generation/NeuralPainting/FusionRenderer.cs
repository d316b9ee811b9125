using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// The paper's renderer: one path for the shape, another for the colours, multiplied. <c>foreground = colour · mask</c>,
/// <c>alpha = A · mask</c>. 2011.08114 §3.2, figure 3; networks.py <c>ZouFCNFusion</c>, <c>ZouFCNFusionLight</c>.
/// </summary>
public sealed partial class FusionRenderer : StrokeRenderer
{
    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="brush">What kind of stroke.</param>
    /// <param name="light">A canvas of 32 pixels instead of 128.</param>
    public FusionRenderer(Brush brush, bool light = false)
        : base(brush, light ? 32 : 128)
    {
        Rasterisation = new RasterisationNetwork(brush.ShapeWidth, 3, light);
        Shading = new ShadingNetwork(brush.Width, light);
        DrawInitialWeights();
    }

    [Key("huangnet")]
    internal RasterisationNetwork Rasterisation { get; }

    [Key("dcgan")]
    internal ShadingNetwork Shading { get; }

    /// <inheritdoc/>
    protected override StrokeImages Draw(Tensor strokes)
    {
        var mask = Rasterisation.Call(strokes[.., ..Brush.ShapeWidth]); // sees the shape alone
        var colour = Shading.Call(strokes)[.., ..3]; // sees everything; its other half goes unused
        var opacity = strokes[.., ^1..].Reshape([-1, 1, 1, 1]);
        return new(colour * mask, Brush.Opaque ? mask : opacity * mask);
    }
}
