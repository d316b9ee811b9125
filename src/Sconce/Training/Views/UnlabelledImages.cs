using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Training;

/// <summary>A person's pictures for learning without labels, in a part to learn from and a part to be asked about. Where the folder sorts them by class, the labels are known but not learned.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To be asked about.</param>
/// <param name="Classes">The classes' names; none where pictures have no labels.</param>
public sealed record UnlabelledImages(IDataset<ImageExample> Train, IDataset<ImageExample> Test, IReadOnlyList<string> Classes)
{
    /// <summary>Opens any folder with pictures in it or below it.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="validation">The share held out, where the folder has no part of its own.</param>
    /// <param name="seed">Of the choice.</param>
    /// <exception cref="DataException">Too few pictures to hold any out.</exception>
    public static UnlabelledImages Open(string folder, double validation, ulong seed)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, File.Exists(folder) ? "this is a file, not a folder of pictures" : "there is no such folder");
        if (LabelledImages.IsLabelled(folder))
        {
            var labelled = LabelledImages.Open(folder, null, validation, seed);
            return new UnlabelledImages(labelled.Train, labelled.Test, labelled.Classes);
        }

        string[] files = [.. FileWalk.Pictures(folder)];
        if (files.Length < 4) throw new DataException(folder, $"{files.Length} pictures are too few to learn from and to hold some out");
        var (first, second) = Datasets.SplitByLabel(new int[files.Length], 1 - validation, seed);
        var all = new PictureFiles(files);
        return new UnlabelledImages(all.Subset(first), all.Subset(second), []);
    }

    private sealed class PictureFiles(string[] files) : IDataset<ImageExample>
    {
        public int Count => files.Length;

        public ImageExample this[int index] => new(Image.Load(files[index])) { Name = files[index] };

        public string NameOf(int index) => files[index];
    }
}
