using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Nn.Perceptual;

/// <summary>
/// How unlike two pictures are to VGG-19: absolute differences after the first activation of each size, weighted. <c>two (N, 3, H, W) in
/// [-1, 1] -> ()</c>; 1711.11585 §3.3, as pix2pixHD, SPADE and CharacterGAN have it: pictures go in as they are, without ImageNet's means
/// and deviations. Keys <c>slice{1-5}.{torchvision's number}</c>. Its weights are frozen, and the target gets no gradient.
/// </summary>
public sealed partial class Vgg19Loss : Module<Tensor, Tensor, Tensor>
{
    private readonly IReadOnlyList<double> weights;

    /// <summary>Weights are yet to be loaded.</summary>
    /// <param name="weights">What each size counts, the largest first; 1/32, 1/16, 1/8, 1/4, 1 where left out.</param>
    /// <exception cref="ArgumentException">There are five sizes.</exception>
    public Vgg19Loss(IReadOnlyList<double>? weights = null)
    {
        this.weights = weights ?? [1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1];
        if (this.weights.Count != 5) throw new ArgumentException(
            $"VGG-19 loss: {this.weights.Count} weights for five sizes", nameof(weights));
        RequireGrad(false);
        Eval();
    }

    /// <summary>Torchvision's numbers at which the slices begin, and the one behind the last.</summary>
    public static IReadOnlyList<int> Starts { get; } = [0, 2, 7, 12, 21, 30];

    /// <summary>Up to relu1_1.</summary>
    public Sequential Slice1 { get; } = VggLayers.Slice(19, ..2);

    /// <summary>Up to relu2_1.</summary>
    public Sequential Slice2 { get; } = VggLayers.Slice(19, 2..7);

    /// <summary>Up to relu3_1.</summary>
    public Sequential Slice3 { get; } = VggLayers.Slice(19, 7..12);

    /// <summary>Up to relu4_1.</summary>
    public Sequential Slice4 { get; } = VggLayers.Slice(19, 12..21);

    /// <summary>Up to relu5_1.</summary>
    public Sequential Slice5 { get; } = VggLayers.Slice(19, 21..30);

    /// <summary>The five features of a picture: <c>(N, 3, H, W) -> 5 x (N, C, H/s, W/s)</c>, s from 1 to 16.</summary>
    public IReadOnlyList<Tensor> Features(Tensor picture)
    {
        using var scope = new TensorScope();
        var features = new List<Tensor>();
        foreach (var slice in (Sequential[])[Slice1, Slice2, Slice3, Slice4, Slice5])
        {
            features.Add(slice.Call(features.Count > 0 ? features[^1] : picture));
        }

        return scope.Keep(features);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor picture, Tensor target)
    {
        IReadOnlyList<Tensor> first = Features(picture), second = Features(target.Detach());
        return weights.Select((weight, k) => (first[k] - second[k]).Abs().Mean() * weight).Aggregate((sum, term) => sum + term);
    }
}
