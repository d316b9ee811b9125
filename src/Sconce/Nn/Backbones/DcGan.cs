using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>Which normalisation a DCGAN's discriminator has.</summary>
public enum DcGanNorm
{
    /// <summary>Over the batch, so that an example's gradient depends on the others.</summary>
    Batch,

    /// <summary>Over groups of channels, example by example: one-stage training needs it.</summary>
    Group,
}

/// <summary>
/// DCGAN's generator: <c>z (N, latent) or (N, latent, 1, 1) -> pictures (N, channels, 64, 64)</c> in (-1, 1). 1511.06434;
/// keys of zju-vipa/OSGAN@fdfea7e7 networks/dcgan.py <c>DCGenerator</c>.
/// </summary>
/// <param name="latent">The width of z.</param>
/// <param name="channels">3 for colours, 1 for grey.</param>
/// <param name="width">Channels of the last map but one; 8 times as many at the first.</param>
public sealed partial class DcGanGenerator(int latent = 100, int channels = 3, int width = 128)
    : Module<Tensor, Tensor>, ISplitGenerator
{
    private static readonly Relu Activation = new(inPlace: true);

    /// <summary>The width of z.</summary>
    public int Latent => latent;

    [Key("deconv1")]
    ConvTranspose2d Deconv1 { get; } = DcGanLayers.Transposed(latent, 8 * width, 1, 0);

    [Key("deconv1_bn")]
    BatchNorm2d Norm1 { get; } = new(8 * width);

    [Key("deconv2")]
    ConvTranspose2d Deconv2 { get; } = DcGanLayers.Transposed(8 * width, 4 * width);

    [Key("deconv2_bn")]
    BatchNorm2d Norm2 { get; } = new(4 * width);

    [Key("deconv3")]
    ConvTranspose2d Deconv3 { get; } = DcGanLayers.Transposed(4 * width, 2 * width);

    [Key("deconv3_bn")]
    BatchNorm2d Norm3 { get; } = new(2 * width);

    [Key("deconv4")]
    ConvTranspose2d Deconv4 { get; } = DcGanLayers.Transposed(2 * width, width);

    [Key("deconv4_bn")]
    BatchNorm2d Norm4 { get; } = new(width);

    [Key("deconv5")]
    ConvTranspose2d Deconv5 { get; } = DcGanLayers.Transposed(width, channels);

    /// <inheritdoc/>
    public Tensor FirstMap(Tensor z)
    {
        if (z.Dimensions is not (2 or 4) || z.Size(1) != latent)
        {
            throw new TorchException($"DCGAN: a latent of shape [{string.Join(", ", z.Shape.ToArray())}], where (N, {latent}) is wanted");
        }
        return Deconv1.Call(z.Reshape([z.Size(0), latent, 1, 1]));
    }

    /// <inheritdoc/>
    public Tensor Paint(Tensor map)
    {
        using var scope = new TensorScope();
        return scope.Keep(map
            .Through(Norm1, Activation, Deconv2, Norm2, Activation, Deconv3, Norm3, Activation, Deconv4, Norm4, Activation, Deconv5)
            .Tanh());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor z) => Paint(FirstMap(z));
}

/// <summary>
/// DCGAN's discriminator: <c>(N, channels, 64, 64) -> (N)</c>, a logit each, positive where the picture looks real. 1511.06434;
/// zju-vipa/OSGAN@fdfea7e7 networks/dcgan.py <c>DCDiscriminator</c> and <c>DCDiscriminatorGN</c>. Unlike there, a batch of one keeps its
/// dimension.
/// </summary>
public sealed class DcGanDiscriminator : Module<Tensor, Tensor>, ISplitDiscriminator
{
    private const int Groups = 32;
    private static readonly LeakyRelu Activation = new(0.2);
    private readonly Module<Tensor, Tensor>[] norms;
    private readonly Conv2d[] convs;
    private readonly string suffix;

    /// <summary>Builds one.</summary>
    /// <param name="channels">3 for colours, 1 for grey.</param>
    /// <param name="width">Channels of the first map.</param>
    /// <param name="norm">After the second to fourth convolution.</param>
    /// <param name="groups">Of <see cref="DcGanNorm.Group"/>; twice the width must divide by it.</param>
    public DcGanDiscriminator(int channels = 3, int width = 128, DcGanNorm norm = DcGanNorm.Batch, int groups = Groups)
    {
        Norm = norm;
        suffix = norm == DcGanNorm.Batch ? "bn" : "gn";
        convs =
        [
            DcGanLayers.Strided(channels, width), DcGanLayers.Strided(width, 2 * width), DcGanLayers.Strided(2 * width, 4 * width),
            DcGanLayers.Strided(4 * width, 8 * width), DcGanLayers.Strided(8 * width, 1, 1, 0),
        ];
        norms = [.. new[] { 2, 4, 8 }.Select(factor => norm == DcGanNorm.Batch
            ? (Module<Tensor, Tensor>)new BatchNorm2d(factor * width)
            : new GroupNorm(groups, factor * width))];
    }

    /// <summary>Its normalisation.</summary>
    public DcGanNorm Norm { get; }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < convs.Length; k++)
        {
            visitor.Child($"conv{k + 1}", convs[k]);
            if (k is > 0 and < 4) visitor.Child($"conv{k + 1}_{suffix}", norms[k - 1]);
        }
    }

    /// <inheritdoc/>
    public Tensor Features(Tensor images)
    {
        if (images.Dimensions != 4 || images.Size(2) != 64 || images.Size(3) != 64)
        {
            throw new TorchException($"DCGAN: a picture of shape [{string.Join(", ", images.Shape.ToArray())}]; it judges 64 x 64 pixels");
        }

        using var scope = new TensorScope();
        return scope.Keep(images.Through(
            convs[0], Activation, convs[1], norms[0], Activation, convs[2], norms[1], Activation, convs[3], norms[2], Activation));
    }

    /// <inheritdoc/>
    public Tensor Judge(Tensor features)
    {
        using var scope = new TensorScope();
        return scope.Keep(convs[4].Call(features).Reshape([-1]));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Judge(Features(input));
}

internal static class DcGanLayers
{
    internal static ConvTranspose2d Transposed(int inputs, int outputs, int stride = 2, int padding = 1) =>
        Initial(new ConvTranspose2d(inputs, outputs, 4, stride, padding));

    internal static Conv2d Strided(int inputs, int outputs, int stride = 2, int padding = 1) =>
        Initial(new Conv2d(inputs, outputs, 4, stride, padding));

    /// <summary>Weights of N(0, 0.02), biases of 0. 1511.06434 §4.</summary>
    private static T Initial<T>(T layer)
        where T : Convolution
    {
        Init.Normal(layer.Weight, 0.02);
        if (layer.Bias is { } bias) Init.Constant(bias, 0);
        return layer;
    }
}
