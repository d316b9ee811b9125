using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>The networks under the carrier's names (timm@aa4b585 timm/models/nfnet.py).</summary>
internal static class NFNetVariants
{
    private const string Converted = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-dnf-weights/";
    private const string Retrained = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/";

    /// <summary>Training size, test size, dropout, crop fraction and accuracy of F0 to F7; 2102.06171 tables 1 and 3.</summary>
    private static readonly (int Train, int Test, double Dropout, double Crop, string Hash, string Accuracy)[] Fs =
    [
        (192, 256, 0.2, 0.9, "604f9c3a", "83.6"),
        (224, 320, 0.3, 0.91, "fc540f82", "84.7"),
        (256, 352, 0.4, 0.92, "89875923", "85.1"),
        (320, 416, 0.4, 0.94, "d74ab3aa", "85.7"),
        (384, 512, 0.5, 0.951, "0ac5b10b", "85.9"),
        (416, 544, 0.5, 0.954, "ecb20ab1", "86.0"),
        (448, 576, 0.5, 0.956, "e0f12116", "86.5 with SAM"),
        (480, 608, 0.5, 0.956, "", ""),
    ];

    private static readonly (int[] Depths, int[] Channels, int Size)[] RegNets =
    [
        ([1, 3, 6, 6], [48, 104, 208, 440], 256),
        ([2, 4, 7, 7], [48, 104, 208, 440], 288),
        ([2, 4, 8, 8], [56, 112, 232, 488], 272),
        ([2, 5, 9, 9], [56, 128, 248, 528], 320),
        ([2, 6, 11, 11], [64, 144, 288, 616], 384),
        ([3, 7, 14, 14], [80, 168, 336, 704], 456),
    ];

    private static readonly long[] FParameters =
        [71_489_284, 132_634_256, 193_779_228, 254_924_200, 316_069_172, 377_214_144, 438_359_116, 499_504_088];
    private static readonly long[] FPlusParameters =
        [118_824_516, 220_357_008, 321_889_500, 423_421_992, 524_954_484, 626_486_976, 728_019_468, 829_551_960];
    private static readonly long[] RegNetParameters = [8_764_288, 10_223_984, 14_314_608, 18_593_832, 30_210_816, 49_741_728];

    internal static IReadOnlyList<ModelVariant> All { get; } =
    [
        .. Enumerable.Range(0, 8).Select(number => F(number, plus: false)),
        .. Enumerable.Range(0, 8).Select(number => F(number, plus: true)),
        ResNet("nf_resnet26", [2, 2, 2, 2], 15_995_176, 256, null),
        ResNet("nf_resnet50", [3, 4, 6, 3], 25_557_032, 288, "nf_resnet50_ra2-9f236009.pth"),
        ResNet("nf_resnet101", [3, 4, 23, 3], 44_549_160, 256, null),
        .. Enumerable.Range(0, 6).Select(RegNet),
    ];

    private static ModelVariant F(int number, bool plus)
    {
        var (train, test, dropout, crop, hash, accuracy) = Fs[number];
        bool published = !plus && hash.Length > 0;
        return Variant(
            $"dm_nfnet_f{number}{(plus ? "_plus" : "")}",
            $"NFNet-F{number}{(plus ? "+, wider" : "")}: trained at {train}, tested at {test} pixels",
            NFNetConfig.F(number, plus),
            dropout,
            train,
            ImagePreprocessing.ImageNet(test, crop, ResizeFilter.Bicubic, ResizeMode.Squash)) with
        {
            Parameters = (plus ? FPlusParameters : FParameters)[number],
            Weights = !published ? [] :
            [
                new OfficialWeights(new Uri($"{Converted}dm_nfnet_f{number}-{hash}.pth"), hash, "Apache-2.0",
                    $"DeepMind's weights as timm converted them; {accuracy} % top-1 in the paper. Not downloaded or verified here."),
                new OfficialWeights(new Uri($"https://storage.googleapis.com/dm-nfnets/F{number}_haiku.npz"), "", "Apache-2.0",
                    "DeepMind's own file (a pickle, whatever its ending); loaded by HaikuWeights. Not downloaded or verified here."),
            ],
        };
    }

    private static ModelVariant ResNet(string name, int[] depths, long parameters, int size, string? file) =>
        Variant(name, $"NF-ResNet of depths {string.Join(", ", depths)}", NFNetConfig.ResNet(depths), 0, 224,
            ImagePreprocessing.ImageNet(size, 0.94, ResizeFilter.Bicubic)) with
        {
            Parameters = parameters,
            Weights = Published(file),
        };

    private static ModelVariant RegNet(int number)
    {
        var (depths, channels, size) = RegNets[number];
        return Variant($"nf_regnet_b{number}", $"NF-RegNet-B{number} with widths rounded to eights",
            NFNetConfig.RegNetB(depths, channels), 0, size, ImagePreprocessing.ImageNet(size, 0.9, ResizeFilter.Bicubic)) with
        {
            Parameters = RegNetParameters[number],
            Weights = Published(number == 1 ? "nf_regnet_b1_256_ra2-ad85cfef.pth" : null),
        };
    }

    private static ModelVariant Variant(
        string name, string description, NFNetConfig config, double dropout, int size, ImagePreprocessing preprocessing) => new(
        name,
        description,
        options => new NFNet(config with
        {
            Classes = options.Classes ?? config.Classes,
            Dropout = options.Dropout ?? dropout,
            StochasticDepth = options.DropPath ?? (dropout > 0 ? 0.25 : 0),
        }))
        {
            Capabilities = [TensorInput.Pictures(size), new ImageClassifier(config.Classes, "head.fc", preprocessing)],
        };

    private static IReadOnlyList<OfficialWeights> Published(string? file) => file is null ? [] :
        [new OfficialWeights(new Uri(Retrained + file), file[(file.LastIndexOf('-') + 1)..^4], "Apache-2.0", "timm's own training. Not "
            + "downloaded or verified here.")];
}
