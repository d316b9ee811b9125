using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>A frozen network of which some maps are looked at, under anomalib's key <c>net</c>.</summary>
public sealed partial class FeatureExtractor : Module
{
    private readonly IReadOnlyList<string> layers;

    /// <summary>Watches layers of a network.</summary>
    /// <param name="net">In evaluation.</param>
    /// <param name="layers">Dotted names of its modules, the finest map first.</param>
    /// <exception cref="KeyNotFoundException">There is no such module.</exception>
    public FeatureExtractor(Module<Tensor, Tensor> net, IReadOnlyList<string> layers)
    {
        (Net, this.layers) = (net, layers);
        foreach (string layer in layers) _ = net[layer];
    }

    Module<Tensor, Tensor> Net { get; }

    /// <summary>The layers' names.</summary>
    public IReadOnlyList<string> Layers => layers;

    /// <summary>A residual network without the stages behind the last that is looked at, and without its classifier.</summary>
    /// <param name="configuration">Such as <c>ResNetConfiguration.Of("wide_resnet50_2")</c>.</param>
    /// <param name="layers">Of <c>layer1</c> to <c>layer4</c>.</param>
    public static FeatureExtractor Of(ResNetConfiguration configuration, params IReadOnlyList<string> layers)
    {
        int last = layers.Max(layer => layer.StartsWith("layer", StringComparison.Ordinal) && layer.Length > 5 ? layer[5] - '0' : 4);
        int[] blocks = [.. configuration.Layers.Select((count, k) => k < last ? count : 0)];
        return new FeatureExtractor(new ResNet(configuration with { Classes = 0, Layers = blocks }), layers);
    }

    /// <summary>
    /// The layers' maps: <c>(N, 3, H, W) -> (N, c, h, w)</c> each; transformers' tokens are laid back on their grid. In the scope around.
    /// </summary>
    /// <exception cref="TorchException">A layer answers with no maps.</exception>
    public IReadOnlyList<Tensor> Maps(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Off();
        var found = Features.Of(Net, pictures, layers);
        try
        {
            Tensor[] maps = [.. found.Select((map, k) => Grid(map, layers[k]).Clone())];
            return scope.Keep(maps);
        }
        finally
        {
            foreach (var map in found) map.Dispose();
        }
    }

    private static Tensor Grid(Tensor answer, string layer)
    {
        if (answer.Dimensions == 4) return answer;
        if (answer.Dimensions != 3)
        {
            string shape = string.Join(", ", answer.Shape.ToArray());
            throw new TorchException($"'{layer}' answers with the shape [{shape}], which is neither maps nor tokens");
        }

        long tokens = answer.Size(1), side = (long)Math.Sqrt(tokens);
        return answer.Narrow(1, tokens - (side * side), side * side).Transpose(1, 2).Reshape([answer.Size(0), answer.Size(2), side, side]);
    }
}
