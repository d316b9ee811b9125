using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// A norm whose gains and offsets another map says, place by place: (<c>(N, C, H, W)</c>, map <c>(N, guide, h, w)</c>)
/// <c>-> (N, C, H, W)</c>; 1903.07291 §3.
/// </summary>
internal sealed partial class Spade(int channels, int guide) : Module<Tensor, Tensor, Tensor>
{
    private const int Inner = 128;

    private InstanceNorm2d Norm { get; } = new(channels);

    Sequential MlpShared { get; } = new(new Conv2d(guide, Inner, 3, padding: 1), new Relu());

    Conv2d MlpGamma { get; } = new(Inner, channels, 3, padding: 1);

    Conv2d MlpBeta { get; } = new(Inner, channels, 3, padding: 1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor map)
    {
        var said = MlpShared.Call(Functional.Interpolate(map, [x.Size(2), x.Size(3)]));
        return (Norm.Call(x) * (MlpGamma.Call(said) + 1)) + MlpBeta.Call(said);
    }
}

/// <summary>Two convolutions behind <see cref="Spade"/>, and the input: <c>(N, inputs, H, W) -> (N, outputs, H, W)</c>.</summary>
internal sealed partial class SpadeBlock : Module<Tensor, Tensor, Tensor>
{
    internal SpadeBlock(int inputs, int outputs, int guide, bool isSpectral)
    {
        int middle = Math.Min(inputs, outputs);
        Conv0 = Spectral.Of(new Conv2d(inputs, middle, 3, padding: 1), isSpectral);
        Conv1 = Spectral.Of(new Conv2d(middle, outputs, 3, padding: 1), isSpectral);
        Norm0 = new Spade(inputs, guide);
        Norm1 = new Spade(middle, guide);
        if (inputs == outputs) return;
        ConvS = Spectral.Of(new Conv2d(inputs, outputs, 1, bias: false), isSpectral);
        NormS = new Spade(inputs, guide);
    }

    [Key("conv_0")]
    Module<Tensor, Tensor> Conv0 { get; }

    [Key("conv_1")]
    Module<Tensor, Tensor> Conv1 { get; }

    [Key("conv_s")]
    Module<Tensor, Tensor>? ConvS { get; }

    [Key("norm_0")]
    Spade Norm0 { get; }

    [Key("norm_1")]
    Spade Norm1 { get; }

    [Key("norm_s")]
    Spade? NormS { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor map)
    {
        var branch = Conv0.Call(Norm0.Call(x, map).LeakyRelu(0.2));
        branch = Conv1.Call(Norm1.Call(branch, map).LeakyRelu(0.2));
        return branch + (NormS is null ? x : ConvS!.Call(NormS.Call(x, map)));
    }
}

/// <summary>
/// The released weights' painter: its own input says, at every size, where what is. <c>(N, 256, H, W) -> (N, 3, 4H, 4W)</c> in (0, 1).
/// </summary>
internal sealed partial class SpadeDecoder(bool isSpectral, int imageChannels) : Module<Tensor, Tensor>
{
    internal const int Inputs = 256;

    private const int Wide = 512;

    Conv2d Fc { get; } = new(Inputs, Wide, 3, padding: 1);

    [Key("G_middle_0")]
    SpadeBlock Middle0 { get; } = new(Wide, Wide, Inputs, isSpectral);

    [Key("G_middle_1")]
    SpadeBlock Middle1 { get; } = new(Wide, Wide, Inputs, isSpectral);

    [Key("G_middle_2")]
    SpadeBlock Middle2 { get; } = new(Wide, Wide, Inputs, isSpectral);

    [Key("G_middle_3")]
    SpadeBlock Middle3 { get; } = new(Wide, Wide, Inputs, isSpectral);

    [Key("G_middle_4")]
    SpadeBlock Middle4 { get; } = new(Wide, Wide, Inputs, isSpectral);

    [Key("G_middle_5")]
    SpadeBlock Middle5 { get; } = new(Wide, Wide, Inputs, isSpectral);

    [Key("up_0")]
    SpadeBlock Up0 { get; } = new(Wide, 256, Inputs, isSpectral);

    [Key("up_1")]
    SpadeBlock Up1 { get; } = new(256, 64, Inputs, isSpectral);

    [Key("conv_img")]
    Conv2d Last { get; } = new(64, imageChannels, 3, padding: 1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor map)
    {
        var x = Fc.Call(map);
        foreach (var block in (SpadeBlock[])[Middle0, Middle1, Middle2, Middle3, Middle4, Middle5]) x = block.Call(x, map);
        x = Up0.Call(Functional.InterpolateBy(x, 2), map);
        x = Up1.Call(Functional.InterpolateBy(x, 2), map);
        return Last.Call(x.LeakyRelu(0.2)).Sigmoid();
    }
}

/// <summary>Spectral norm where it is wanted; without it, the keys are those of weights that were divided already.</summary>
internal static class Spectral
{
    internal static Module<Tensor, Tensor> Of(Conv2d layer, bool isSpectral) => isSpectral ? new SpectralNorm(layer) : layer;
}
