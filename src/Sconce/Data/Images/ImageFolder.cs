using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>
/// Pictures sorted into folders, a class a subfolder: <c>photos/cat/1.jpg</c>. Classes are numbered in the order of their names (by code
/// unit, as torchvision's ImageFolder; names that are all whole numbers by value, so that 2 comes before 10); pictures lie at any depth
/// below. Opening lists files and reads no picture.
/// </summary>
public sealed class ImageFolder : IDataset<ImageExample>
{
    private readonly string[] files;
    private readonly int[] labels;
    private readonly ImageOptions? options;

    private ImageFolder(string root, string[] classes, string[] files, int[] labels, ImageOptions? options)
    {
        (Root, Classes, this.files, this.labels, this.options) = (root, classes, files, labels, options);
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The classes' names; a label is an index into them.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The pictures' paths, by item.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>The class of each item.</summary>
    public IReadOnlyList<int> Labels => labels;

    /// <summary>What a person should know of the folder, a sentence each: files that are left out, an order of classes that others may not
    /// expect.</summary>
    public IReadOnlyList<string> Remarks { get; private init; } = [];

    /// <inheritdoc/>
    public int Count => files.Length;

    /// <summary>Decodes one picture.</summary>
    /// <exception cref="ImageException">The file is broken; the message names it.</exception>
    public ImageExample this[int index] => new(Image.Load(files[index], options)) { Label = labels[index], Name = files[index] };

    /// <inheritdoc/>
    public string NameOf(int index) => files[index];

    /// <summary>Lists a folder.</summary>
    /// <param name="root">Holds one folder a class.</param>
    /// <param name="classes">The classes wanted, in this order: those that a model was trained with, say. Left out: the subfolders.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="DataException">No such folder, no subfolders, a class without pictures, a folder that is no class, or a link that
    /// leads back.</exception>
    public static ImageFolder Open(string root, IReadOnlyList<string>? classes = null, ImageOptions? options = null)
    {
        var folders = FileWalk.Folders(root);
        var loose = new LeftOutFiles();
        FileWalk.Files(root).Where(FileWalk.IsPicture).Order(StringComparer.Ordinal).ToList().ForEach(loose.Add);
        if (folders.Count == 0)
        {
            throw new DataException(root, loose.Count > 0
                ? $"{loose.Count} pictures lie in the folder itself. Sort them into one subfolder a class"
                : "the folder is empty. It must hold one subfolder a class, with pictures");
        }
        string[] names = classes is null ? ClassOrder.Of(folders) : [.. classes];
        if (names.Distinct().Count() < names.Length)
            throw new DataException(root, "a class is asked for twice; a class has one name");
        var unknown = folders.Except(names).ToList();
        if (unknown.Count > 0)
            throw new DataException(root,
                $"the folder '{unknown[0]}' is none of the {names.Length} classes. {NearestNames.Suggest(unknown[0], names)}".TrimEnd()
                + $" The classes are {Listed(names)}; the folders are {Listed(folders)}");
        List<string> files = [];
        List<int> labels = [];
        var leftOut = new LeftOutFiles();
        for (var label = 0; label < names.Length; label++)
        {
            if (!folders.Contains(names[label]))
                continue;    // a class of the model that this folder has no pictures of
            var others = new LeftOutFiles();
            var pictures = FileWalk.Pictures(Path.Combine(root, names[label]), others);
            if (pictures.Count == 0)
            {
                string instead = string.Concat(others.Remarks(Path.Combine(root, names[label]), "no picture")
                    .Select(remark => $" ({remark})"));
                throw new DataException(Path.Combine(root, names[label]),
                    $"no pictures ({string.Join(' ', FileWalk.ImageExtensions)}) are in it{instead}. Put some there, or remove the folder");
            }
            leftOut.Add(others);
            files.AddRange(pictures);
            labels.AddRange(Enumerable.Repeat(label, pictures.Count));
        }
        return new ImageFolder(root, names, [.. files], [.. labels], options)
        {
            Remarks =
            [
                .. loose.Remarks(root, "only the folders of classes are read"),
                .. leftOut.Remarks(root, $"only {string.Join(' ', FileWalk.ImageExtensions)} are read"),
                .. classes is null ? ClassOrder.Remarks(root, names) : [],
            ],
        };
    }

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(20)) + (names.Count > 20 ? $" and {names.Count - 20} more" : "");
}
