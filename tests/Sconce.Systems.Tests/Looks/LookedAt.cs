using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;

namespace Sconce.Systems.Tests.Looks;

/// <summary>Small classifiers whose every number is known.</summary>
internal static class LookedAt
{
    public static ImagePreprocessing Preprocessing { get; } = new(32, [0, 0, 0], [1, 1, 1]) { CropFraction = 1 };

    /// <summary>A convolution, and a classifier of its means.</summary>
    public static Sequential Network(int channels = 8, int classes = 2) => new()
    {
        ["conv"] = new Conv2d(3, channels, 5, padding: 2),
        ["act"] = new Relu(),
        ["deep"] = new Conv2d(channels, channels, 3, padding: 1),
        ["pool"] = new GlobalAvgPool2d(),
        ["head"] = new Linear(channels, classes),
    };

    public static MadeRequest Request(Func<Module>? make = null, int classes = 2) =>
        new(make ?? (() => Network(classes: classes)), new ImageClassifier(classes, "head", Preprocessing))
        {
            OwnClasses = [.. Enumerable.Range(0, classes).Select(k => $"kind{k}")],
        };

    public static Image Picture(Func<int, int, byte> grey)
    {
        var pixels = new byte[32 * 32 * 3];
        for (int k = 0; k < 32 * 32; k++) pixels.AsSpan(3 * k, 3).Fill(grey(k % 32, k / 32));
        return Image.FromPixels(32, 32, 3, pixels);
    }
}
