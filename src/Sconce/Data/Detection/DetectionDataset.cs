using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>What to do about boxes without area, and boxes that leave their picture by more than a pixel.</summary>
public enum BoxFaults
{
    /// <summary>A <see cref="DataException"/> that names the annotation, when the set is opened.</summary>
    Stop,

    /// <summary>Boxes are cut at the picture's border, and those of which nothing is left are dropped; <see cref="DetectionDataset.RepairedBoxes"/> counts both.</summary>
    Repair,
}

/// <summary>Pictures with boxes, from COCO's JSON or VOC's XML. Opening reads the annotations and no picture.</summary>
public sealed class DetectionDataset : IDataset<ImageExample>
{
    private readonly AnnotatedPicture[] pictures;
    private readonly ImageOptions? options;

    internal DetectionDataset(IReadOnlyList<string> classes, AnnotatedPicture[] pictures, int repaired, ImageOptions? options)
    {
        (Classes, this.pictures, RepairedBoxes, this.options) = (classes, pictures, repaired, options);
    }

    /// <summary>The classes' names; a box's label is an index into them.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How many boxes were cut or dropped.</summary>
    public int RepairedBoxes { get; }

    /// <inheritdoc/>
    public int Count => pictures.Length;

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="DataException">It has another size than its annotation says.</exception>
    /// <exception cref="ImageException">The file is missing or broken.</exception>
    public ImageExample this[int index]
    {
        get
        {
            var picture = pictures[index];
            var image = Image.Load(picture.Path, options);
            return image.Width == picture.Width && image.Height == picture.Height
                ? new ImageExample(image) { Boxes = picture.Boxes, Name = picture.Path }
                : throw new DataException(picture.Path, $"the picture has {image.Width} x {image.Height} pixels, but its annotation says {picture.Width} x {picture.Height}: the boxes would lie elsewhere. Were the pictures resized, or turned by EXIF (ImageOptions.ApplyOrientation)?");
        }
    }

    /// <summary>The boxes of a picture, without decoding it.</summary>
    public IReadOnlyList<BoxAnnotation> BoxesOf(int index) => pictures[index].Boxes;

    /// <summary>The number that the annotations give a picture (COCO's <c>id</c>); its place where they give none.</summary>
    public long IdOf(int index) => pictures[index].Id;

    /// <inheritdoc/>
    public string NameOf(int index) => pictures[index].Path;

    /// <summary>COCO's <c>instances_….json</c>. Classes are numbered in the order of their category ids.</summary>
    /// <param name="annotations">The JSON file.</param>
    /// <param name="pictureFolder">Where <c>file_name</c> is looked up; the annotations' own folder where left out.</param>
    /// <param name="faults">About boxes that cannot be right.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="DataException">The file is missing, is no such JSON, or names what does not exist.</exception>
    public static DetectionDataset OpenCoco(string annotations, string? pictureFolder = null, BoxFaults faults = BoxFaults.Stop, ImageOptions? options = null) =>
        CocoReader.Read(annotations, pictureFolder ?? Path.GetDirectoryName(Path.GetFullPath(annotations))!, faults, options);

    /// <summary>A folder in Pascal VOC's layout: <c>Annotations/*.xml</c>, <c>JPEGImages/</c>, and lists in <c>ImageSets/Main/</c>.</summary>
    /// <param name="root">Such as <c>VOCdevkit/VOC2012</c>.</param>
    /// <param name="list">Such as <c>train</c>: the file <c>ImageSets/Main/train.txt</c>. All annotations where left out.</param>
    /// <param name="classes">In this order; where left out, the names found, sorted.</param>
    /// <param name="faults">About boxes that cannot be right.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="DataException">A file is missing or malformed, or names a class that is not among those given.</exception>
    public static DetectionDataset OpenVoc(string root, string? list = null, IReadOnlyList<string>? classes = null, BoxFaults faults = BoxFaults.Stop, ImageOptions? options = null) =>
        VocReader.Read(root, list, classes, faults, options);
}

/// <summary>One picture and what is said of it.</summary>
internal sealed record AnnotatedPicture(string Path, long Id, int Width, int Height, IReadOnlyList<BoxAnnotation> Boxes);

/// <summary>Judges boxes on their way in.</summary>
internal sealed class BoxCheck(string source, BoxFaults faults)
{
    private const float Tolerance = 1;

    internal int Repaired { get; private set; }

    /// <summary>The box inside its picture; null where nothing is left of it.</summary>
    internal BoxAnnotation? Check(BoxAnnotation box, int width, int height, string where)
    {
        if (!float.IsFinite(box.Left) || !float.IsFinite(box.Top) || !float.IsFinite(box.Right) || !float.IsFinite(box.Bottom))
            throw new DataException(source, $"{where}: the box ({box.Left}, {box.Top}, {box.Right}, {box.Bottom}) is not of finite numbers");
        var inside = box.Clip(width, height);
        var fault = box.Width <= 0 || box.Height <= 0 ? "has no area"
            : inside.Area <= 0 ? $"lies outside its picture of {width} x {height}"
            : box.Left < -Tolerance || box.Top < -Tolerance || box.Right > width + Tolerance || box.Bottom > height + Tolerance ? $"leaves its picture of {width} x {height}"
            : null;
        if (fault is null)
            return inside;
        if (faults == BoxFaults.Stop)
            throw new DataException(source, $"{where}: the box from ({box.Left}, {box.Top}) to ({box.Right}, {box.Bottom}) {fault}. Correct it, or have such boxes cut with BoxFaults.Repair");
        Repaired++;
        return box.Width <= 0 || box.Height <= 0 || inside.Area <= 0 ? null : inside;
    }

    /// <summary>A file named by annotations, which must lie in the folder.</summary>
    internal static string Within(string folder, string name, string source)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var full = Path.GetFullPath(Path.Combine(root, name));
        return full.StartsWith(root, StringComparison.Ordinal) ? full : throw new DataException(source, $"it names the file '{name}', which lies outside {folder}");
    }

    /// <summary>A whole file of annotations.</summary>
    internal static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, Directory.Exists(path) ? "this is a folder, not a file of annotations" : "there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"the file cannot be read: {e.Message}", e);
        }
    }
}
