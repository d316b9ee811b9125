using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// The paper's renderer: one path for the shape, another for the colours, multiplied. <c>foreground = colour · mask</c>,
/// <c>alpha = A · mask</c>. 2011.08114 §3.2, figure 3; networks.py <c>ZouFCNFusion</c>, <c>ZouFCNFusionLight</c>.
/// </summary>
public sealed partial class FusionRenderer : StrokeRenderer
{
    private const int Colours = 3;

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
    internal override FrozenStrokes Frozen()
    {
        if (Training) return base.Frozen();
        var shading = new FoldedShading(Shading, Colours);
        return new(Folded, shading);

        StrokeImages Folded(Tensor strokes)
        {
            using var scope = new TensorScope();
            return scope.Keep(Drawn(strokes, shading.Call));
        }
    }

    /// <inheritdoc/>
    protected override StrokeImages Draw(Tensor strokes) =>
        Drawn(strokes, all => Shading.Call(all)[.., ..Colours]); // its other half goes unused

    private StrokeImages Drawn(Tensor strokes, Func<Tensor, Tensor> shading)
    {
        var mask = Rasterisation.Call(strokes[.., ..Brush.ShapeWidth]); // sees the shape alone
        var colour = shading(strokes); // sees everything
        var opacity = strokes[.., ^1..].Reshape([-1, 1, 1, 1]);
        return new(colour * mask, Brush.Opaque ? mask : opacity * mask);
    }
}
