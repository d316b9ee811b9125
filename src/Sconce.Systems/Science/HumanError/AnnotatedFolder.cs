using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Science.HumanError;

/// <summary>
/// Pictures and, for each annotator, masks of the same names: subfolders <c>images</c> (or <c>pictures</c>, <c>scans</c>) and one more for
/// every annotator. A mask that is missing is simply not known. Masks are grey: 0 and 255, or the classes' numbers.
/// </summary>
internal sealed class AnnotatedFolder
{
    private const int MostClasses = 64;
    private static readonly string[] PictureNames = ["images", "image", "pictures", "scans", "slices", "img"];
    private readonly IReadOnlyList<IReadOnlyDictionary<string, string>> masks;
    private readonly bool isBinary;

    private AnnotatedFolder(
        IReadOnlyList<string> pictures, IReadOnlyList<string> annotators, IReadOnlyList<IReadOnlyDictionary<string, string>> masks,
            bool isBinary, int classes)
    {
        (Pictures, Annotators, this.masks, this.isBinary) = (pictures, annotators, masks, isBinary);
        Classes = [.. Enumerable.Range(0, classes).Select(k =>
            k == 0 ? "background" : classes == 2 ? "foreground" : FormattableString.Invariant($"class {k}"))];
    }

    /// <summary>Paths of pictures that somebody annotated.</summary>
    public IReadOnlyList<string> Pictures { get; }

    /// <summary>The annotators, by their folders.</summary>
    public IReadOnlyList<string> Annotators { get; }

    /// <summary>The classes' names.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Opens a folder; every mask is looked at once, for the classes.</summary>
    /// <param name="folder">See <see cref="AnnotatedFolder"/>.</param>
    /// <param name="annotators">Whose masks; all where there are none named.</param>
    /// <exception cref="DataException">No such layout, or a mask that is none.</exception>
    public static AnnotatedFolder Open(string folder, IReadOnlyList<string> annotators)
    {
        var names = FileWalk.Folders(folder);
        string pictures = names.FirstOrDefault(name => PictureNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? throw new DataException(folder,
                "it has no folder of pictures: call that one images, and give each annotator's masks a folder beside it");
        string[] whose = annotators.Count > 0 ? [.. annotators] : [.. names.Where(name => name != pictures)];
        if (Array.Find(whose, name => !names.Contains(name)) is { } unknown)
            throw new DataException(folder, $"there is no annotator '{unknown}': the folders are {string.Join(", ", names)}");
        if (whose.Length == 0) throw new DataException(folder, "it has no annotator: a folder of masks for each beside the pictures");
        var masks = whose.Select(name => (IReadOnlyDictionary<string, string>)Files(Path.Combine(folder, name))).ToList();
        string[] annotated = [.. Files(Path.Combine(folder, pictures)).Where(file => masks.Any(own => own.ContainsKey(file.Key)))
            .Select(file => file.Value)];
        if (annotated.Length < 2) throw new DataException(folder,
            $"{annotated.Length} pictures have a mask of the same name: two at least are needed");
        var values = new HashSet<int>();
        foreach (string path in masks.SelectMany(own => own.Values)) Collect(path, values);
        bool isBinary = values.All(value => value is 0 or 255);
        int classes = isBinary ? 2 : values.Max() + 1;
        if (classes > MostClasses) throw new DataException(folder,
            $"its masks have values up to {values.Max()}: they must be 0 and 255, or classes' numbers below {MostClasses}");
        return new AnnotatedFolder(annotated, whose, masks, isBinary, Math.Max(2, classes));
    }

    /// <summary>An annotator's mask of a picture as class numbers of a square, row by row; null where there is none.</summary>
    /// <exception cref="ImageException">It cannot be read.</exception>
    public int[]? Mask(int annotator, string picture, int side)
    {
        if (!masks[annotator].TryGetValue(Path.GetFileNameWithoutExtension(picture), out string? path)) return null;
        var grey = Grey(path).Resize(side, side, ResizeFilter.Nearest);
        int[] classes = new int[side * side];
        for (int k = 0; k < classes.Length; k++) classes[k] = isBinary ? (grey.Pixels[k] >= 128 ? 1 : 0) : grey.Pixels[k];
        return classes;
    }

    private static Dictionary<string, string> Files(string folder) =>
        FileWalk.All(folder).Where(path => PictureExtensions.Read.Contains(Path.GetExtension(path)))
        .GroupBy(path => Path.GetFileNameWithoutExtension(path)).ToDictionary(same => same.Key, same => same.First());

    private static void Collect(string path, HashSet<int> values)
    {
        foreach (byte value in Grey(path).Pixels) values.Add(value);
    }

    private static Image Grey(string path)
    {
        var mask = Image.Load(path).To8Bit();
        return mask.Channels == 1 ? mask : mask.ToRgb().ToGray();
    }
}
