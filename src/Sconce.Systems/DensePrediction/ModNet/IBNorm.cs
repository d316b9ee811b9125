using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>
/// The first half of the channels under batch normalisation, the rest under instance normalisation, which takes the picture's own
/// statistics in evaluation too: <c>(N, C, H, W) -> (N, C, H, W)</c>. ZHKKKe/MODNet@28165a4 src/models/modnet.py.
/// </summary>
public sealed partial class IBNorm(int channels) : Module<Tensor, Tensor>
{
    private readonly int batch = channels / 2;

    /// <summary>Of the first <c>C / 2</c> channels, rounded down.</summary>
    [Key("bnorm")]
    public BatchNorm2d BatchNorm { get; } = new(channels / 2);

    /// <summary>Of the others; it has no parameters.</summary>
    [Key("inorm")]
    public InstanceNorm2d InstanceNorm { get; } = new(channels - (channels / 2));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Tensor.Cat(
        [BatchNorm.Call(input.Narrow(1, 0, batch)), InstanceNorm.Call(input.Narrow(1, batch, input.Size(1) - batch))], 1);
}

/// <summary>
/// A convolution with bias, <see cref="IBNorm"/> and a ReLU, under the keys <c>layers.0</c> and <c>layers.1</c>; or, plain, the convolution
/// alone. <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c>
/// </summary>
public sealed partial class MatteConv(int inputs, int outputs, int kernel, int stride = 1, bool plain = false) : Module<Tensor, Tensor>
{
    /// <summary>Convolution, norm, activation.</summary>
    public Sequential Layers { get; } = Build(inputs, outputs, kernel, stride, plain);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Layers.Call(input);

    private static Sequential Build(int inputs, int outputs, int kernel, int stride, bool plain)
    {
        var convolution = new Conv2d(inputs, outputs, kernel, stride, kernel / 2);
        return plain ? new(convolution) : new(convolution, new IBNorm(outputs), new Relu(inPlace: true));
    }
}
