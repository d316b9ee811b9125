using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>
/// Patches of noise, fine on one side and coarse on the other, as high-low frequency detectors like them: what they are taught and tried
/// with. Angles say where the fine side lies, in radians from the right, turning downwards.
/// </summary>
internal static class NoiseTextures
{
    private const int CoarseCells = 5;
    private const double Sharpness = 12, Wander = 0.2, Contrast = 0.18;

    /// <summary><c>(N) -> (N, side, side)</c> in [0, 1], each of standard deviation 0.18 about grey, where nothing is cut off.</summary>
    /// <param name="angles">Of each patch.</param>
    /// <param name="side">In pixels.</param>
    /// <param name="generator">Of the noise, and of where the edge lies.</param>
    public static Tensor Of(Tensor angles, int side, Generator generator)
    {
        using var scope = new TensorScope();
        long count = angles.Size(0);
        var fine = Tensor.Randn([count, side, side], generator);
        var coarse = Functional.Interpolate(
            Tensor.Randn([count, 1, CoarseCells, CoarseCells], generator), [side, side], Interpolation.Bicubic).Squeeze(1);
        var place = (Tensor.Arange(side, dtype: DType.Float32) * (2.0 / (side - 1))) - 1;
        Tensor cos = Column(angles.Cos()), sin = Column(angles.Sin());
        var offsets = Column((Tensor.Rand([count], generator) * (2 * Wander)) - Wander);
        var mask = (((place * cos) + (place.Unsqueeze(1) * sin) + offsets) * Sharpness).Sigmoid();
        var mixed = (mask * fine) + ((1 - mask) * coarse);
        var centred = mixed - mixed.Mean([1, 2], keepdim: true);
        var deviation = centred.Square().Mean([1, 2], keepdim: true).Sqrt();
        return scope.Keep(((centred / deviation * Contrast) + 0.5).Clamp(0, 1));
    }

    private static Tensor Column(Tensor values) => values.Reshape([-1, 1, 1]);
}
