using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>Makes extractors of any classifier of the catalogue, and of torchvision's residual networks.</summary>
internal static class BackboneFeatures
{
    /// <summary>A network with initial weights, in evaluation.</summary>
    /// <exception cref="UsageException">There is no such network or layer.</exception>
    public static FeatureExtractor Create(string network, IReadOnlyList<string> layers, int size)
    {
        var net = Network(network, layers, size);
        try
        {
            var extractor = new FeatureExtractor(net, layers);
            extractor.Eval();
            extractor.RequireGrad(false);
            return extractor;
        }
        catch (KeyNotFoundException)
        {
            string near = NearestNames.Suggest(layers[0], net.NamedModules().Select(named => named.Name));
            net.Dispose();
            throw new UsageException($"{network} has no layer of the names {string.Join(", ", layers)}. {near}".TrimEnd());
        }
    }

    /// <summary>Loads a classifier's checkpoint into what of the network is there.</summary>
    public static void Load(FeatureExtractor extractor, string path)
    {
        var wanted = extractor.StateDict().Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        ModelWeights.Load(extractor, path, new LoadOptions { Rename = key => wanted.Contains("net." + key) ? "net." + key : null });
    }

    /// <summary>The layers that the papers look at, for networks with stages under torchvision's names.</summary>
    /// <exception cref="UsageException">The network names its stages otherwise: they must be said.</exception>
    public static IReadOnlyList<string> LayersOf(string network, InspectionMethod method)
    {
        if (!ResNetConfiguration.ByName.ContainsKey(network))
        {
            throw new UsageException($"which layers of {network}? Name the modules whose maps are looked at, the finest first");
        }

        return method == InspectionMethod.Padim ? ["layer1", "layer2", "layer3"] : ["layer2", "layer3"];
    }

    /// <summary>The catalogue's preprocessing, or ImageNet's.</summary>
    public static ImagePreprocessing Preprocessing(string network, int size)
    {
        var own = Models.Registry.Find(network)?.Find<TakesPictures>()?.Preprocessing ?? ImagePreprocessing.ImageNet(size);
        return own with { Size = size };
    }

    private static Module<Tensor, Tensor> Network(string network, IReadOnlyList<string> layers, int size)
    {
        bool stages = layers.All(layer => layer is "layer1" or "layer2" or "layer3" or "layer4");
        if (stages && ResNetConfiguration.ByName.TryGetValue(network, out var configuration))
        {
            int last = layers.Max(layer => layer[^1] - '0');
            int[] blocks = [.. configuration.Layers.Select((count, k) => k < last ? count : 0)];
            return new ResNet(configuration with { Classes = 0, Layers = blocks });
        }

        var variant = Models.Registry.Get(network);
        return variant.Create(new ModelOptions(ImageSize: size)) as Module<Tensor, Tensor>
            ?? throw new UsageException($"{network} takes no pictures, so its features cannot be looked at");
    }
}
