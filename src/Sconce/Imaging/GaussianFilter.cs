using Sconce.Torch;

namespace Sconce.Imaging;

/// <summary>
/// A Gaussian blur of maps, reflected at their edges, as kornia's: rows, then columns, with a normalised kernel each way.
/// </summary>
public static class GaussianFilter
{
    /// <summary>The kernel's width for a deviation: four deviations each way (anomalib@161bb36 <c>GaussianBlur2d</c>); 33 for 4.</summary>
    public static int KernelOf(double sigma) => (2 * (int)((4 * sigma) + 0.5)) + 1;

    /// <summary>Blurs every channel by itself: <c>(N, C, H, W) -> (N, C, H, W)</c>.</summary>
    /// <param name="maps">Both sides larger than half the kernel.</param>
    /// <param name="sigma">The deviation in pixels, above 0.</param>
    /// <param name="kernel">The kernel's width, odd; null for <see cref="KernelOf"/>.</param>
    /// <exception cref="ArgumentException">No deviation, an even kernel, or maps smaller than it.</exception>
    public static Tensor Apply(Tensor maps, double sigma, int? kernel = null)
    {
        int width = kernel ?? KernelOf(sigma), half = width / 2;
        if (!(sigma > 0) || width < 1 || width % 2 == 0)
            throw new ArgumentException($"blur: deviation {sigma} and kernel {width} are none");
        if (maps.Dimensions != 4)
            throw new ArgumentException($"blur: a tensor of {maps.Dimensions} dimensions is no batch of maps (N, C, H, W)");
        var (count, channels, rows, columns) = (maps.Size(0), maps.Size(1), maps.Size(2), maps.Size(3));
        if (rows <= half || columns <= half)
        {
            throw new ArgumentException($"blur: maps of {columns} x {rows} are reflected by {half} at their edges: they must be larger");
        }

        using var scope = new TensorScope();
        var weights = Tensor.From(Kernel(sigma, width)).To(maps.Device).To(maps.DType);
        var alone = maps.Reshape([count * channels, 1, rows, columns]);
        var across = Functional.Conv2d(alone.ReflectionPad2d([half, half, half, half]), weights.Reshape([1, 1, 1, width]));
        return scope.Keep(Functional.Conv2d(across, weights.Reshape([1, 1, width, 1])).Reshape([count, channels, rows, columns]));
    }

    private static float[] Kernel(double sigma, int width)
    {
        double[] raw = [.. Enumerable.Range(0, width).Select(k => Math.Exp(-Math.Pow(k - (width / 2), 2) / (2 * sigma * sigma)))];
        double sum = raw.Sum();
        return [.. raw.Select(value => (float)(value / sum))];
    }
}
