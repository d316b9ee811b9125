namespace Sconce.Imaging;

/// <summary>The 1,000 classes of ImageNet-1k (ILSVRC 2012) in the order of every official classifier, in words that tell them apart (those
/// of CLIP's repository).</summary>
public static class ImageNetClasses
{
    /// <summary>Their names; number k is output k of a classifier.</summary>
    public static IReadOnlyList<string> Names { get; } = Read();

    private static string[] Read()
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream("Sconce.Imaging.imagenet-classes.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
