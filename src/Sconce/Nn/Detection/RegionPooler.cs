using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>RoIAlign on the level of a pyramid that fits a box's size: <c>⌊4 + log2(√area / 224)⌋</c>. 1612.03144 equation 1.</summary>
/// <param name="Size">Bins along each side.</param>
/// <param name="SamplingRatio">Samples a bin along each side; 0 or less for as many as a bin has cells.</param>
/// <param name="Aligned">See <see cref="RoiAlign.Pool(Tensor, Tensor, int, int, double, int, bool)"/>.</param>
public sealed record RegionPooler(int Size, int SamplingRatio, bool Aligned)
{
    private const int CanonicalLevel = 4;
    private const float CanonicalSide = 224;

    /// <summary>Added to the area's root by detectron2 (1e-8) before the logarithm.</summary>
    public float SideEps { get; init; }

    /// <summary>Added to the level by torchvision (1e-6) before it is rounded down.</summary>
    public float LevelEps { get; init; }

    /// <summary>Pools every region: <c>(R, 5) -> (R, C, Size, Size)</c>, in their order. Differentiable in the maps.</summary>
    /// <param name="maps"><c>(N, C, h, w)</c>, finest first, each half as large as the one before.</param>
    /// <param name="regions">The picture's number, then corners in pixels.</param>
    /// <param name="finest">The base-2 logarithm of the finest map's stride.</param>
    public Tensor Pool(IReadOnlyList<Tensor> maps, Tensor regions, int finest = 2)
    {
        using var scope = new TensorScope();
        int[] levels = Levels(regions, finest, finest + maps.Count - 1);
        var pooled = new List<Tensor>();
        var places = new List<long>();
        for (int k = 0; k < maps.Count; k++)
        {
            long[] rows = [.. Enumerable.Range(0, levels.Length).Where(row => levels[row] == finest + k).Select(row => (long)row)];
            if (rows.Length == 0) continue;
            places.AddRange(rows);
            var chosen = regions.IndexSelect(0, Tensor.From(rows).To(regions.Device));
            pooled.Add(RoiAlign.Pool(maps[k], chosen, Size, Size, Math.Pow(2, -(finest + k)), SamplingRatio, Aligned));
        }

        if (pooled.Count == 0) return scope.Keep(RoiAlign.Pool(maps[0], regions, Size, Size));
        var back = Tensor.From(places.ToArray()).Argsort(); // where each region's row is
        return scope.Keep(Tensor.Cat([.. pooled], 0).IndexSelect(0, back.To(regions.Device)));
    }

    private int[] Levels(Tensor regions, int finest, int coarsest)
    {
        float[] edges = regions.Detach().Float().Cpu().ToArray<float>();
        return [.. Enumerable.Range(0, (int)regions.Size(0)).Select(row =>
        {
            float area = (edges[(5 * row) + 3] - edges[(5 * row) + 1]) * (edges[(5 * row) + 4] - edges[(5 * row) + 2]);
            float level = MathF.Floor(CanonicalLevel + MathF.Log2((MathF.Sqrt(area) / CanonicalSide) + SideEps) + LevelEps);
            return float.IsNaN(level) ? finest : (int)Math.Clamp(level, finest, coarsest);
        })];
    }
}
