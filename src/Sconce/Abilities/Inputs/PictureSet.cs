namespace Sconce.Abilities;

/// <summary>Pictures that are asked about together; the folder that a picture lies in says its class.</summary>
public sealed class PictureSet : IInput<PictureSet>
{
    private const char Between = '\n';

    private PictureSet(string name, IReadOnlyList<Picture> pictures) => (Name, Pictures) = (name, pictures);

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Picture;

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The pictures, in the order in which they were named; decoded when they are looked at.</summary>
    public IReadOnlyList<Picture> Pictures { get; }

    /// <summary>A picture's file; several with line feeds between.</summary>
    public static PictureSet Of(string given)
    {
        string[] paths = given.Split(Between);
        string name = paths.Length == 1 ? paths[0] : $"{paths.Length} pictures";
        return new PictureSet(name, [.. paths.Select(Picture.Of)]);
    }

    /// <summary>Pictures that are in memory.</summary>
    public static PictureSet Of(params IReadOnlyList<Picture> pictures) => new($"{pictures.Count} pictures", pictures);

    /// <summary>The name of the folder that a picture lies in; empty for one in memory.</summary>
    public static string FolderOf(Picture picture) =>
        picture.Path is { } path ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "" : "";

    /// <summary>The class of each picture by its folder, as an index into the classes; null where the folder's name is none of
    /// them.</summary>
    public IReadOnlyList<int?> Labels(IReadOnlyList<string> classes)
    {
        var places = classes.Select((name, k) => (name, k)).ToLookup(pair => pair.name, pair => pair.k, StringComparer.Ordinal);
        return [.. Pictures.Select(FolderOf).Select(folder => places[folder].Cast<int?>().FirstOrDefault())];
    }

    /// <inheritdoc/>
    public void Prepare()
    {
        foreach (var picture in Pictures.Where(picture => picture.Path is { } path && !File.Exists(path)))
            throw new FileNotFoundException($"there is no file '{picture.Path}'");
    }
}
