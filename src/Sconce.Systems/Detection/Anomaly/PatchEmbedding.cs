using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>A network's maps as one row of features for every position of the finest of them.</summary>
public static class PatchEmbedding
{
    /// <summary>
    /// PaDiM's: coarser maps to the first's grid by the nearest cell, then some of the channels. anomalib@161bb36
    /// <c>PadimModel.generate_embedding</c>.
    /// </summary>
    /// <param name="maps"><c>(N, c, h, w)</c> each, the finest first.</param>
    /// <param name="channels">Which are kept, by their place in all; null for all.</param>
    /// <returns><c>(N, C, h, w)</c> on the first's grid.</returns>
    public static Tensor Padim(IReadOnlyList<Tensor> maps, Tensor? channels)
    {
        using var scope = new TensorScope();
        var all = Tensor.Cat([.. OnOneGrid(maps, Interpolation.Nearest)], 1);
        return scope.Keep(channels is null ? all : all.IndexSelect(1, channels));
    }

    /// <summary>
    /// PatchCore's: each map's 3x3 means, the padding counted, coarser ones to the first's grid linearly. 2106.08265 §3.1;
    /// anomalib@161bb36 <c>PatchcoreModel.generate_embedding</c>.
    /// </summary>
    /// <param name="maps"><c>(N, c, h, w)</c> each, the finest first.</param>
    /// <returns><c>(N, C, h, w)</c> on the first's grid.</returns>
    public static Tensor PatchCore(IReadOnlyList<Tensor> maps)
    {
        using var scope = new TensorScope();
        var means = maps.Select(map => map.AvgPool2d([3, 3], [1, 1], [1, 1])).ToList();
        return scope.Keep(Tensor.Cat([.. OnOneGrid(means, Interpolation.Bilinear)], 1));
    }

    /// <summary>Rows in place of maps: <c>(N, C, h, w) -> (N, h·w, C)</c>.</summary>
    public static Tensor Rows(Tensor embedding) => embedding.Flatten(2).Transpose(1, 2).Contiguous();

    private static IEnumerable<Tensor> OnOneGrid(IReadOnlyList<Tensor> maps, Interpolation mode)
    {
        var (height, width) = (maps[0].Size(2), maps[0].Size(3));
        return maps.Select(map => map.Size(2) == height && map.Size(3) == width ? map : Functional.Interpolate(map, [height, width], mode));
    }
}
