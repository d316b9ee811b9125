using Sconce.Torch;

namespace Sconce.Imaging;

/// <summary>What generators paint, as pictures.</summary>
public static class PaintedPictures
{
    /// <summary>Pictures of values from -1 to 1; what lies beyond is cut off.</summary>
    /// <param name="painted"><c>(N, 1 or 3, H, W)</c>, on any device.</param>
    public static List<Image> Of(Tensor painted)
    {
        using var scope = new TensorScope();
        var values = ((painted.Detach().To(Device.Cpu, DType.Float32).Clamp(-1, 1) + 1) / 2).Expand([-1, 3, -1, -1]).Contiguous();
        return [.. Enumerable.Range(0, (int)values.Size(0)).Select(k => values[k].ToImage())];
    }
}
