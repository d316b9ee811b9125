using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>
/// Batch norms, two convolutions, the map doubled; a 1x1 convolution as shortcut: <c>(N, C, H, W) -> (N, C, 2H, 2W)</c>. 1802.05957 figure
/// 2; VITA-Group/Ultra-Data-Efficient-GAN-Training@9a9a8df7 SNGAN/models/sngan_cifar10.py <c>GenBlock</c>.
/// </summary>
public sealed partial class SnganGeneratorBlock(int channels) : Module<Tensor, Tensor>
{
    private static readonly Relu Activation = new(inPlace: true);
    private static readonly Upsample Doubled = new(2.0);

    [Key("c1")]
    Conv2d First { get; } = SnganLayers.Convolution(channels, channels, 3);

    [Key("c2")]
    Conv2d Second { get; } = SnganLayers.Convolution(channels, channels, 3);

    [Key("b1")]
    BatchNorm2d Norm1 { get; } = SnganLayers.Norm(channels);

    [Key("b2")]
    BatchNorm2d Norm2 { get; } = SnganLayers.Norm(channels);

    [Key("c_sc")]
    Conv2d Shortcut { get; } = SnganLayers.Convolution(channels, channels, 1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) =>
        // a 1x1 convolution before the doubling is the same after it
        x.Through(Norm1, Activation, Doubled, First, Norm2, Activation, Second) + x.Through(Shortcut, Doubled);
}

/// <summary>
/// SNGAN's generator for small pictures: <c>z (N, latent) -> (N, 3, 8·bottom, 8·bottom)</c> in (-1, 1). 1802.05957;
/// VITA-Group/Ultra-Data-Efficient-GAN-Training@9a9a8df7 SNGAN/models/sngan_cifar10.py.
/// </summary>
/// <param name="latent">The width of z.</param>
/// <param name="bottom">The side of the first map: 4 for pictures of 32 pixels, 6 for 48.</param>
/// <param name="width">Channels of every map.</param>
public sealed partial class SnganGenerator(int latent = 128, int bottom = 4, int width = 256) : Module<Tensor, Tensor>, ISplitGenerator
{
    private static readonly Relu Activation = new(inPlace: true);

    /// <summary>The width of z.</summary>
    public int Latent => latent;

    [Key("l1")]
    Linear First { get; } = new(latent, (long)bottom * bottom * width);

    [Key("block2")]
    SnganGeneratorBlock Block2 { get; } = new(width);

    [Key("block3")]
    SnganGeneratorBlock Block3 { get; } = new(width);

    [Key("block4")]
    SnganGeneratorBlock Block4 { get; } = new(width);

    [Key("b5")]
    BatchNorm2d Norm5 { get; } = SnganLayers.Norm(width);

    [Key("c5")]
    Conv2d Last { get; } = SnganLayers.Convolution(width, 3, 3);

    /// <summary>The first map, which adversarial augmentation moves: <c>(N, latent) -> (N, width, bottom, bottom)</c>.</summary>
    public Tensor FirstMap(Tensor z)
    {
        using var scope = new TensorScope();
        return scope.Keep(First.Call(z).Reshape([-1, width, bottom, bottom]));
    }

    /// <summary>The picture of a first map.</summary>
    public Tensor Paint(Tensor map)
    {
        using var scope = new TensorScope();
        return scope.Keep(map.Through(Block2, Block3, Block4, Norm5, Activation, Last).Tanh());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor z) => Paint(FirstMap(z));
}

/// <summary>
/// Two convolutions and a shortcut, halving the map where asked; the first block of a network convolves before it activates.
/// <c>(N, inputs, H, W) -> (N, outputs, H', W')</c>; <c>OptimizedDisBlock</c> and <c>DisBlock</c> there.
/// </summary>
public sealed partial class SnganDiscriminatorBlock(int inputs, int outputs, bool first, bool halve, bool spectral) : Module<Tensor, Tensor>
{
    private static readonly Relu InPlace = new(inPlace: true), Fresh = new();
    private static readonly AvgPool2d Halved = new(2);

    [Key("c1")]
    Module<Tensor, Tensor> Conv1 { get; } = SnganLayers.Normalized(SnganLayers.Convolution(inputs, outputs, 3), spectral);

    [Key("c2")]
    Module<Tensor, Tensor> Conv2 { get; } = SnganLayers.Normalized(SnganLayers.Convolution(outputs, outputs, 3), spectral);

    [Key("c_sc")]
    Module<Tensor, Tensor>? Shortcut { get; } =
        inputs != outputs || halve ? SnganLayers.Normalized(SnganLayers.Convolution(inputs, outputs, 1), spectral) : null;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var halved = halve ? Halved : null;
        // pooled first: a 1x1 convolution does not mind
        return x.Through(first ? null : Fresh, Conv1, InPlace, Conv2, halved) + x.Through(halved, Shortcut);
    }
}

/// <summary>
/// SNGAN's discriminator for small pictures: <c>(N, 3, H, W) -> (N, 1)</c>, higher for pictures that look real; the last maps are summed,
/// so its scale grows with their area. Every convolution and the last layer are spectrally normalised. 1802.05957.
/// </summary>
/// <param name="width">Channels of every map.</param>
/// <param name="spectral">Whether weights are normalised.</param>
public sealed partial class SnganDiscriminator(int width = 128, bool spectral = true) : Module<Tensor, Tensor>, ISplitDiscriminator
{
    [Key("block1")]
    SnganDiscriminatorBlock Block1 { get; } = new(3, width, first: true, halve: true, spectral);

    [Key("block2")]
    SnganDiscriminatorBlock Block2 { get; } = new(width, width, first: false, halve: true, spectral);

    [Key("block3")]
    SnganDiscriminatorBlock Block3 { get; } = new(width, width, first: false, halve: false, spectral);

    [Key("block4")]
    SnganDiscriminatorBlock Block4 { get; } = new(width, width, first: false, halve: false, spectral);

    [Key("l5")]
    Module<Tensor, Tensor> Last { get; } = SnganLayers.Normalized(new Linear(width, 1, bias: false), spectral);

    /// <summary>What the last layer reads, which adversarial augmentation moves: <c>(N, 3, H, W) -> (N, width)</c>.</summary>
    public Tensor Features(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(images.Through(Block1, Block2, Block3, Block4).ReluInPlace().Sum([2, 3]));
    }

    /// <summary>The judgement of features: <c>(N, width) -> (N, 1)</c>.</summary>
    public Tensor Judge(Tensor features) => Last.Call(features);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor images) => Judge(Features(images));
}

internal static class SnganLayers
{
    /// <summary>Glorot's uniform weights, as official runs have them.</summary>
    internal static Conv2d Convolution(int inputs, int outputs, int kernel)
    {
        var layer = new Conv2d(inputs, outputs, kernel, 1, kernel / 2);
        Init.XavierUniform(layer.Weight);
        return layer;
    }

    internal static BatchNorm2d Norm(int channels)
    {
        var norm = new BatchNorm2d(channels);
        Init.Normal(norm.Weight!, 0.02, 1);
        return norm;
    }

    internal static Module<Tensor, Tensor> Normalized(IWeightedLayer layer, bool spectral) =>
        spectral ? new SpectralNorm(layer) : (Module<Tensor, Tensor>)layer;
}
