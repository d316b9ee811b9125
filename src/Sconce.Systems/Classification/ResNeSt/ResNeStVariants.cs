using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>The released networks (zhanghang1989/ResNeSt@1dfb3e8 resnest/torch/models/resnest.py and ablation.py).</summary>
public static class ResNeStVariants
{
    private static readonly ResNeStConfig Fast = new([3, 4, 6, 3]) { AverageFirst = true };

    /// <summary>All of them under their official names.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("resnest50", new([3, 4, 6, 3]), 224, 27_483_240, "528c19ca", 81.03),
        Variant("resnest101", new([3, 4, 23, 3]) { StemWidth = 64 }, 256, 48_275_016, "22405ba7", 82.83),
        Variant("resnest200", new([3, 24, 36, 3]) { StemWidth = 64 }, 320, 70_201_544, "75117900", 83.84),
        Variant("resnest269", new([3, 30, 48, 8]) { StemWidth = 64 }, 416, 110_929_480, "0cc87c48", 84.54),
        Variant("resnest50_fast_1s1x64d", Fast with { Radix = 1 }, 224, 26_217_896, "d8fbf808", 80.33),
        Variant("resnest50_fast_2s1x64d", Fast, 224, 27_483_240, "44938639", 80.53),
        Variant("resnest50_fast_4s1x64d", Fast with { Radix = 4 }, 224, 31_912_712, "f74f3fc3", 80.76),
        Variant("resnest50_fast_1s2x40d", Fast with { Radix = 1, Cardinality = 2, BottleneckWidth = 40 }, 224, 25_946_680,
            "32830b84", 80.59),
        Variant("resnest50_fast_2s2x40d", Fast with { Cardinality = 2, BottleneckWidth = 40 }, 224, 26_943_792, "9d126481", 80.61),
        Variant("resnest50_fast_4s2x40d", Fast with { Radix = 4, Cardinality = 2, BottleneckWidth = 40 }, 224, 30_417_592,
            "41d14ed0", 81.14),
        Variant("resnest50_fast_1s4x24d", Fast with { Radix = 1, Cardinality = 4, BottleneckWidth = 24 }, 224, 25_677_000,
            "d4a4f76f", 80.99),
    ];

    private static ModelVariant Variant(string name, ResNeStConfig config, int crop, long parameters, string hash, double accuracy) =>
        new(name, $"ResNeSt of {string.Join(", ", config.Layers)} blocks, radix {config.Radix}, cardinality {config.Cardinality}, width "
            + $"{config.BottleneckWidth}, ImageNet-1k at {crop} px", options =>
            new ResNeSt(config with { Classes = options.Classes ?? 1000, Dropout = options.Dropout ?? 0 }))
        {
            // Official: the centre square of short side · crop / (crop + 32), then resized; here resized, then cropped.
            Capabilities =
            [
                TensorInput.Pictures(crop),
                new ImageClassifier(1000, "fc", ImagePreprocessing.ImageNet(crop, crop / (crop + 32.0))),
            ],
            Parameters = parameters,
            Weights =
            [
                new OfficialWeights(
                    new Uri($"https://github.com/zhanghang1989/ResNeSt/releases/download/weights_step1/{name}-{hash}.pth"),
                    hash,
                    "Apache-2.0",
                    $"ImageNet-1k, top-1 {accuracy:0.00} published; neither the file nor the figure could be verified here"),
            ],
        };
}
