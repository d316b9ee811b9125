using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// A U-Net that sees the stroke's numbers at every pixel: the baseline "UNet" of 2011.08114 figure 5; networks.py <c>UNet</c>.
/// </summary>
public sealed partial class UNetRenderer : StrokeRenderer
{
    private const int Canvas = 128;

    /// <summary>Draws its first weights as the official code does.</summary>
    public UNetRenderer(Brush brush)
        : base(brush, Canvas)
    {
        Unet = new PixelUNet(brush.Width, 6);
        DrawInitialWeights();
    }

    internal PixelUNet Unet { get; }

    /// <inheritdoc/>
    protected override StrokeImages Draw(Tensor strokes) =>
        Halves(Unet.Call(strokes.Reshape([-1, Brush.Width, 1, 1]).Expand([-1, -1, Canvas, Canvas])));
}

/// <summary>
/// pix2pix's U-Net of seven levels: <c>(N, inputs, 128, 128) -> (N, outputs, 128, 128)</c>. 1611.07004 §6.1.1, without its last
/// activation and its dropout.
/// </summary>
internal sealed partial class PixelUNet : Module<Tensor, Tensor>
{
    private const int Width = 64;

    internal PixelUNet(int inputs, int outputs)
    {
        // From the inside out: 8w thrice, then 4w, 2w, w channels at the block's outer side.
        var block = new PixelUNetBlock(8 * Width, 8 * Width, null);
        foreach (int outer in (int[])[8, 8, 4, 2, 1]) block = new(outer * Width, Math.Min(2 * outer, 8) * Width, block);
        Model = new Outermost(inputs, outputs, block);
    }

    internal Module<Tensor, Tensor> Model { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Model.Call(input);

    /// <summary>The first and the last convolution, and everything else between them.</summary>
    private sealed partial class Outermost(int inputs, int outputs, PixelUNetBlock inside) : Module<Tensor, Tensor>
    {
        internal Sequential Model { get; } = new()
        {
            ["0"] = new Conv2d(inputs, Width, 4, 2, 1, bias: false),
            ["1"] = inside,
            ["2"] = new Relu(inPlace: true),
            ["3"] = new ConvTranspose2d(2 * Width, outputs, 4, 2, 1),
        };

        /// <inheritdoc/>
        protected override Tensor Forward(Tensor input) => Model.Call(input);
    }
}

/// <summary>
/// Halves a map, runs the block inside, doubles again, and hands its own input on beside the result: <c>(N, outer, H, W) ->
/// (N, 2·outer, H, W)</c>. The official leaky ReLU works in place, so that what is handed on has passed it.
/// </summary>
internal sealed partial class PixelUNetBlock : Module<Tensor, Tensor>
{
    internal PixelUNetBlock(int outer, int inner, PixelUNetBlock? inside)
    {
        Model["1"] = new Conv2d(outer, inner, 4, 2, 1, bias: false);
        if (inside is not null)
        {
            Model["2"] = new BatchNorm2d(inner);
            Model["3"] = inside;
        }

        int next = inside is null ? 2 : 4; // the official number of the ReLU
        Model[$"{next}"] = new Relu(inPlace: true);
        Model[$"{next + 1}"] = new ConvTranspose2d(inside is null ? inner : 2 * inner, outer, 4, 2, 1, bias: false);
        Model[$"{next + 2}"] = new BatchNorm2d(outer);
    }

    internal Sequential Model { get; } = [];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        var active = input.LeakyRelu(0.2);
        return Tensor.Cat([active, Model.Call(active)], 1);
    }
}
