using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>The released networks (cfzd/FcaNet@aa5fb63 model/fcanet.py, hubconf.py).</summary>
public static class FcaNetVariants
{
    /// <summary>All of them under their official names.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("fcanet50", "fca50", new(true, [3, 4, 6, 3]), 28_071_976, 78.52, 78.57),
        Variant("fcanet34", "fca34", new(false, [3, 4, 6, 3]), 21_954_856, 75.07, 75.02),
        Variant("fcanet101", "fca101", new(true, [3, 4, 23, 3]), 49_292_328, 79.64, 79.63),
        Variant("fcanet152", "fca152", new(true, [3, 8, 36, 3]), 66_772_008, 80.08, 80.02),
    ];

    private static ModelVariant Variant(string name, string file, FcaNetConfig config, long parameters, double reported, double again) =>
        new(name, $"ResNet of {string.Join(", ", config.Layers)} {(config.Bottlenecks ? "bottlenecks" : "basic blocks")} with 16 "
            + $"frequencies of attention, ImageNet-1k at 224 px", options =>
            FcaNet.Create(config with { Classes = options.Classes ?? 1000 }))
        {
            Capabilities = [TensorInput.Pictures(224), new ImageClassifier(1000, "fc", ImagePreprocessing.ImageNet(224))],
            Parameters = parameters,
            Weights =
            [
                new OfficialWeights(
                    new Uri($"https://github.com/cfzd/FcaNet/releases/download/v1.0/{file}.pth"),
                    Licence: "MIT",
                    Note: $"ImageNet-1k, top-1 {reported:0.00} reported, {again:0.00} evaluated again by its authors; neither the file nor "
                        + $"the figures could be verified here"),
            ],
        };
}
