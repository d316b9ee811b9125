using Sconce.Data;

namespace Sconce.Abilities;

/// <summary>A folder of pictures with boxes, in a layout of <see cref="DetectionFolder"/>, taken as a whole.</summary>
public sealed class AnnotatedPictures : IInput<AnnotatedPictures>
{
    private AnnotatedPictures(string folder) => Folder = folder;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.AnnotatedPictures;

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public string Name => Folder;

    /// <inheritdoc/>
    public static AnnotatedPictures Of(string given) => new(given);

    /// <summary>Its pictures, of all parts; reads the annotations.</summary>
    /// <exception cref="DataException">No such layout, or something in it is wrong.</exception>
    public DetectionDataset Open() => DetectionFolder.Pictures(Folder);

    /// <inheritdoc/>
    public void Prepare()
    {
        if (!DetectionFolder.Is(Folder)) throw new DataException(Folder, "this is no folder of pictures with boxes: it has no annotations");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
