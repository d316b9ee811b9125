using System.Globalization;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>The EfficientNets that FixRes starts from, under timm's names, with the weights before its fine-tuning.</summary>
public static class FixResVariants
{
    private const string Address = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/";

    /// <summary>All of them. FixRes's test sizes: 320, 384, 420, 472, 512, 576, 576, 632, 800 from AdvProp's weights; L2 600 from Noisy
    /// Student's.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("tf_efficientnet_b0", new(1.0, 1.0) { Dropout = 0.2 }, 224, 0.875, 5_288_548, "ap-f262efe1", "ns-c0e6a31c"),
        Variant("tf_efficientnet_b1", new(1.0, 1.1) { Dropout = 0.2 }, 240, 0.882, 7_794_184, "ap-44ef0a3d", "ns-99dd0c41"),
        Variant("tf_efficientnet_b2", new(1.1, 1.2) { Dropout = 0.3 }, 260, 0.890, 9_109_994, "ap-2f8e7636", "ns-00306e48"),
        Variant("tf_efficientnet_b3", new(1.2, 1.4) { Dropout = 0.3 }, 300, 0.904, 12_233_232, "ap-aad25bdd", "ns-9d44bf68"),
        Variant("tf_efficientnet_b4", new(1.4, 1.8) { Dropout = 0.4 }, 380, 0.922, 19_341_616, "ap-dedb23e6", "ns-d6313a46"),
        Variant("tf_efficientnet_b5", new(1.6, 2.2) { Dropout = 0.4 }, 456, 0.934, 30_389_784, "ap-9e82fae8", "ns-6f26d0cf"),
        Variant("tf_efficientnet_b6", new(1.8, 2.6) { Dropout = 0.5 }, 528, 0.942, 43_040_704, "ap-4ffb161f", "ns-51548356"),
        Variant("tf_efficientnet_b7", new(2.0, 3.1) { Dropout = 0.5 }, 600, 0.949, 66_347_960, "ap-ddb28fec", "ns-1dbc32de"),
        Variant("tf_efficientnet_b8", new(2.2, 3.6) { Dropout = 0.5 }, 672, 0.954, 87_413_142, "ap-00e169fa", null),
        Variant("tf_efficientnet_l2_475", new(4.3, 5.3) { Dropout = 0.5 }, 475, 0.936, 480_309_308, null, "ns_475-bebbd00a"),
        Variant("tf_efficientnet_l2", new(4.3, 5.3) { Dropout = 0.5 }, 800, 0.96, 480_309_308, null, "ns-df73bb44"),
    ];

    /// <summary>The test transform of FixRes at a size.</summary>
    public static ImagePreprocessing TestTransform(int size) =>
        ImagePreprocessing.ImageNet(size, 0.875, ResizeFilter.Bilinear, ResizeMode.Height);

    private static ModelVariant Variant(string name, EfficientNetConfig config, int size, double crop, long parameters, string? advProp,
        string? noisyStudent) =>
        new(name, $"EfficientNet of width {config.Width.ToString("0.0", CultureInfo.InvariantCulture)}, depth "
            + $"{config.Depth.ToString("0.0", CultureInfo.InvariantCulture)}, ImageNet-1k at {size} px", options =>
            new EfficientNet(config with
            {
                Classes = options.Classes ?? 1000,
                Dropout = options.Dropout ?? config.Dropout,
                DropPath = options.DropPath ?? config.DropPath
            }))
        {
            Capabilities =
            [
                TensorInput.Pictures(size),
                new ImageClassifier(1000, "classifier", ImagePreprocessing.ImageNet(size, crop, ResizeFilter.Bicubic)),
            ],
            Parameters = parameters,
            Weights =
            [
                .. noisyStudent is null ? (OfficialWeights[])[]
                : [Weights(name, noisyStudent, "Noisy Student, unlabelled pictures besides ImageNet-1k")],
                .. advProp is null ? (OfficialWeights[])[]
                : [Weights(name, advProp, "AdvProp, ImageNet-1k only; trained with a mean and deviation of 0.5, which its own "
                    + "evaluation needs")],
            ],
        };

    private static OfficialWeights Weights(string name, string file, string note) => new(
        new Uri($"{Address}{(name.EndsWith("_475", StringComparison.Ordinal) ? name[..^4] : name)}_{file}.pth"),
        file[(file.LastIndexOf('-') + 1)..],
        "Apache-2.0",
        $"{note}. Before FixRes; not downloaded or verified here.");
}
