using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>The networks of the released configurations (taoyang1122/GradAug@bae97ea configs). Tested and served at full width, they are
/// plain classifiers.</summary>
public static class GradAugVariants
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        new("gradaug_resnet50", "ResNet-50, ImageNet-1k at 224 px; sub-networks of width 0.9 and more",
            options => new SlimResNet([3, 4, 6, 3], options.Classes ?? 1000))
        {
            Capabilities = [TensorInput.Pictures(224), new ImageClassifier(1000, "classifier.0", ImagePreprocessing.ImageNet(224))],
            Parameters = 25_557_032,
        },
        Cifar("gradaug_wrn28_10", "WideResNet-28-10; sub-networks of width 0.8 and more", 36_536_884, "fc",
            options => new SlimWideResNet(28, 10, options.Classes ?? 100, options.Dropout ?? 0)),
        Cifar("gradaug_pyramidnet200", "PyramidNet-200, alpha 240; sub-networks of width 0.8 and more", 26_844_952, "fc",
            options => new SlimPyramidNet(200, 240, options.Classes ?? 100)),
        Cifar("gradaug_resnet110_depth", "ResNet-110; sub-networks that lack blocks", 1_736_564, "fc",
            options => new RandomDepthResNet([18, 18, 18], options.Classes ?? 100)),
    ];

    private static ImagePreprocessing Cifar100 =>
        new(32, [125.3f / 255, 123.0f / 255, 113.9f / 255], [63.0f / 255, 62.1f / 255, 66.7f / 255]) { CropFraction = 1 };

    private static ModelVariant Cifar(string name, string description, long parameters, string head,
        Func<ModelOptions, Nn.Module> create) => new(name, $"{description}; CIFAR-100 at 32 px", create)
        {
            Capabilities =
            [
                TensorInput.Pictures(32),
                new ImageClassifier(100, head, Cifar100),
            ],
            Parameters = parameters,
        };
}
