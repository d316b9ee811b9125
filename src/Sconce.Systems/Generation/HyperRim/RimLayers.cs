using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>What the generator is made of; every convolution's weight is normalised. niopeng/HyperRIM@e17b7e2c9725 block.py.</summary>
internal static class RimLayers
{
    internal static LeakyRelu Activation() => new(0.2);

    /// <summary>A 3x3 convolution that keeps the size.</summary>
    internal static WeightNorm Convolution(int inputs, int outputs)
    {
        var convolution = new Conv2d(inputs, outputs, 3, 1, 1);
        Init.Constant(convolution.Bias!, 0);
        return new WeightNorm(convolution);
    }
}

/// <summary>Four convolutions that each see all before them, and a fifth that joins them: <c>x + 0.2·x₅</c>. 1809.00219 figure 4.</summary>
internal sealed partial class ResidualDenseBlock(int channels, int growth) : Module<Tensor, Tensor>
{
    private const double Share = 0.2;

    public Sequential Conv1 { get; } = Growing(channels, growth, 0);

    public Sequential Conv2 { get; } = Growing(channels, growth, 1);

    public Sequential Conv3 { get; } = Growing(channels, growth, 2);

    public Sequential Conv4 { get; } = Growing(channels, growth, 3);

    public Sequential Conv5 { get; } = new(RimLayers.Convolution(channels + (4 * growth), channels));

    protected override Tensor Forward(Tensor x)
    {
        var all = x;
        foreach (var layer in new[] { Conv1, Conv2, Conv3, Conv4 }) all = Tensor.Cat([all, layer.Call(all)], 1);
        return x + (Conv5.Call(all) * Share);
    }

    private static Sequential Growing(int channels, int growth, int before) =>
        new(RimLayers.Convolution(channels + (before * growth), growth), RimLayers.Activation());
}

/// <summary>Residual dense blocks within a residual: <c>x + 0.2·f(x)</c>, <c>(N, C, H, W) -> (N, C, H, W)</c>. 1809.00219 §3.1.</summary>
/// <param name="channels">C</param>
/// <param name="growth">Channels that each dense layer adds.</param>
public sealed partial class ResidualInResidual(int channels, int growth) : Module<Tensor, Tensor>
{
    private const double Share = 0.2;

    [Key("RDB1")]
    private ResidualDenseBlock Block1 { get; } = new(channels, growth);

    [Key("RDB2")]
    private ResidualDenseBlock Block2 { get; } = new(channels, growth);

    [Key("RDB3")]
    private ResidualDenseBlock Block3 { get; } = new(channels, growth);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input + (input.Through(Block1, Block2, Block3) * Share);
}

/// <summary>
/// Blocks whose answers are normalised, item by item, and then scaled and moved by the style: <c>x (N, C, H, W), style (N, width) ->
/// (N, C, H, W)</c>. 2011.01926 §4; niopeng/HyperRIM@e17b7e2c9725 block.py StyleBlock.
/// </summary>
public sealed class StyleBlock : Module<Tensor, Tensor, Tensor>
{
    private readonly ResidualInResidual[] blocks;
    private readonly Linear[] transforms;
    private readonly InstanceNorm2d norm;
    private readonly Sequential last;

    /// <summary>Builds it.</summary>
    /// <param name="channels">C</param>
    /// <param name="growth">Channels that each dense layer adds.</param>
    /// <param name="count">Blocks.</param>
    /// <param name="style">Numbers of a style.</param>
    public StyleBlock(int channels, int growth, int count, int style)
    {
        blocks = [.. Enumerable.Range(0, count).Select(_ => new ResidualInResidual(channels, growth))];
        transforms = [.. Enumerable.Range(0, count).Select(_ => HyperRimNetwork.Initialized(new Linear(style, 2 * channels)))];
        norm = new InstanceNorm2d(channels);
        last = new Sequential(RimLayers.Convolution(channels, channels));
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < blocks.Length; k++)
        {
            visitor.Child($"{k}", blocks[k]);
            visitor.Child($"transform_{k}", transforms[k]);
        }

        visitor.Child("lr_conv", last);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor first, Tensor second)
    {
        var x = first;
        foreach (var (block, transform) in blocks.Zip(transforms))
        {
            var style = transform.Call(second).Unsqueeze(-1).Unsqueeze(-1).Chunk(2, 1); // 2 x (N, C, 1, 1)
            x = ((1 + style[0]) * x.Through(block, norm)) + style[1];
        }

        return last.Call(x);
    }
}
