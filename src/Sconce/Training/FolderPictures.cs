using Sconce.Data;

namespace Sconce.Training;

/// <summary>All pictures of a folder, whatever its layout, for what needs no labels.</summary>
/// <param name="Images">The pictures, in the order of <see cref="PictureFiles"/>; of CIFAR's files those to learn from first.</param>
/// <param name="Remarks">What a person should know of them, a sentence each.</param>
public sealed record FolderPictures(IDataset<ImageExample> Images, IReadOnlyList<string> Remarks)
{
    /// <summary>Opens a folder.</summary>
    /// <param name="folder">With pictures in it or below it, or CIFAR's binary files.</param>
    /// <param name="heldOut">True for the part to be asked about alone, false for the part to learn from alone; null for
    /// everything.</param>
    /// <exception cref="DataException">There are no pictures, or no such part.</exception>
    public static FolderPictures Open(string folder, bool? heldOut = null)
    {
        if (LabelledImages.IsCifar(folder))
        {
            var cifar = LabelledImages.Open(folder, null, 0.1, 0);
            return new FolderPictures(heldOut switch
            {
                null => Datasets.Concatenate(cifar.Train, cifar.Test),
                true => cifar.Test,
                false => cifar.Train
            }, []);
        }

        string place = heldOut is { } asked ? PartOf(folder, asked) : folder;
        var pictures = PictureFiles.Of([place]);
        if (pictures.Count > 0) return new FolderPictures(pictures, pictures.Remarks);
        throw new DataException(place,
            string.Join(". ",
            (string[])[$"there are no pictures in it ({string.Join(' ', FileWalk.ImageExtensions)})", .. pictures.Remarks]));
    }

    /// <summary>The folder of one part of a folder that has parts.</summary>
    /// <param name="folder">The whole.</param>
    /// <param name="heldOut">True for the part to be asked about, false for the part to learn from.</param>
    /// <exception cref="DataException">There is no such part.</exception>
    public static string PartOf(string folder, bool heldOut)
    {
        var layout = FolderLayout.Of(folder);
        return (heldOut ? layout.HeldOut ?? layout.Unsorted : layout.Learned)
            ?? throw new DataException(folder,
                $"it has no part {(heldOut ? "to be asked about (val, test …)" : "to learn from (train …)")}: leave the part out to "
                + "take all of it");
    }
}
