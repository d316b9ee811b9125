using Sconce.Nn;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>
/// Initial numbers for a narrow network: the official deviation of 0.02 is made for widths of hundreds, and below them learns nothing.
/// </summary>
internal static class NarrowInit
{
    /// <summary>Widths below which it is wanted.</summary>
    internal const int Below = 384;

    private const double Spread = 0.5;

    /// <summary>Linear weights Glorot-uniform, positions, times and class token normal with deviation 0.5, patches 0.25.</summary>
    internal static void Apply(VideoTransformer network)
    {
        foreach (var block in network.Blocks)
        {
            foreach (var (name, module) in block.NamedModules())
            {
                if (module is Linear linear && name != "temporal_fc") Init.XavierUniform(linear.Weight);
            }
        }

        if (network.Head is { } head) Init.XavierUniform(head.Weight);
        foreach (var parameter in network.WithoutDecay) Init.Normal(parameter, Spread);
        Init.Normal(network.PatchEmbed.Proj.Weight, Spread / 2);
    }
}
