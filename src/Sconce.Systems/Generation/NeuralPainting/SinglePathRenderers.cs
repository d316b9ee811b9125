using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>The shading network alone: the baseline "DCGAN" of 2011.08114 figure 5.</summary>
public sealed partial class ShadingRenderer : StrokeRenderer
{
    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="brush">What kind of stroke.</param>
    /// <param name="light">A canvas of 32 pixels instead of 128.</param>
    public ShadingRenderer(Brush brush, bool light = false)
        : base(brush, light ? 32 : 128)
    {
        // The network's own keys, without a prefix.
        Main = new ShadingNetwork(brush.Width, light).Main;
        DrawInitialWeights();
    }

    internal Sequential Main { get; }

    /// <inheritdoc/>
    protected override StrokeImages Draw(Tensor strokes) => Halves(Main.Call(strokes.Reshape([-1, Brush.Width, 1, 1])));
}

/// <summary>The rasterisation network alone, on whole vectors: the baseline "PxlShuffleNet" there; networks.py <c>HuangNet</c>.</summary>
public sealed class RasterisationRenderer : StrokeRenderer
{
    private readonly RasterisationNetwork network;

    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="brush">What kind of stroke.</param>
    /// <param name="light">A canvas of 32 pixels instead of 128.</param>
    public RasterisationRenderer(Brush brush, bool light = false)
        : base(brush, light ? 32 : 128)
    {
        network = new RasterisationNetwork(brush.Width, 6, light);
        DrawInitialWeights();
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var (key, child) in network.Children()) visitor.Child(key, child);
    }

    /// <inheritdoc/>
    protected override StrokeImages Draw(Tensor strokes) => Halves(network.Call(strokes));
}
