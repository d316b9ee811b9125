using Sconce.Data;
using Sconce.Data.Augmentations;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>Finds the map of a picture.</summary>
public interface ILabelMapSource
{
    /// <summary>The picture's map.</summary>
    /// <exception cref="DataException">There is none.</exception>
    StoredLabelMap Of(ImageExample example);
}

/// <summary>Maps in a folder as the published ones: <c>n01440764/n01440764_18.pt</c> for the picture
/// <c>…/n01440764/n01440764_18.JPEG</c>.</summary>
/// <param name="Root">The folder.</param>
public sealed record LabelMapFolder(string Root) : ILabelMapSource
{
    private static readonly string[] Endings = [".pt", ".npy", ".safetensors"];

    /// <summary>Where a picture's map lies, without ending: its folder's name and its own up to the first dot.</summary>
    /// <param name="picture">What the set calls it, usually its path.</param>
    public string FileOf(string picture)
    {
        string name = Path.GetFileName(picture), stem = name.Contains('.', StringComparison.Ordinal)
            ? name[..name.IndexOf('.', StringComparison.Ordinal)] : name;
        return Path.Combine(Root, Path.GetFileName(Path.GetDirectoryName(picture)) ?? "", stem);
    }

    /// <summary>Whether there is a map of a picture.</summary>
    public bool Has(string picture) => Endings.Any(ending => File.Exists(FileOf(picture) + ending));

    /// <inheritdoc/>
    public StoredLabelMap Of(ImageExample example)
    {
        string path = FileOf(example.Name);
        foreach (string ending in Endings)
        {
            if (File.Exists(path + ending)) return StoredLabelMap.Read(path + ending);
        }

        throw new DataException(example.Name, $"there is no label map {path} with the ending {string.Join(", ", Endings)}: download the "
            + $"published maps, or have an annotator make them");
    }
}

/// <summary>
/// A random crop with the labels of what it shows: takes the place of <see cref="RandomResizedCrop"/> and leaves soft targets, which
/// <see cref="CutMix"/> in the loader can mix and <see cref="Sconce.Training.LabelLoss"/> learns. naver-ai/relabel_imagenet@3d4824f
/// utils/relabel_functions.py <c>RandomResizedCropWithCoords</c>.
/// </summary>
/// <param name="Crop">What is cut out.</param>
/// <param name="Maps">The pictures' maps.</param>
/// <param name="Classes">How many there are.</param>
public sealed record ReLabelCrop(RandomResizedCrop Crop, ILabelMapSource Maps, int Classes = 1000) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        var same = random; // a copy repeats its numbers: the box is the one that is cut out
        var box = Crop.Sample(example.Image.Width, example.Image.Height, ref same);
        float[] targets = Maps.Of(example).Pool(box, example.Image.Width, example.Image.Height, Classes);
        return Crop.Apply(example, ref random) with { Targets = targets };
    }
}
