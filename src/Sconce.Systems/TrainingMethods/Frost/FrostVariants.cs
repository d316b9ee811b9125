using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>The published network.</summary>
public static class FrostVariants
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        new("frost_wrn28_2", "WideResNet-28-2 with a projection head; CIFAR-10 at 32 px",
            options => new FrostWideResNet(options.Classes ?? 10))
        {
            Capabilities =
            [
                TensorInput.Pictures(32),
                new ImageClassifier(10, "classifier",
                    new ImagePreprocessing(32, [0.4914f, 0.4822f, 0.4465f], [0.2471f, 0.2435f, 0.2616f]) { CropFraction = 1 }),
            ],
            Parameters = 5_728_602,
        },
    ];
}
