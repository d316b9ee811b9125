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
        if (channels is null) return scope.Keep(Tensor.Cat([.. OnOneGrid(maps, Interpolation.Nearest)], 1));
        // Each map's own first: what is not kept is not brought to the finest grid.
        long[] wanted = channels.ToArray<long>();
        var (chosen, order, first) = (new List<Tensor>(), new List<long>(), 0L);
        foreach (var map in maps)
        {
            long past = first + map.Size(1);
            long[] places = [.. Enumerable.Range(0, wanted.Length).Where(k => wanted[k] >= first && wanted[k] < past).Select(k => (long)k)];
            if (places.Length > 0)
                chosen.Add(map.IndexSelect(1, Tensor.From([.. places.Select(place => wanted[place] - first)]).To(map.Device)));
            else if (chosen.Count == 0) chosen.Add(map.Narrow(1, 0, 0));
            order.AddRange(places);
            first = past;
        }

        var kept = Tensor.Cat([.. OnOneGrid(chosen, Interpolation.Nearest)], 1);
        var back = new long[order.Count];
        for (int k = 0; k < back.Length; k++) back[order[k]] = k;
        return scope.Keep(kept.IndexSelect(1, Tensor.From(back).To(kept.Device)));
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
