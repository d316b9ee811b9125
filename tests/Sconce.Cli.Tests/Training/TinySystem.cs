using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;

namespace Sconce.Cli.Tests;

/// <summary>A classifier that trains in milliseconds, with all that makes a step depend on more than its batch: batch norms, dropout,
/// momentum.</summary>
internal sealed class TinySystem : CatalogueSystem
{
    public override SystemCard Card { get; } = FakeSystems.Card("tiny", "Tiny", "2021-W01", SystemTask.Classification, "Trains at once.");

    public override IReadOnlyList<ModelVariant> Variants { get; } =
        [Variant("tiny_net", 64), Variant("tiny_other", 32), new("tiny_numbers", "takes no pictures", _ => new Linear(2, 2))];

    private static ModelVariant Variant(string name, int width) =>
        new(name, "one convolution", options => Create(width, options.Classes ?? 4))
        {
            Capabilities = [TensorInput.Pictures(32), new ImageClassifier(4, "head", ImagePreprocessing.ImageNet(32, 1))],
        };

    private static Sequential Create(int width, int classes)
    {
        var network = new Sequential
        {
            ["conv"] = new Conv2d(3, width, 4, 4, bias: false),
            ["norm"] = new BatchNorm2d(width),
            ["act"] = new Relu(),
            ["drop"] = new Dropout(0.2),
            ["pool"] = new GlobalAvgPool2d(),
        };
        if (classes > 0) network["head"] = new Linear(width, classes);
        return network;
    }
}

/// <summary>Pictures for <see cref="TinySystem"/> in CIFAR's layout: four classes by the colour that is brightest, or that none is, under
/// noise.</summary>
internal static class TinyPictures
{
    private static readonly string[] Names = ["red", "green", "blue", "grey"];

    public static string Write(TemporaryFolder folder, int train = 96, int test = 24)
    {
        string data = Path.Combine(folder.Path, "data");
        Directory.CreateDirectory(data);
        File.WriteAllLines(Path.Combine(data, "labels.txt"), Names);
        File.WriteAllBytes(Path.Combine(data, "train.bin"), Records(train, 1));
        File.WriteAllBytes(Path.Combine(data, "test.bin"), Records(test, 2));
        return data;
    }

    /// <summary>The same as PNG files, a folder a class.</summary>
    public static string WriteFolder(TemporaryFolder folder, string name, int each)
    {
        string root = Path.Combine(folder.Path, name);
        byte[] records = Records(4 * each, 3);
        for (int k = 0; k < 4 * each; k++)
        {
            byte[] pixels = new byte[3072];
            for (int i = 0; i < 3072; i++) pixels[i] = records[(k * 3073) + 1 + ((i % 3) * 1024) + (i / 3)];
            string place = Path.Combine(root, Names[k % 4]);
            Directory.CreateDirectory(place);
            Imaging.Image.FromPixels(32, 32, 3, pixels).Save(Path.Combine(place, $"{k}.png"));
        }

        return root;
    }

    private static byte[] Records(int count, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[count * 3073];
        random.NextBytes(bytes);
        for (int k = 0; k < count; k++)
        {
            int label = k % 4;
            bytes[k * 3073] = (byte)label;
            for (int i = 0; i < 3072; i++)
            {
                ref byte sample = ref bytes[(k * 3073) + 1 + i];
                sample = (byte)((sample / 2) + (i / 1024 == label ? 90 : 40));
            }
        }

        return bytes;
    }
}

/// <summary><c>sconce</c> over <see cref="TinySystem"/>.</summary>
internal static class Tiny
{
    public static Outcome Run(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int status = Application.Run(arguments, [new TinySystem()], new Terminal(output, error));
        return new Outcome(status, output.ToString(), error.ToString());
    }
}
