using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>
/// Pictures of noise that is louder in one quadrant: <c>(3, 28, 28)</c>, four classes. Standard normal numbers times
/// 0.6 + 1.2·exp(−d² / (2·0.15²)), d the distance, in sides of the picture, to a centre at 0.3 or 0.7 of each side, give or take 0.05.
/// The means of the channels say nothing of the class; where the energy lies does.
/// </summary>
public static class PlacedNoise
{
    /// <summary>Quadrants: 2·(lower half) + (right half).</summary>
    public const int Classes = 4;

    private const int Side = 28;

    /// <summary>Draws examples: <c>(N, 3, 28, 28)</c> and class numbers <c>(N)</c>.</summary>
    public static LabelledTensors Sample(int count, Generator generator)
    {
        using var scope = new TensorScope();
        var labels = Tensor.Randint(Classes, [count], generator, DType.Int64);
        var jitter = Tensor.Empty([count, 2], DType.Float32).UniformInPlace(-0.05, 0.05, generator);
        var lower = labels.Ge(2).To(DType.Float32);
        var right = labels.Remainder(2).To(DType.Float32);
        var centers = Tensor.Stack([lower, right], 1) * 0.4 + 0.3 + jitter; // (N, 2): vertical, horizontal
        var line = (Tensor.Arange(Side, dtype: DType.Float32) + 0.5) / Side;
        var down = line.Reshape([1, Side, 1]) - centers[.., 0].Reshape([count, 1, 1]);
        var across = line.Reshape([1, 1, Side]) - centers[.., 1].Reshape([count, 1, 1]);
        var loudness = ((down * down + across * across) * (-1 / (2 * 0.15 * 0.15))).ExpInPlace() * 1.2 + 0.6; // (N, 28, 28)
        var pictures = Tensor.Empty([count, 3, Side, Side], DType.Float32).NormalInPlace(0, 1, generator).MulInPlace(loudness.Unsqueeze(1));
        return scope.Keep(new LabelledTensors(pictures, labels));
    }
}
