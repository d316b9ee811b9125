using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>From how far each patch is to a map of the picture and one score.</summary>
public static class PatchScores
{
    /// <summary>Each patch's distance from the nearest in the bank: <c>(N·P, C) -> (N, P)</c>, with its place there.</summary>
    public static (Tensor Scores, Tensor Places) Nearest(Tensor rows, Tensor bank, int pictures)
    {
        using var scope = new TensorScope();
        var (near, at) = NearestNeighbours.Find(rows, bank, 1);
        return scope.Keep((near.Reshape([pictures, -1]), at.Reshape([pictures, -1])));
    }

    /// <summary>
    /// A picture's score: its farthest patch's, the less the more that patch's neighbour stands alone in the bank. 2106.08265 equation 7;
    /// anomalib@161bb36 <c>compute_anomaly_score</c>.
    /// </summary>
    /// <param name="scores"><c>(N, P)</c></param>
    /// <param name="places"><c>(N, P)</c></param>
    /// <param name="rows"><c>(N·P, C)</c></param>
    /// <param name="bank"><c>(M, C)</c></param>
    /// <param name="neighbours">Of the neighbour, itself among them; 1 for the farthest patch's distance as it is.</param>
    /// <returns><c>(N)</c></returns>
    public static Tensor Weighted(Tensor scores, Tensor places, Tensor rows, Tensor bank, int neighbours)
    {
        using var scope = new TensorScope();
        var (most, farthest) = scores.Max(1, true); // (N, 1)
        if (neighbours == 1) return scope.Keep(most.Squeeze(1));
        long pictures = scores.Size(0), patches = scores.Size(1);
        var first = Tensor.Arange(pictures, DType.Int64).To(scores.Device) * patches;
        var own = rows.IndexSelect(0, first + farthest.Squeeze(1)); // (N, C)
        var nearest = bank.IndexSelect(0, places.Gather(1, farthest).Squeeze(1)); // (N, C)
        int support = (int)Math.Min(neighbours, bank.Size(0));
        var (_, around) = NearestNeighbours.Find(nearest, bank, support); // (N, k)
        var others = bank.IndexSelect(0, around.Reshape([-1])).Reshape([pictures, support, -1]);
        var away = NearestNeighbours.Table(own.Unsqueeze(1), others).Squeeze(1); // (N, k)
        var weights = 1 - away.Softmax(1).Narrow(1, 0, 1).Squeeze(1);
        return scope.Keep(weights * most.Squeeze(1));
    }

    /// <summary>A map of the picture's size, blurred. <c>(N, 1, h, w) -> (N, 1, H, W)</c></summary>
    /// <param name="patches">How far each patch is.</param>
    /// <param name="height">Of the picture as the network sees it.</param>
    /// <param name="width">Of the picture as the network sees it.</param>
    /// <param name="mode">Linear for PaDiM, nearest for PatchCore.</param>
    /// <param name="sigma">Of the blur, in pixels.</param>
    public static Tensor Map(Tensor patches, int height, int width, Interpolation mode, double sigma)
    {
        using var scope = new TensorScope();
        return scope.Keep(GaussianFilter.Apply(Functional.Interpolate(patches, [height, width], mode), sigma));
    }

    /// <summary>PaDiM's score: the map's maximum; <c>(N, 1, H, W) -> (N)</c>.</summary>
    public static Tensor Maximum(Tensor maps)
    {
        using var scope = new TensorScope();
        return scope.Keep(maps.Amax([1L, 2L, 3L]));
    }
}
