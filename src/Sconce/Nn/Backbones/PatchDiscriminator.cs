using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>
/// Judges patches of a picture: <c>(N, C, H, W) -> (N, 1, H', W')</c>, a number for each. 1611.07004 §3.2 ("PatchGAN"); keys as in
/// CompVis/taming-transformers@3ba01b2 discriminator/model.py.
/// </summary>
public sealed partial class PatchDiscriminator : Module<Tensor, Tensor>
{
    private const int Kernel = 4;
    private const double Slope = 0.2;

    /// <summary>Draws its first weights as DCGAN does.</summary>
    /// <param name="channels">Of the pictures.</param>
    /// <param name="width">Of the first layer; later ones have twice as many, at most eight times.</param>
    /// <param name="layers">How many halve the picture.</param>
    /// <param name="actNorm">Norms by learnt scales instead of batch norms.</param>
    public PatchDiscriminator(int channels = 3, int width = 64, int layers = 3, bool actNorm = false)
    {
        if (layers < 1) throw new ArgumentOutOfRangeException(nameof(layers), layers, "one layer at least halves the picture");
        Main.Add(new Conv2d(channels, width, Kernel, 2, 1));
        Main.Add(new LeakyRelu(Slope));
        int inputs = width;
        for (int k = 1; k <= layers; k++)
        {
            int outputs = width * Math.Min(1 << Math.Min(k, 3), 8);
            Main.Add(new Conv2d(inputs, outputs, Kernel, k < layers ? 2 : 1, 1, bias: actNorm)); // a batch norm has its own offsets
            Main.Add(actNorm ? new ActNorm2d(outputs) : new BatchNorm2d(outputs));
            Main.Add(new LeakyRelu(Slope));
            inputs = outputs;
        }

        Main.Add(new Conv2d(inputs, 1, Kernel, 1, 1));
        foreach (var module in Main) Initialize(module);
    }

    /// <summary>All of it.</summary>
    public Sequential Main { get; } = [];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Main.Call(input);

    private static void Initialize(Module module)
    {
        if (module is Conv2d convolution) Init.Normal(convolution.Weight, 0.02);
        else if (module is BatchNorm2d norm) Init.Normal(norm.Weight!, 0.02, 1);
    }
}
