using Sconce.Torch;

namespace Sconce.Systems.Generation.Swagan;

/// <summary>How much of pictures is fine detail.</summary>
internal static class FineDetail
{
    // In cycles a pixel, along either axis; a half is the most there is.
    private const double Boundary = 0.25;

    /// <summary>The energy of frequencies above a quarter of the sampling frequency: of <c>(N, C, S, S)</c>, a sum of squares.</summary>
    public static double Energy(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        long side = pictures.Size(3);
        var spectrum = pictures.To(DType.Float64).FftFft2().Abs().Square();
        var fine = (Tensor.FftFftfreq((int)side).To(DType.Float64).Abs() > Boundary).To(DType.Float64);
        var either = 1 - ((1 - fine).Unsqueeze(0) * (1 - fine).Unsqueeze(1));
        return (spectrum * either).Sum().Item<double>() / (side * side);
    }
}
