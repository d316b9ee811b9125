using Sconce.Nn;

namespace Sconce.Systems.Generation.Guigan;

internal static class GuiganLayers
{
    /// <summary>Every parameter uniform within 0.05, biases too.</summary>
    internal static void DrawInitialWeights(Module network)
    {
        foreach (var parameter in network.Parameters()) Init.Uniform(parameter, -0.05, 0.05);
    }
}
