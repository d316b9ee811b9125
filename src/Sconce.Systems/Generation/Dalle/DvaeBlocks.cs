using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// A convolution with zeros around the map, so that its size stays; keys as the dVAE has them. openai/DALL-E@5be4b23 utils.py.
/// </summary>
internal sealed partial class DvaeConv(int inputs, int outputs, int kernel) : Module<Tensor, Tensor>
{
    [Key("w")]
    public Parameter Weight { get; } =
        Init.Normal(Parameter.Empty(outputs, inputs, kernel, kernel), 1 / Math.Sqrt(inputs * kernel * kernel));

    [Key("b")]
    public Parameter Bias { get; } = Parameter.Zeros(outputs);

    protected override Tensor Forward(Tensor x) => Functional.Conv2d(x, Weight, Bias, [1, 1], [(kernel - 1) / 2, (kernel - 1) / 2]);
}

/// <summary>
/// A residual block of four convolutions, a quarter as wide between: <c>x -> shortcut(x) + x'/layers²</c>, <c>(N, inputs, H, W) ->
/// (N, outputs, H, W)</c>. openai/DALL-E@5be4b23 encoder.py, decoder.py.
/// </summary>
public sealed partial class DvaeBlock : Module<Tensor, Tensor>
{
    private readonly double gain;

    private DvaeBlock(int inputs, int outputs, double gain, IReadOnlyList<int> kernels)
    {
        this.gain = gain;
        int middle = outputs / 4;
        IdPath = inputs == outputs ? null : new DvaeConv(inputs, outputs, 1);
        for (int k = 0; k < kernels.Count; k++)
        {
            ResPath[$"relu_{k + 1}"] = new Relu();
            ResPath[$"conv_{k + 1}"] = new DvaeConv(k == 0 ? inputs : middle, k == kernels.Count - 1 ? outputs : middle, kernels[k]);
        }
    }

    /// <summary>The encoder's: 3x3 thrice, then 1x1.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="gain">What the branch is multiplied by; officially 1 over the square of the number of blocks.</param>
    public static DvaeBlock OfEncoder(int inputs, int outputs, double gain) => new(inputs, outputs, gain, [3, 3, 3, 1]);

    /// <summary>The decoder's: 1x1, then 3x3 thrice.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="gain">What the branch is multiplied by.</param>
    public static DvaeBlock OfDecoder(int inputs, int outputs, double gain) => new(inputs, outputs, gain, [1, 3, 3, 3]);

    private DvaeConv? IdPath { get; }

    private Sequential ResPath { get; } = [];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Through(IdPath) + (ResPath.Call(input) * gain);
}
