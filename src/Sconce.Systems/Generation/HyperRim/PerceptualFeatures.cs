using Sconce.Nn;
using Sconce.Nn.Perceptual;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>
/// VGG's features at five sizes, at length one a place and weighted by channel: <c>(N, 3, H, W) in [0, 1] -> 5 x (N, C·H'·W')</c>. Squared
/// differences between two pictures' are LPIPS, but for means. niopeng/HyperRIM@e17b7e2c9725 architecture.py LPNet. Frozen.
/// </summary>
public sealed partial class PerceptualFeatures : FeatureComparison
{
    private const double Epsilon = 1e-10;

    /// <summary>All channels count alike until <see cref="Weigh"/>.</summary>
    public PerceptualFeatures()
    {
        RequireGrad(false);
        Eval();
    }

    /// <summary>From [-1, 1] to VGG's input.</summary>
    public VggScaling ScalingLayer { get; } = new();

    /// <summary>The convolutions.</summary>
    public VggFeatures Net { get; } = new();

    /// <summary>Roots of LPIPS's channel weights, of all sizes one after the other; the official file has them apart.</summary>
    [NotSaved]
    private Buffer Roots { get; } = new(Tensor.Ones([VggFeatures.Widths.Sum()]));

    /// <summary>Takes LPIPS's weights, <c>5 x (C)</c>, at least 0.</summary>
    public void Weigh(IReadOnlyList<Tensor> weights)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Roots.CopyInPlace(Tensor.Cat([.. weights.Select(weight => weight.Reshape([-1]).Sqrt())], 0));
    }

    /// <inheritdoc/>
    protected override FeatureRows Forward(Tensor input)
    {
        var maps = Net.Call(ScalingLayer.Call((input * 2) - 1));
        var rows = new Tensor[maps.Length];
        int first = 0;
        for (int k = 0; k < maps.Length; k++)
        {
            var length = (maps[k].Square().Sum([1], keepdim: true) + Epsilon).Sqrt() + Epsilon;
            var roots = Roots.Narrow(0, first, VggFeatures.Widths[k]).View([1, -1, 1, 1]);
            rows[k] = (maps[k] / length * roots).Flatten(1);
            first += VggFeatures.Widths[k];
        }

        return new FeatureRows(rows, [.. maps.Select(map => map.Size(3))]);
    }
}
