using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Training;

/// <summary>A person's labelled pictures, in a part to learn from and a part to be asked about.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To be asked about.</param>
/// <param name="Classes">The classes' names; labels are indices.</param>
public sealed record LabelledImages(IDataset<ImageExample> Train, IDataset<ImageExample> Test, IReadOnlyList<string> Classes)
{
    /// <summary>The label of each item of <see cref="Train"/>, without reading pictures.</summary>
    public IReadOnlyList<int> TrainLabels { get; init; } = [];

    private static readonly string[] TrainNames = ["train", "training"];
    private static readonly string[] TestNames = ["val", "valid", "validation", "test"];

    /// <summary>Opens a folder: CIFAR's binary files, <c>train</c> and <c>val</c> with a subfolder a class each, or a subfolder a class, of which a share is held out.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="classes">The classes wanted, in this order; null: as the folder has them.</param>
    /// <param name="validation">The share held out, where the folder has no part of its own.</param>
    /// <param name="seed">Of the choice.</param>
    /// <exception cref="DataException">Empty, of one class, or too few pictures to hold any out; a class that is not wanted.</exception>
    public static LabelledImages Open(string folder, IReadOnlyList<string>? classes, double validation, ulong seed)
    {
        var images = OpenAny(folder, classes, validation, seed);
        if (images.Classes.Count < 2) throw new DataException(folder, $"there is one class only, '{images.Classes[0]}': nothing is to be told apart. Put the pictures of each class into a subfolder of its own");
        if (images.Train.Count == 0 || images.Test.Count == 0) throw new DataException(folder, $"{images.Train.Count + images.Test.Count} pictures are too few: some are to learn from and some to be asked about, so a class needs two at least");
        return images;
    }

    /// <summary>The part to be asked about: a folder's test part where it has one, else all of it.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="classes">The classes that the network knows; null: as the folder has them.</param>
    public static (IDataset<ImageExample> Images, IReadOnlyList<string> Classes) OpenTest(string folder, IReadOnlyList<string>? classes)
    {
        if (IsCifar(folder))
        {
            var cifar = OpenCifar(folder, classes);
            return (cifar.Test, cifar.Classes);
        }

        var images = ImageFolder.Open(Part(folder, TestNames) ?? folder, classes);
        return (images, images.Classes);
    }

    private static LabelledImages OpenAny(string folder, IReadOnlyList<string>? classes, double validation, ulong seed)
    {
        if (IsCifar(folder)) return OpenCifar(folder, classes);
        if (Part(folder, TrainNames) is { } train && Part(folder, TestNames) is { } test)
        {
            var learned = ImageFolder.Open(train, classes);
            return new LabelledImages(learned, ImageFolder.Open(test, learned.Classes), learned.Classes) { TrainLabels = learned.Labels };
        }

        var all = ImageFolder.Open(folder, classes);
        var (first, second) = Datasets.SplitByLabel(all.Labels, 1 - validation, seed);
        return new LabelledImages(all.Subset(first), all.Subset(second), all.Classes) { TrainLabels = [.. first.Select(k => all.Labels[k])] };
    }

    /// <summary>Whether a folder holds pictures by class: CIFAR's files, a training and a test part, or two subfolders at least and no loose pictures.</summary>
    internal static bool IsLabelled(string folder) =>
        IsCifar(folder) || (Part(folder, TrainNames) is not null && Part(folder, TestNames) is not null) || (FileWalk.Folders(folder).Count > 1 && !FileWalk.HasLoosePictures(folder));

    private static bool IsCifar(string folder) =>
        Directory.Exists(folder) && (File.Exists(Path.Combine(folder, "train.bin")) || Directory.EnumerateFiles(folder, "data_batch_*.bin").Any());

    private static string? Part(string folder, string[] names) => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);

    private static LabelledImages OpenCifar(string folder, IReadOnlyList<string>? classes)
    {
        var cifar = CifarBinary.Read(folder);
        if (classes is not null && !classes.SequenceEqual(cifar.Names)) throw new DataException(folder, $"its classes are {string.Join(", ", cifar.Names)}, but the network knows {string.Join(", ", classes)}");
        return new LabelledImages(Examples(cifar.Train, "training"), Examples(cifar.Test, "test"), cifar.Names) { TrainLabels = [.. cifar.Train.Labels.ToArray().Select(label => (int)label)] };

        IDataset<ImageExample> Examples(CifarBinary.Part part, string name) =>
            Datasets.InMemory(Enumerable.Range(0, part.Count).Select(k => new ImageExample(Interleaved(part.Picture(k))) { Label = part.Labels[k], Name = $"{folder}, {name} picture {k}" }).ToArray());
    }

    private static Image Interleaved(ReadOnlySpan<byte> planes)
    {
        const int area = CifarBinary.Size * CifarBinary.Size;
        byte[] pixels = new byte[planes.Length];
        for (int k = 0; k < area; k++)
        {
            for (int channel = 0; channel < 3; channel++) pixels[(3 * k) + channel] = planes[(channel * area) + k];
        }

        return Image.FromPixels(CifarBinary.Size, CifarBinary.Size, 3, pixels);
    }
}
