using System.Globalization;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// Linear layers, then convolutions whose channels are laid out as pixels, which draws edges well:
/// <c>(N, inputs) -> (N, channels, s, s)</c>, s = 128, or 32 in the light form. Huang, Heng, Zhou 1903.04411 §3.2; networks.py
/// <c>PixelShuffleNet</c>, <c>PixelShuffleNet_32</c>.
/// </summary>
internal sealed class RasterisationNetwork : Module<Tensor, Tensor>
{
    private const int FirstSide = 16;
    private readonly Linear[] layers;
    private readonly Conv2d[] convs;

    internal RasterisationNetwork(int inputs, int channels, bool light)
    {
        int[] widths = light ? [inputs, 512, 1024, 2048] : [inputs, 512, 1024, 2048, 4096];
        (int In, int Middle, int Out)[] doublings = light
            ? [(8, 64, 4 * channels)]
            : [(16, 32, 32), (8, 16, 16), (4, 8, 4 * channels)];
        layers = [.. widths.Skip(1).Select((width, k) => new Linear(widths[k], width))];
        convs = [.. doublings.SelectMany(step => (Conv2d[])[new(step.In, step.Middle, 3, 1, 1), new(step.Middle, step.Out, 3, 1, 1)])];
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < layers.Length; k++) visitor.Child(Key("fc", k), layers[k]);
        for (int k = 0; k < convs.Length; k++) visitor.Child(Key("conv", k), convs[k]);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor strokes)
    {
        var x = strokes;
        foreach (var layer in layers) x = layer.Call(x).ReluInPlace();
        x = x.Reshape([-1, x.Size(1) / (FirstSide * FirstSide), FirstSide, FirstSide]);
        for (int k = 0; k < convs.Length; k += 2) x = convs[k + 1].Call(convs[k].Call(x).ReluInPlace()).PixelShuffle(2);
        return x;
    }

    private static string Key(string kind, int place) => kind + (place + 1).ToString(CultureInfo.InvariantCulture);
}
