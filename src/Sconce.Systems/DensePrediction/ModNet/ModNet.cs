using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>What MODNet sees in pictures whose sides are multiples of 32; all in (0, 1).</summary>
/// <param name="Semantic">Where the person is, roughly: <c>(N, 1, H/16, W/16)</c>.</param>
/// <param name="Detail">Opacity along the boundary: <c>(N, 1, H, W)</c>; elsewhere it means nothing.</param>
/// <param name="Matte">Opacity everywhere: <c>(N, 1, H, W)</c>.</param>
public sealed record ModNetOutput(Tensor Semantic, Tensor Detail, Tensor Matte) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Semantic, Detail, Matte];
}

/// <summary>Means of the channels, two linear layers without bias, a gate for each channel: <c>(N, C, H, W) -> (N, C, H, W)</c>.</summary>
internal sealed partial class ChannelGate(int channels, int reduction) : Module<Tensor, Tensor>
{
    Sequential Fc { get; } = new(
        new Linear(channels, channels / reduction, bias: false),
        new Relu(inPlace: true),
        new Linear(channels / reduction, channels, bias: false),
        new Sigmoid());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x * Fc.Call(x.Mean([2, 3])).Unsqueeze(-1).Unsqueeze(-1);
}

/// <summary>The encoder with its <c>model</c> between, as official keys have it.</summary>
internal sealed partial class MatteEncoder : Module
{
    internal MobileNetV2 Model { get; } = new();
}

/// <summary>Semantics at a sixteenth: where the person is. 2011.11961 §3.2.</summary>
internal sealed partial class LowResolutionBranch(MatteEncoder encoder) : Module
{
    internal MatteEncoder Backbone { get; } = encoder;

    ChannelGate SeBlock { get; } = new(1280, 4);

    [Key("conv_lr16x")]
    MatteConv Conv16 { get; } = new(1280, 96, 5);

    [Key("conv_lr8x")]
    MatteConv Conv8 { get; } = new(96, 32, 5);

    [Key("conv_lr")]
    MatteConv Last { get; } = new(32, 1, 3, stride: 2, plain: true);

    /// <summary>Features at an eighth: <c>(N, 1280, H/32, W/32) -> (N, 32, H/8, W/8)</c>.</summary>
    internal Tensor Features(Tensor encoded) => Conv8.Call(Resized.Double(Conv16.Call(Resized.Double(SeBlock.Call(encoded)))));

    /// <summary>The head that only training needs: <c>(N, 32, H/8, W/8) -> (N, 1, H/16, W/16)</c>.</summary>
    internal Tensor Semantic(Tensor features) => Last.Call(features).Sigmoid();
}

/// <summary>Detail at full size: the boundary. 2011.11961 §3.3.</summary>
internal sealed partial class HighResolutionBranch(int width) : Module
{
    [Key("tohr_enc2x")]
    MatteConv FromEncoded2 { get; } = new(16, width, 1);

    [Key("conv_enc2x")]
    MatteConv Encoded2 { get; } = new(width + 3, width, 3, stride: 2);

    [Key("tohr_enc4x")]
    MatteConv FromEncoded4 { get; } = new(24, width, 1);

    [Key("conv_enc4x")]
    MatteConv Encoded4 { get; } = new(2 * width, 2 * width, 3);

    [Key("conv_hr4x")]
    Sequential Conv4 { get; } = new(
        new MatteConv((3 * width) + 3, 2 * width, 3), new MatteConv(2 * width, 2 * width, 3), new MatteConv(2 * width, width, 3));

    [Key("conv_hr2x")]
    Sequential Conv2 { get; } = new(
        new MatteConv(2 * width, 2 * width, 3),
        new MatteConv(2 * width, width, 3),
        new MatteConv(width, width, 3),
        new MatteConv(width, width, 3));

    [Key("conv_hr")]
    Sequential Last { get; } = new(new MatteConv(width + 3, width, 3), new MatteConv(width, 1, 1, plain: true));

    /// <summary>Features at half size, <c>(N, width, H/2, W/2)</c>.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="encoded2">The encoder's map at 1/2.</param>
    /// <param name="encoded4">The encoder's map at 1/4.</param>
    /// <param name="semantic">The other branch's features at 1/8.</param>
    internal Tensor Features(Tensor image, Tensor encoded2, Tensor encoded4, Tensor semantic)
    {
        var half = FromEncoded2.Call(encoded2);
        var quarter = Encoded2.Call(Resized.Join(Resized.By(image, 0.5), half));
        quarter = Encoded4.Call(Resized.Join(quarter, FromEncoded4.Call(encoded4)));
        quarter = Conv4.Call(Resized.Join(quarter, Resized.Double(semantic), Resized.By(image, 0.25)));
        return Conv2.Call(Resized.Join(Resized.Double(quarter), half));
    }

    /// <summary>The head that only training needs: <c>(N, 1, H, W)</c>.</summary>
    internal Tensor Detail(Tensor image, Tensor features) => Last.Call(Resized.Join(Resized.Double(features), image)).Sigmoid();
}

/// <summary>Both branches together. 2011.11961 §3.4.</summary>
internal sealed partial class FusionBranch(int width) : Module
{
    [Key("conv_lr4x")]
    MatteConv Semantic { get; } = new(32, width, 5);

    [Key("conv_f2x")]
    MatteConv Conv2 { get; } = new(2 * width, width, 3);

    [Key("conv_f")]
    Sequential Last { get; } = new(new MatteConv(width + 3, width / 2, 3), new MatteConv(width / 2, 1, 1, plain: true));

    internal Tensor Matte(Tensor image, Tensor semantic, Tensor detail)
    {
        var half = Conv2.Call(Resized.Join(Resized.Double(Semantic.Call(Resized.Double(semantic))), detail));
        return Last.Call(Resized.Join(Resized.Double(half), image)).Sigmoid();
    }
}

/// <summary>
/// MODNet: the opacity of the person in each pixel, from colours alone. <c>(N, 3, H, W)</c> in [-1, 1] <c>-> (N, 1, H, W)</c> in (0, 1),
/// for pictures of any size: they are continued at their right and lower edges to multiples of 32, and the matte is cut back. 2011.11961;
/// ZHKKKe/MODNet@28165a4 src/models/modnet.py.
/// </summary>
public sealed partial class ModNet : Module<Tensor, Tensor>
{
    /// <summary>Sides are multiples of it inside the network.</summary>
    public const int Multiple = 32;

    // The widths only fit together so: the detail branch reads the semantic branch's 32 channels.
    private const int Width = 32;

    /// <summary>He's uniform weights, biases of zero.</summary>
    public ModNet()
    {
        LrBranch = new LowResolutionBranch(Backbone);
        foreach (var (_, module) in NamedModules())
        {
            if (module is not Conv2d convolution) continue;
            Init.KaimingUniform(convolution.Weight);
            if (convolution.Bias is { } bias) Init.Constant(bias, 0);
        }
    }

    // The encoder stands in the official state twice, once in its branch.
    MatteEncoder Backbone { get; } = new();

    LowResolutionBranch LrBranch { get; }

    HighResolutionBranch HrBranch { get; } = new(Width);

    FusionBranch FBranch { get; } = new(Width);

    /// <summary>The encoder, which can be trained on something else first.</summary>
    public MobileNetV2 Encoder => Backbone.Model;

    /// <summary>All three answers, which training compares.</summary>
    /// <param name="image"><c>(N, 3, H, W)</c> in [-1, 1], sides multiples of 32.</param>
    /// <exception cref="TorchException">The sides are no multiples.</exception>
    public ModNetOutput Predict(Tensor image)
    {
        if (image.Dimensions != 4 || image.Size(2) % Multiple != 0 || image.Size(3) % Multiple != 0)
        {
            throw new TorchException(
                $"MODNet: pictures of shape [{string.Join(", ", image.Shape.ToArray())}]; "
                + $"for training, both sides are multiples of {Multiple}");
        }

        using var scope = new TensorScope();
        var (low, high, matte) = Run(image);
        return scope.Keep(new ModNetOutput(LrBranch.Semantic(low), HrBranch.Detail(image, high), matte));
    }

    /// <summary>Puts every batch norm into evaluation, while the rest learns: how a trained network is adapted.</summary>
    public void FreezeNorms()
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is BatchNorm) module.Eval();
        }
    }

    /// <summary>The person roughly and the matte, of pictures of any size.</summary>
    /// <param name="image"><c>(N, 3, H, W)</c> in [-1, 1].</param>
    /// <returns>
    /// <c>(N, 1, H/16, W/16)</c> of the picture continued to multiples of 32, and <c>(N, 1, H, W)</c> of the picture; both in (0, 1).
    /// </returns>
    public (Tensor Semantic, Tensor Matte) Estimate(Tensor image)
    {
        using var scope = new TensorScope();
        var (low, _, matte) = Run(Continued(image));
        return scope.Keep((LrBranch.Semantic(low), Cut(matte, image)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor image) => Cut(Run(Continued(image)).Matte, image);

    private static Tensor Continued(Tensor image)
    {
        if (image.Dimensions != 4 || image.Size(1) != 3)
        {
            throw new TorchException(
                $"MODNet: pictures of shape [{string.Join(", ", image.Shape.ToArray())}], where (N, 3, H, W) is wanted");
        }

        long below = Missing(image.Size(2)), beside = Missing(image.Size(3));
        return below == 0 && beside == 0 ? image : Functional.Pad(image, [0, beside, 0, below], PaddingMode.Replicate);
    }

    private static Tensor Cut(Tensor matte, Tensor image)
    {
        long height = image.Size(2), width = image.Size(3);
        return matte.Size(2) == height && matte.Size(3) == width ? matte : matte.Narrow(2, 0, height).Narrow(3, 0, width);
    }

    private static long Missing(long side) => (Multiple - (side % Multiple)) % Multiple;

    private (Tensor Low, Tensor High, Tensor Matte) Run(Tensor image)
    {
        var maps = Encoder.Pyramid(image);
        var low = LrBranch.Features(maps[4]);
        var high = HrBranch.Features(image, maps[0], maps[1], low);
        return (low, high, FBranch.Matte(image, low, high));
    }
}

internal static class Resized
{
    internal static Tensor By(Tensor x, double factor) => Functional.InterpolateBy(x, factor, Interpolation.Bilinear);

    internal static Tensor Double(Tensor x) => By(x, 2);

    internal static Tensor Join(params Tensor[] maps) => Tensor.Cat(maps, 1);
}
