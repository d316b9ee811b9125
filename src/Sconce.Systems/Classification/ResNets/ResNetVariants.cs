using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;

namespace Sconce.Systems.Classification.ResNets;

/// <summary>The networks for CIFAR under akamaster's names, those for ImageNet under torchvision's.</summary>
internal static class ResNetVariants
{
    private const string Akamaster = "https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/";
    private const string Torchvision = "https://download.pytorch.org/models/";

    internal static IReadOnlyList<ModelVariant> All { get; } =
    [
        Cifar(20, 269_722, "resnet20-12fca82f.th", "91.73"),
        Cifar(32, 464_154, null, "92.63"),
        Cifar(44, 658_586, "resnet44-014dd654.th", "93.10"),
        Cifar(56, 853_018, null, "93.39"),
        Cifar(110, 1_727_962, null, "93.68"),
        ImageNet("resnet18", 11_689_512, "f37072fd", "69.76"),
        ImageNet("resnet34", 21_797_672, "b627a593", "73.31"),
        ImageNet("resnet50", 25_557_032, "0676ba61", "76.13"),
        ImageNet("resnet101", 44_549_160, "63fe2227", "77.37"),
        ImageNet("resnet152", 60_192_808, "394f9c45", "78.31"),
    ];

    private static ModelVariant Cifar(int depth, long parameters, string? file, string accuracy) =>
        new($"resnet{depth}", $"ResNet-{depth} for pictures of 32 pixels",
            options => new CifarResNet((depth - 2) / 6, options.Classes ?? 10))
        {
            Capabilities = [TensorInput.Pictures(32), new ImageClassifier(10, "linear", ImagePreprocessing.ImageNet(32, 1))],
            Parameters = parameters,
            Weights =
            [
                new OfficialWeights(
                    new Uri(Akamaster + file),
                    file is null ? "" : file[(file.IndexOf('-') + 1)..^3],
                    "BSD-2-Clause",
                    $"CIFAR-10; {accuracy} % in the publisher's table.{(depth == 20 ? "" : " Not downloaded or verified here.")}"),
            ],
        };

    private static ModelVariant ImageNet(string name, long parameters, string hash, string accuracy) =>
        new(name, $"ResNet-{name[6..]} for photographs, torchvision's form",
            options => new ResNet(ResNetConfiguration.Of(name) with { Classes = options.Classes ?? 1000 }))
        {
            Capabilities = [TensorInput.Pictures(224), new ImageClassifier(1000, "fc", ImagePreprocessing.ImageNet(224))],
            Parameters = parameters,
            Weights = [new OfficialWeights(new Uri($"{Torchvision}{name}-{hash}.pth"), hash, "BSD-3-Clause",
                $"torchvision's IMAGENET1K_V1; {accuracy} % top-1 in its table. Not downloaded or verified here.")],
        };
}
