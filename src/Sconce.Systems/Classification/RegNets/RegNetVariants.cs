using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;

namespace Sconce.Systems.Classification.RegNets;

/// <summary>The published networks: torchvision 0.14.1 models/regnet.py, and the trunks of SEER
/// (facebookresearch/vissl@09270ed2).</summary>
public static class RegNetVariants
{
    private const string Address = "https://download.pytorch.org/models/";

    /// <summary>All of them under torchvision's names.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Torchvision("regnet_y_400mf", new(16, 48, 27.89, 2.09, 8), 4_344_144, ("e6988f5f", 75.804), ("c65dace8", 74.046)),
        Torchvision("regnet_y_800mf", new(14, 56, 38.84, 2.40, 16), 6_432_512, ("58fc7688", 78.828), ("1b27b58c", 76.42)),
        Torchvision("regnet_y_1_6gf", new(27, 48, 20.71, 2.65, 24), 11_202_430, ("0d7bc02a", 80.876), ("b11a554e", 77.95)),
        Torchvision("regnet_y_3_2gf", new(21, 80, 42.63, 2.66, 24), 19_436_338, ("9180c971", 81.982), ("b5a9779c", 78.948)),
        Torchvision("regnet_y_8gf", new(17, 192, 76.82, 2.19, 56), 39_381_472, ("dc2b1b54", 82.828), ("d0d0e4a8", 80.032)),
        Torchvision("regnet_y_16gf", new(18, 200, 106.23, 2.48, 112), 83_590_140, ("3e4a00f9", 82.886), ("9e6ed7dd", 80.424)),
        Torchvision("regnet_y_32gf", new(20, 232, 115.89, 2.53, 232), 145_046_770, ("8db6d4b5", 83.368), ("4dee3f7a", 80.878)),
        Variant("regnet_y_64gf", RegNetDesign.Y64, 281_378_786),
        Variant("regnet_y_128gf", RegNetDesign.Y128, 644_812_894) with
        {
            Capabilities = [TensorInput.Pictures(384), Classifier(ImagePreprocessing.ImageNet(384, 1, ResizeFilter.Bicubic))],
            Weights =
            [
                Weights("regnet_y_128gf_swag-c8ce3e52", "CC-BY-NC 4.0",
                    "SWAG, fine-tuned on ImageNet-1k at 384 px, top-1 88.228 published"),
                Weights("regnet_y_128gf_lc_swag-cbe8ce12", "CC-BY-NC 4.0",
                    "SWAG, linear classifier on the frozen trunk at 224 px, bicubic, no crop; top-1 86.068 published"),
            ],
        },
        Variant("regnet_y_256gf", RegNetDesign.Y256, 1_282_601_138),
        Variant("regnet_y_10b", RegNetDesign.Y10B, 9_352_215_872),
        Torchvision("regnet_x_400mf", new(22, 24, 24.48, 2.54, 16), 5_495_976, ("62229a5f", 74.864), ("adf1edd5", 72.834)),
        Torchvision("regnet_x_800mf", new(16, 56, 35.73, 2.28, 16), 7_259_656, ("94a99ebd", 77.522), ("ad17e45c", 75.212)),
        Torchvision("regnet_x_1_6gf", new(18, 80, 34.01, 2.25, 24), 9_190_136, ("a12f2b72", 79.668), ("e3633e7f", 77.04)),
        Torchvision("regnet_x_3_2gf", new(25, 88, 26.31, 2.25, 48), 15_296_552, ("7071aa85", 81.196), ("f342aeae", 78.364)),
        Torchvision("regnet_x_8gf", new(23, 80, 49.56, 2.88, 120), 39_572_648, ("2b70d774", 81.682), ("03ceed89", 79.344)),
        Torchvision("regnet_x_16gf", new(22, 216, 55.59, 2.10, 128), 54_278_536, ("ba3796d7", 82.716), ("2007eb11", 80.058)),
        Torchvision("regnet_x_32gf", new(23, 320, 69.86, 2.00, 168), 107_811_560, ("6eb8fdc6", 83.014), ("9d47f8d0", 80.622)),
    ];

    /// <summary>The configuration of torchvision's name, such as <c>regnet_y_16gf</c>.</summary>
    /// <exception cref="ArgumentException">The name is neither of X nor of Y.</exception>
    public static RegNetConfig Config(string name, RegNetDesign design) => new(design.Stages())
    {
        SqueezeRatio = name.StartsWith("regnet_y_", StringComparison.Ordinal) ? 0.25
            : name.StartsWith("regnet_x_", StringComparison.Ordinal) ? null
            : throw new ArgumentException($"'{name}' is neither a regnet_x nor a regnet_y", nameof(name)),
    };

    private static ModelVariant Torchvision(string name, RegNetDesign design, long parameters, (string Hash, double Accuracy) second,
        (string Hash, double Accuracy) first) =>
        Variant(name, design, parameters) with
        {
            Weights =
            [
                Weights($"{name}-{second.Hash}", "BSD-3-Clause",
                    $"torchvision's long recipe (IMAGENET1K_V2): resized to 232, top-1 {second.Accuracy:0.000} published"),
                Weights($"{name}-{first.Hash}", "BSD-3-Clause",
                    $"the paper's recipe (IMAGENET1K_V1): resized to 256, top-1 {first.Accuracy:0.000} published"),
                .. Swag(name),
            ],
        };

    private static ModelVariant Variant(string name, RegNetDesign design, long parameters)
    {
        var stages = design.Stages();
        return new(name, $"RegNet of widths {string.Join(", ", stages.Select(stage => stage.Width))} and depths "
            + $"{string.Join(", ", stages.Select(stage => stage.Depth))}", options =>
            new RegNet(Config(name, design) with { Classes = options.Classes ?? 1000 }))
        {
            Capabilities = [TensorInput.Pictures(224), Classifier(ImagePreprocessing.ImageNet(224, 224 / 232.0))],
            Parameters = parameters,
        };
    }

    private static ImageClassifier Classifier(ImagePreprocessing preprocessing) => new(1000, "fc", preprocessing);

    private static OfficialWeights[] Swag(string name) => name switch
    {
        "regnet_y_16gf" =>
        [
            Weights("regnet_y_16gf_swag-43afe44d", "CC-BY-NC 4.0",
                "SWAG, fine-tuned on ImageNet-1k at 384 px, bicubic, no crop; top-1 86.012 published"),
            Weights("regnet_y_16gf_lc_swag-f3ec0043", "CC-BY-NC 4.0",
                "SWAG, linear classifier on the frozen trunk at 224 px, bicubic, no crop; top-1 83.976 published"),
        ],
        "regnet_y_32gf" =>
        [
            Weights("regnet_y_32gf_swag-04fdfa75", "CC-BY-NC 4.0",
                "SWAG, fine-tuned on ImageNet-1k at 384 px, bicubic, no crop; top-1 86.838 published"),
            Weights("regnet_y_32gf_lc_swag-e1583746", "CC-BY-NC 4.0",
                "SWAG, linear classifier on the frozen trunk at 224 px, bicubic, no crop; top-1 84.622 published"),
        ],
        _ => [],
    };

    private static OfficialWeights Weights(string file, string licence, string note) =>
        new(new Uri($"{Address}{file}.pth"), file[^8..], licence, note + "; neither the file nor the figure could be verified here");
}
