using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>Removes fine (or coarse) detail from a picture with a Gaussian in the frequency domain; 2011.14036 "Perturbations", official
/// fourier_filter.py.</summary>
public static class FourierFilter
{
    private const double FullScale = 4095;    // mammograms have 12 bits

    /// <summary>The mask over the shifted spectrum: exp(-d² / 2r²), d the distance to (row ⌊h/2⌋, column ⌊w/2⌋). <c>-> (height, width)</c>
    /// in [0, 1], float64.</summary>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="radius">In frequency samples, more than 0 and less than the shorter side: a small radius removes much.</param>
    /// <param name="highPass">The complement: what a low-pass filter removes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The radius is not within its bounds.</exception>
    public static Tensor Mask(long height, long width, double radius, bool highPass = false)
    {
        if (!(radius > 0) || radius >= Math.Min(height, width))
            throw new ArgumentOutOfRangeException(nameof(radius), radius,
                $"the radius must be more than 0 and less than the shorter side of {height}x{width}");
        using var scope = new TensorScope();
        var rows = (Tensor.Arange(height, dtype: DType.Float64) - height / 2).Reshape([height, 1]);
        var columns = Tensor.Arange(width, dtype: DType.Float64) - width / 2;
        var mask = ((rows.Square() + columns.Square()) / (-2 * radius * radius)).Exp();
        return scope.Keep(highPass ? 1 - mask : mask);
    }

    /// <summary>The filtered picture, in the picture's own units. <c>(…, H, W) -> (…, H, W)</c>, real, of the input's type.</summary>
    /// <param name="pictures">Any leading dimensions; each picture is filtered by itself.</param>
    /// <param name="radius">See <see cref="Mask"/>.</param>
    /// <param name="highPass">Keeps what a low-pass filter removes.</param>
    public static Tensor Apply(Tensor pictures, double radius, bool highPass = false)
    {
        using var scope = new TensorScope();
        var mask = Mask(pictures.Size(-2), pictures.Size(-1), radius, highPass).To(pictures.DType);
        var spectrum = pictures.FftFft2().FftFftshift([-2, -1]) * mask;
        return scope.Keep(spectrum.FftIfftshift([-2, -1]).FftIfft2().Real().Contiguous());
    }

    /// <summary>Each picture brought to [0, 1] by its own least and greatest value; <c>(…, H, W) -> (…, H, W)</c>. A picture of one value
    /// becomes 0.</summary>
    public static Tensor Normalize(Tensor pictures)
    {
        using var scope = new TensorScope();
        var least = pictures.Amin([-2, -1], keepdim: true);
        var range = pictures.Amax([-2, -1], keepdim: true) - least;
        return scope.Keep((pictures - least) / range.MaskedFill(range.Eq(0), 1));
    }

    /// <summary>Filtered, normalised, and stored as the study's readers saw it: whole numbers from 0 to 4095. <c>(…, H, W) -> (…, H, W)</c>
    /// int32.</summary>
    public static Tensor Perturb(Tensor mammograms, double radius, bool highPass = false)
    {
        using var scope = new TensorScope();
        return scope.Keep((Normalize(Apply(mammograms.To(DType.Float64), radius, highPass)) * FullScale).To(DType.Int32));
    }
}
