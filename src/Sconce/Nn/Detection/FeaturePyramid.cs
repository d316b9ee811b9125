using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>
/// The top-down half of a feature pyramid: a 1x1 convolution of each map, the coarser level doubled and added, a 3x3 convolution.
/// 1612.03144
/// §3. The convolutions' keys are the network's own business.
/// </summary>
public static class FeaturePyramid
{
    /// <summary>The pyramid's maps, finest first, each as large as the map that it came from.</summary>
    /// <param name="maps">Of the backbone, finest first.</param>
    /// <param name="laterals">The 1x1 convolutions, one a map.</param>
    /// <param name="outputs">The 3x3 convolutions, one a map.</param>
    public static Tensor[] Merge(
        IReadOnlyList<Tensor> maps, IReadOnlyList<Module<Tensor, Tensor>> laterals, IReadOnlyList<Module<Tensor, Tensor>> outputs)
    {
        if (maps.Count != laterals.Count || maps.Count != outputs.Count)
        {
            throw new ArgumentException($"feature pyramid: {maps.Count} maps for {laterals.Count} levels");
        }

        using var scope = new TensorScope();
        var levels = new Tensor[maps.Count];
        var coarser = laterals[^1].Call(maps[^1]);
        levels[^1] = outputs[^1].Call(coarser);
        for (int level = maps.Count - 2; level >= 0; level--)
        {
            var lateral = laterals[level].Call(maps[level]);
            coarser = lateral + Functional.Interpolate(coarser, [lateral.Size(2), lateral.Size(3)]);
            levels[level] = outputs[level].Call(coarser);
        }

        return scope.Keep(levels);
    }
}
