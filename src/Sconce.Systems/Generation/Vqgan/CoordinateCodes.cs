using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>Codes that say where a crop lies in its picture. CompVis/taming-transformers@3ba01b2 misc/coord.py.</summary>
/// <param name="Levels">Numbers that tell places apart.</param>
/// <param name="Downsampling">Pixels a side of one code.</param>
public sealed record CoordinateCodes(int Levels = 1024, int Downsampling = 16)
{
    /// <summary>From a map in [0, 1]: <c>(N, 1, H, W) -> integers (N, 1, h, w)</c> from 0 to <see cref="Levels"/>.</summary>
    public Tensor Encode(Tensor map)
    {
        using var scope = new TensorScope();
        var means = map.AvgPool2d([Downsampling, Downsampling], [Downsampling, Downsampling]);
        return scope.Keep((means.Clamp(0, 1) * Levels).Round().To(DType.Int64));
    }

    /// <summary>A map of steps: <c>(N, 1, h, w) -> (N, 1, H, W)</c> in [0, 1].</summary>
    public Tensor Decode(Tensor codes)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.InterpolateBy(codes.To(DType.Float32) / Levels, Downsampling));
    }

    /// <summary>The map of a whole picture, 0 to 1 in raster order: <c>(1, 1, H, W)</c>. Crops take theirs from it.</summary>
    public static Tensor Map(int height, int width)
    {
        using var scope = new TensorScope();
        return scope.Keep((Tensor.Arange(height * width, dtype: DType.Float32) / (height * width)).View([1, 1, height, width]));
    }
}
