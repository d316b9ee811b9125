namespace Sconce.Imaging;

/// <summary>The resampling filters of Pillow. All but Nearest are widened when scaling down (antialias).</summary>
public enum ResizeFilter
{
    /// <summary>The nearest source pixel.</summary>
    Nearest,

    /// <summary>The mean of the covered source pixels.</summary>
    Box,

    /// <summary>A triangle, support 1.</summary>
    Bilinear,

    /// <summary>A sinc in a Hamming window, support 1.</summary>
    Hamming,

    /// <summary>Keys's cubic with a = -0.5, support 2.</summary>
    Bicubic,

    /// <summary>A sinc in a sinc window, support 3.</summary>
    Lanczos,
}

/// <summary>The filters as functions (libImaging/Resample.c of Pillow 9.4).</summary>
internal static class ResizeKernels
{
    internal static double Support(ResizeFilter filter) => filter switch
    {
        ResizeFilter.Box => 0.5,
        ResizeFilter.Bilinear or ResizeFilter.Hamming => 1,
        ResizeFilter.Bicubic => 2,
        ResizeFilter.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "This is no resampling filter with a kernel."),
    };

    internal static double Weight(ResizeFilter filter, double x) => filter switch
    {
        ResizeFilter.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
        ResizeFilter.Bilinear => Math.Max(1 - Math.Abs(x), 0),
        ResizeFilter.Hamming => Hamming(Math.Abs(x)),
        ResizeFilter.Bicubic => Cubic(Math.Abs(x)),
        _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Hamming(double x)
    {
        if (x == 0)
            return 1;
        if (x >= 1)
            return 0;
        x *= Math.PI;
        return Math.Sin(x) / x * (0.54 + 0.46 * Math.Cos(x));
    }

    private static double Cubic(double x)
    {
        const double a = -0.5;
        if (x < 1)
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }

    private static double Sinc(double x)
    {
        if (x == 0)
            return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
