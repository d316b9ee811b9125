using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>CenterNet's losses with their weights, each without dimensions.</summary>
/// <param name="Heatmap">Focal loss of the centres.</param>
/// <param name="Size">Absolute difference of the sizes.</param>
/// <param name="Offset">Absolute difference of the offsets.</param>
public sealed record CenterNetLosses(Tensor Heatmap, Tensor Size, Tensor Offset) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Heatmap, Size, Offset];

    /// <summary>Their sum.</summary>
    public Tensor Total => Heatmap + Size + Offset;
}

/// <summary>1904.07850 equations 1 to 4.</summary>
public static class CenterNetLoss
{
    private const double SizeWeight = 0.1, Least = 1e-4, FarPower = 4;

    /// <summary>The losses of a batch.</summary>
    /// <param name="output">Of the network.</param>
    /// <param name="targets">Of all pictures, <c>(N, …)</c>.</param>
    public static CenterNetLosses Compute(CenterNetOutput output, CenterNetTargets targets)
    {
        using var scope = new TensorScope();
        var mask = targets.Mask.Unsqueeze(1); // (N, 1, h, w)
        double centres = Math.Max(1, targets.Mask.Sum().Item<float>());
        var size = ((output.Size - targets.Size).Abs() * mask).Sum() * (SizeWeight / centres);
        var offset = ((output.Offset - targets.Offset).Abs() * mask).Sum() / centres;
        return scope.Keep(new CenterNetLosses(Centres(output.Heatmap, targets.Heatmap), size, offset));
    }

    /// <summary>Focal loss: a centre counts by how doubtful it is, another cell by how sure it is and how far from any centre.</summary>
    private static Tensor Centres(Tensor logits, Tensor targets)
    {
        var chance = logits.Sigmoid().Clamp(Least, 1 - Least);
        var isCentre = targets.Eq(1).To(logits.DType);
        var at = (1 - chance).Square() * chance.Log() * isCentre;
        var elsewhere = (1 - targets).Pow(FarPower) * chance.Square() * (1 - chance).Log() * (1 - isCentre);
        return -(at + elsewhere).Sum() / Math.Max(1, isCentre.Sum().Item<float>());
    }
}
