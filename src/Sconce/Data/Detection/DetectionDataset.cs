using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>What to do about boxes without area, and boxes that leave their picture by more than a pixel.</summary>
public enum BoxFaults
{
    /// <summary>A <see cref="DataException"/> that names the annotation, when the set is opened.</summary>
    Stop,

    /// <summary>Boxes are cut at the picture's border, and those of which nothing is left are dropped;
    /// <see cref="DetectionDataset.RepairedBoxes"/> counts both.</summary>
    Repair,
}

/// <summary>Pictures with boxes, and masks where they are asked for, from COCO's JSON or VOC's XML. Opening reads the annotations and no
/// picture.</summary>
public sealed class DetectionDataset : IDataset<ImageExample>
{
    private readonly AnnotatedPicture[] pictures;
    private readonly ImageOptions? options;
    private readonly bool[] unturned;    // annotated as stored, before EXIF turns it; known once such a picture was read

    internal DetectionDataset(IReadOnlyList<string> classes, AnnotatedPicture[] pictures, int repaired, ImageOptions? options)
    {
        (Classes, this.pictures, RepairedBoxes, this.options) = (classes, pictures, repaired, options);
        unturned = new bool[pictures.Length];
        Categories = [.. Enumerable.Range(0, classes.Count).Select(label => (long)label)];
    }

    /// <summary>The classes' names; a box's label is an index into them.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The numbers that the annotations give the classes (COCO's category ids), in the order of <see cref="Classes"/>; 0, 1, …
    /// where they give none.</summary>
    public IReadOnlyList<long> Categories { get; internal init; }

    /// <summary>Whether objects have masks.</summary>
    public bool HasMasks { get; internal init; }

    /// <summary>For each class whether its objects are counted apart (things) or are one region a picture (stuff); null where pictures are
    /// not cut into segments.</summary>
    public IReadOnlyList<bool>? Things { get; internal init; }

    /// <summary>How many boxes were cut or dropped.</summary>
    public int RepairedBoxes { get; }

    /// <summary>What a person should know of the annotations, a sentence each: pictures under other names, sizes that had to be taken from
    /// the files, the first boxes that were cut or dropped.</summary>
    public IReadOnlyList<string> Remarks { get; internal init; } = [];

    /// <inheritdoc/>
    public int Count => pictures.Length;

    /// <summary>Whether any picture holds an object that is neither a crowd nor difficult. Of pictures cut into segments it is not looked
    /// up: true.</summary>
    internal bool HasObjects =>
        pictures.Any(picture => picture.Segments is not null || picture.Boxes.Any(box => !box.IsCrowd && !box.IsDifficult));

    /// <summary>Some of the pictures.</summary>
    internal DetectionDataset Part(IReadOnlyList<int> indices) => With(Classes, [.. indices.Select(index => pictures[index])]);

    /// <summary>These pictures and those of a set of the same classes.</summary>
    internal DetectionDataset Join(DetectionDataset other) =>
        With(Classes, [.. pictures, .. other.pictures], RepairedBoxes + other.RepairedBoxes);

    /// <summary>The same with the classes in another order, which go by their names; null where a class that an object has is not among
    /// them.</summary>
    /// <param name="classes">The order.</param>
    /// <param name="from">Whose numbers and kinds the classes then have; this set's where left out.</param>
    internal DetectionDataset? Relabelled(IReadOnlyList<string> classes, DetectionDataset? from = null)
    {
        var numbers = classes.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label);
        int[] labels = [.. Classes.Select(name => numbers.GetValueOrDefault(name, -1))];
        if (pictures.Any(picture => picture.Boxes.Any(box => labels[box.Label] < 0)
            || (picture.Segments?.Labels.Any(segment => labels[segment.Label] < 0) ?? false))) return null;
        AnnotatedPicture[] renumbered = [.. pictures.Select(picture => picture with
        {
            Boxes = [.. picture.Boxes.Select(box => box with { Label = labels[box.Label] })],
            Segments = picture.Segments is { } file
                ? file with { Labels = [.. file.Labels.Select(segment => segment with { Label = labels[segment.Label] })] } : null,
        })];
        from ??= this;
        int[] places = [.. classes.Select(name => from.Classes.ToList().IndexOf(name))];
        return new DetectionDataset(classes, renumbered, RepairedBoxes, options)
        {
            Categories = [.. places.Select(place => place < 0 ? -1 : from.Categories[place])],
            Things = from.Things is { } things ? [.. places.Select(place => place >= 0 && things[place])] : null,
            HasMasks = HasMasks,
            Remarks = Remarks,
        };
    }

    /// <summary>What annotations say of a picture, in a text that differs where they do.</summary>
    internal string Says(int index)
    {
        var picture = pictures[index];
        return FormattableString.Invariant($"{picture.Width} {picture.Height} ")
            + string.Join(';',
                picture.Boxes.Select(box =>
                FormattableString.Invariant(
                $"{Classes[box.Label]} {box.Left} {box.Top} {box.Right} {box.Bottom} {box.IsCrowd} {box.IsDifficult}")))
            + string.Join(';',
                picture.Segments?.Labels.Select(segment =>
                FormattableString.Invariant($"{segment.Id} {Classes[segment.Label]} {segment.IsCrowd}")) ?? []);
    }

    private DetectionDataset With(IReadOnlyList<string> classes, AnnotatedPicture[] some, int? repaired = null) =>
        new(classes, some, repaired ?? RepairedBoxes, options)
        {
            Categories = Categories,
            HasMasks = HasMasks,
            Things = Things,
            Remarks = Remarks
        };

    /// <summary>Decodes a picture; one that is annotated as it is stored, before EXIF turns it, comes as it is stored.</summary>
    /// <exception cref="DataException">It has another size than its annotation says.</exception>
    /// <exception cref="ImageException">The file is missing or broken.</exception>
    public ImageExample this[int index]
    {
        get
        {
            var picture = pictures[index];
            var image = Decode(picture, index);
            return image.Width == picture.Width && image.Height == picture.Height
                ? new ImageExample(image) { Boxes = BoxesOf(index), Name = picture.Path }
                : throw new DataException(picture.Path,
                    $"the picture has {image.Width} x {image.Height} pixels, but its annotation says {picture.Width} x "
                    + $"{picture.Height}: the boxes would lie elsewhere. Was the picture resized after it was annotated?");
        }
    }

    private Image Decode(AnnotatedPicture picture, int index)
    {
        if (unturned[index]) return Stored(picture);
        var image = Image.Load(picture.Path, options);
        bool mayBeTurned = (options?.ApplyOrientation ?? true) && picture.Width != picture.Height
            && (image.Width, image.Height) == (picture.Height, picture.Width);
        if (!mayBeTurned) return image;
        var stored = Stored(picture);
        if (stored.Width != picture.Width) return image;
        unturned[index] = true;
        return stored;
    }

    private Image Stored(AnnotatedPicture picture) =>
        Image.Load(picture.Path, (options ?? ImageOptions.Default) with { ApplyOrientation = false });

    /// <summary>The boxes of a picture, with masks where <see cref="HasMasks"/>, without decoding it.</summary>
    /// <exception cref="DataException">The file of its segments is missing or wrong.</exception>
    public IReadOnlyList<BoxAnnotation> BoxesOf(int index) => pictures[index].Objects();

    /// <summary>A picture's segments.</summary>
    /// <exception cref="InvalidOperationException">The set is not cut into segments (<see cref="Things"/> is null).</exception>
    /// <exception cref="DataException">The file of its segments is missing or wrong.</exception>
    public PanopticMap SegmentsOf(int index) => pictures[index].Segments?.Read(pictures[index])
        ?? throw new InvalidOperationException("these pictures are not cut into segments: open them with OpenPanoptic");

    /// <summary>The number that the annotations give a picture (COCO's <c>id</c>); its place where they give none.</summary>
    public long IdOf(int index) => pictures[index].Id;

    /// <inheritdoc/>
    public string NameOf(int index) => pictures[index].Path;

    /// <summary>COCO's <c>instances_….json</c>. Classes are numbered in the order of their category ids.</summary>
    /// <param name="annotations">The JSON file.</param>
    /// <param name="pictureFolder">Where <c>file_name</c> is looked up; the annotations' own folder where left out.</param>
    /// <param name="faults">About boxes that cannot be right.</param>
    /// <param name="options">How to decode.</param>
    /// <param name="masks">Whether to read <c>segmentation</c>, too, which each object must have: polygons, or runs as a list or a
    /// text.</param>
    /// <exception cref="DataException">The file is missing, is no such JSON, or names what does not exist.</exception>
    public static DetectionDataset OpenCoco(string annotations, string? pictureFolder = null, BoxFaults faults = BoxFaults.Stop,
        ImageOptions? options = null, bool masks = false) =>
        CocoReader.Read(annotations, new PictureFinder([pictureFolder ?? Path.GetDirectoryName(Path.GetFullPath(annotations))!]), faults,
            options, masks ? MaskWish.Required : MaskWish.None);

    /// <summary>COCO's <c>panoptic_….json</c>: each picture cut into segments, whose numbers are the colours of a PNG. Each segment is an
    /// object with a mask and the box around it.</summary>
    /// <param name="annotations">The JSON file.</param>
    /// <param name="pictureFolder">Where the images' <c>file_name</c> is looked up; the annotations' own folder where left out.</param>
    /// <param name="segmentFolder">Where the annotations' <c>file_name</c> is looked up; the folder named as the JSON file, beside it,
    /// where left out (as panopticapi does).</param>
    /// <param name="options">How to decode pictures.</param>
    /// <exception cref="DataException">The file is missing, is no such JSON, or names what does not exist.</exception>
    public static DetectionDataset OpenPanoptic(string annotations, string? pictureFolder = null, string? segmentFolder = null,
        ImageOptions? options = null) =>
        PanopticReader.Read(
            annotations,
            new PictureFinder([pictureFolder ?? Path.GetDirectoryName(Path.GetFullPath(annotations))!]),
            segmentFolder ?? Path.ChangeExtension(Path.GetFullPath(annotations), null),
            options);

    /// <summary>A folder in Pascal VOC's layout: <c>Annotations/*.xml</c>, <c>JPEGImages/</c>, and lists in
    /// <c>ImageSets/Main/</c>.</summary>
    /// <param name="root">Such as <c>VOCdevkit/VOC2012</c>.</param>
    /// <param name="list">Such as <c>train</c>: the file <c>ImageSets/Main/train.txt</c>. All annotations where left out.</param>
    /// <param name="classes">In this order; where left out, the names found, sorted.</param>
    /// <param name="faults">About boxes that cannot be right.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="DataException">A file is missing or malformed, or names a class that is not among those given.</exception>
    public static DetectionDataset OpenVoc(string root, string? list = null, IReadOnlyList<string>? classes = null,
        BoxFaults faults = BoxFaults.Stop, ImageOptions? options = null) =>
        VocReader.Read(root, list, classes, faults, options);
}

/// <summary>One picture and what is said of it.</summary>
internal sealed record AnnotatedPicture(string Path, long Id, int Width, int Height, IReadOnlyList<BoxAnnotation> Boxes)
{
    /// <summary>Of each box; null where masks were not asked for.</summary>
    internal IReadOnlyList<Segmentation>? Outlines { get; init; }

    /// <summary>Where it is cut into segments; its boxes are theirs.</summary>
    internal SegmentFile? Segments { get; init; }

    internal IReadOnlyList<BoxAnnotation> Objects() =>
        Segments is { } file ? file.Read(this).Objects()
        : Outlines is { } outlines ? [.. Boxes.Zip(outlines, (box, outline) => box with { Mask = outline.Mask(Width, Height) })]
        : Boxes;
}

/// <summary>Judges boxes on their way in.</summary>
internal sealed class BoxCheck(string source, BoxFaults faults)
{
    /// <summary>Of how many repaired boxes it is said where they stand.</summary>
    internal const int Named = 3;

    private const float Tolerance = 1;
    private readonly List<string> named = [];

    internal int Repaired { get; private set; }

    /// <summary>The first repaired boxes, a sentence each.</summary>
    internal IReadOnlyList<string> Remarks => named;

    /// <summary>The box inside its picture; null where nothing is left of it.</summary>
    internal BoxAnnotation? Check(BoxAnnotation box, int width, int height, string where)
    {
        if (!float.IsFinite(box.Left) || !float.IsFinite(box.Top) || !float.IsFinite(box.Right) || !float.IsFinite(box.Bottom))
            throw new DataException(
                source, $"{where}: the box ({box.Left}, {box.Top}, {box.Right}, {box.Bottom}) is not of finite numbers");
        var inside = box.Clip(width, height);
        var fault = box.Width <= 0 || box.Height <= 0 ? "has no area"
            : inside.Area <= 0 ? $"lies outside its picture of {width} x {height}"
            : box.Left < -Tolerance || box.Top < -Tolerance || box.Right > width + Tolerance || box.Bottom > height + Tolerance
            ? $"leaves its picture of {width} x {height}"
            : null;
        if (fault is null)
            return inside;
        if (faults == BoxFaults.Stop)
            throw new DataException(
                source, $"{where}: the box from ({box.Left}, {box.Top}) to ({box.Right}, {box.Bottom}) {fault}. Correct it, or have "
                + $"such boxes cut");
        Repaired++;
        bool isDropped = box.Width <= 0 || box.Height <= 0 || inside.Area <= 0;
        if (named.Count < Named)
            named.Add($"{source}, {where}: the box from ({box.Left}, {box.Top}) to ({box.Right}, {box.Bottom}) {fault}, and is "
                + (isDropped ? "dropped" : "cut"));
        return isDropped ? null : inside;
    }
}
