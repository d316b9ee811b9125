using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// Squeeze-and-excitation: each channel is scaled by a gate in (0, <c>gain</c>) that two small layers compute from the means of all
/// channels. <c>(N, C, H, W) -> (N, C, H, W)</c>; 1709.01507.
/// </summary>
public sealed partial class SqueezeExcite : Module<Tensor, Tensor>
{
    private readonly double gain;
    private readonly bool inPlace;

    /// <summary>Normal initial weights of variance 1 / fan-in, biases zero.</summary>
    /// <param name="channels">C.</param>
    /// <param name="hidden">Channels between the two layers.</param>
    /// <param name="gain">A constant factor of the gate; normalizer-free networks take 2, since a sigmoid halves on average
    /// (2101.08692).</param>
    /// <param name="inPlace">Writes into its input where no gradients are recorded; the input must not be needed afterwards.</param>
    public SqueezeExcite(int channels, int hidden, double gain = 1, bool inPlace = false)
    {
        this.gain = gain;
        this.inPlace = inPlace;
        Squeeze = new Conv2d(channels, hidden, 1);
        Excite = new Conv2d(hidden, channels, 1);
        foreach (var layer in new[] { Squeeze, Excite })
        {
            Init.LecunNormal(layer.Weight);
            Init.Constant(layer.Bias!, 0);
        }
    }

    /// <summary>From the channels' means to the hidden ones, as a 1x1 convolution; a ReLU follows.</summary>
    [Key("fc1")]
    public Conv2d Squeeze { get; }

    /// <summary>From the hidden channels to one number a channel, as a 1x1 convolution; a sigmoid follows.</summary>
    [Key("fc2")]
    public Conv2d Excite { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        var means = input.Mean([2, 3], keepdim: true); // (N, C, 1, 1)
        var gate = Excite.Call(Squeeze.Call(means).ReluInPlace()).Sigmoid();
        if (gain != 1) gate = gate * gain;
        return inPlace && !Gradients.Enabled ? input.MulInPlace(gate) : input * gate;
    }
}
