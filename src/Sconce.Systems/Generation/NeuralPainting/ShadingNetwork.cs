using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// DCGAN's generator on stroke vectors, which paints colours well and edges badly: <c>(N, d) -> (N, 6, s, s)</c>, s = 128, or 32 in the
/// light form. 2011.08114 §3.2; networks.py <c>DCGAN</c>, <c>DCGAN_32</c>.
/// </summary>
internal sealed partial class ShadingNetwork : Module<Tensor, Tensor>
{
    /// <summary>What its norms add to variances.</summary>
    internal const double Epsilon = 1e-5;

    private const int Kernel = 4, Channels = 6;

    internal ShadingNetwork(int inputs, bool light)
    {
        int[] widths = light ? [512, 256, 128] : [512, 512, 256, 128, 64];
        int before = inputs;
        foreach (int width in widths)
        {
            bool first = Main.Count == 0; // 1 x 1 -> 4 x 4; the others double
            Main.Add(new ConvTranspose2d(before, width, Kernel, first ? 1 : 2, first ? 0 : 1, bias: false));
            Main.Add(new BatchNorm2d(width, Epsilon));
            Main.Add(new Relu(inPlace: true));
            before = width;
        }

        Main.Add(new ConvTranspose2d(before, Channels, Kernel, 2, 1, bias: false));
    }

    public Sequential Main { get; } = [];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor strokes) => Main.Call(strokes.Reshape([-1, strokes.Size(1), 1, 1]));
}
