using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// Compares pictures by VGG-16's features: what they show, or in which style. Keys <c>blocks.{block}.{torchvision's number}</c>.
/// jiupinjia/stylized-neural-painting@e7a66b2 loss.py <c>VGGPerceptualLoss</c>, <c>VGGStyleLoss</c>.
/// </summary>
public sealed partial class VggComparison : Module
{
    private const int Side = 224;
    private static readonly float[] Means = [0.485f, 0.456f, 0.406f], Deviations = [0.229f, 0.224f, 0.225f];
    private static readonly Range[] Sizes = [0..4, 4..9, 9..16, 16..23]; // end with relu1_2, 2_2, 3_3, 4_3
    private readonly bool resize;

    private VggComparison(VggPooling pooling, int sizes, bool resize)
    {
        this.resize = resize;
        Blocks = new(Sizes.Take(sizes).Select(numbers => VggLayers.Slice(16, numbers, pooling)));
    }

    internal ModuleList<Sequential> Blocks { get; }

    /// <summary>For <see cref="Content"/>.</summary>
    /// <param name="resize">Whether pictures are first brought to 224 pixels.</param>
    public static VggComparison OfContent(bool resize = true) => new(VggPooling.Max, 4, resize);

    /// <summary>For <see cref="Style"/>: with mean pooling.</summary>
    /// <param name="texture">Whether brushwork counts beside colours; without, the two largest sizes are compared alone.</param>
    /// <param name="resize">Whether pictures are first brought to 224 pixels.</param>
    public static VggComparison OfStyle(bool texture = true, bool resize = true) => new(VggPooling.Average, texture ? 4 : 2, resize);

    /// <summary>The sum over the blocks of mean absolute differences; 1603.08155 §3.2 with absolute differences.</summary>
    /// <param name="picture"><c>(N, 3 or 1, H, W)</c> in [0, 1]</param>
    /// <param name="target">Of the same shape.</param>
    /// <param name="ignoreColour">Whether both are made grey first.</param>
    public Tensor Content(Tensor picture, Tensor target, bool ignoreColour = false)
    {
        using var scope = new TensorScope();
        if (ignoreColour) (picture, target) = (picture.Mean([1], keepdim: true), target.Mean([1], keepdim: true));
        return scope.Keep(Sum(picture, target, (first, second) => (first - second).Abs().Mean()));
    }

    /// <summary>The sum over the blocks of squared differences of Gram matrices; 1508.06576 equation 4.</summary>
    /// <param name="picture"><c>(N, 3 or 1, H, W)</c> in [0, 1]</param>
    /// <param name="style">The same, of any size where pictures are resized.</param>
    public Tensor Style(Tensor picture, Tensor style)
    {
        using var scope = new TensorScope();
        return scope.Keep(Sum(picture, style, (first, second) => (Gram(first) - Gram(second)).Square().Sum()));
    }

    private Tensor Sum(Tensor picture, Tensor other, Func<Tensor, Tensor, Tensor> difference)
    {
        Tensor first = Prepare(picture), second = Prepare(other);
        Tensor? sum = null;
        foreach (var block in Blocks)
        {
            (first, second) = (block.Call(first), block.Call(second));
            var term = difference(first, second);
            sum = sum is null ? term : sum + term;
        }

        return sum!;
    }

    /// <summary>As VGG was trained: ImageNet's means and deviations, 224 pixels.</summary>
    private Tensor Prepare(Tensor picture)
    {
        if (picture.Dimensions != 4 || picture.Size(1) is not (1 or 3))
        {
            throw new TorchException(
                $"VGG comparison: a picture of shape [{string.Join(", ", picture.Shape.ToArray())}]; it takes (N, 3 or 1, H, W)");
        }

        if (picture.Size(1) == 1) picture = picture.Expand([-1, 3, -1, -1]);
        long[] shape = [1, 3, 1, 1];
        Tensor means = Tensor.From(Means, shape).To(picture.Device, picture.DType),
            deviations = Tensor.From(Deviations, shape).To(picture.Device, picture.DType);
        var scaled = (picture - means) / deviations;
        return resize ? Functional.Interpolate(scaled, [Side, Side], Interpolation.Bilinear) : scaled;
    }

    /// <summary>How channels go together: <c>(N, C, H, W) -> (N, C, C)</c>.</summary>
    private static Tensor Gram(Tensor features)
    {
        var flat = features.Flatten(2);
        return flat.Bmm(flat.Transpose(1, 2)) / (flat.Size(1) * flat.Size(2));
    }
}
