using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>A picture and the class of each of its pixels.</summary>
/// <param name="Picture">8-bit RGB.</param>
/// <param name="Classes">8-bit grey of the same size, a class's number a pixel; null where it is not known.</param>
public sealed record LabelledPixels(Image Picture, Image? Classes);

/// <summary>
/// A person's pictures of which some, or all, have the classes of their pixels: a subfolder of pictures (<c>images</c>, <c>image</c>,
/// <c>JPEGImages</c>, <c>leftImg8bit</c>) and one of grey or indexed PNGs of the same names (<c>labels</c>, <c>masks</c>,
/// <c>SegmentationClass</c>, <c>gtFine</c>), whose values are classes' numbers; what is beyond the classes is unknown. Parts (<c>train</c>,
/// <c>val</c>) may have such subfolders each; else a share of the labelled pictures is held out. <c>classes.txt</c> names a class a line.
/// </summary>
public sealed class PixelLabelFolder
{
    /// <summary>The file of the classes' names.</summary>
    public const string ClassesName = "classes.txt";

    private const int Unknown = 250;
    private static readonly HashSet<string> PictureNames = Names("images image JPEGImages leftImg8bit");
    private static readonly HashSet<string> LabelNames = Names("labels label masks mask SegmentationClass gtFine");

    private readonly bool isKept;

    private PixelLabelFolder(
        Pictures labelled, Pictures unlabelled, Pictures heldOut, IReadOnlyList<string> classes, IReadOnlyList<string> remarks, bool isKept)
    {
        (Labelled, Unlabelled, HeldOut, Classes, Remarks) = (labelled, unlabelled, heldOut, classes, remarks);
        this.isKept = isKept;
    }

    /// <summary>To learn from, with classes.</summary>
    public IDataset<LabelledPixels> Labelled { get; }

    /// <summary>To learn from, without.</summary>
    public IDataset<LabelledPixels> Unlabelled { get; }

    /// <summary>To be asked about; all have classes.</summary>
    public IDataset<LabelledPixels> HeldOut { get; }

    /// <summary>The classes' names.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What a person should know of the data, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Opens both parts.</summary>
    /// <param name="folder">See <see cref="PixelLabelFolder"/>.</param>
    /// <param name="validation">The share of labelled pictures that is held out where there is one part alone, in (0, 1).</param>
    /// <param name="seed">Which those are.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <exception cref="DataException">No such layout; fewer than two labelled pictures; a file of the run that is gone.</exception>
    public static PixelLabelFolder Open(string folder, double validation = 0.1, ulong seed = 0, KeptParts? kept = null)
    {
        var (pairs, own) = PairedPictures.OfParts(folder, Pairs);
        var found = kept?.Find(folder, [.. pairs.Select(pair => pair.Picture)]);
        List<int> learned, held;
        if (found is not null) (learned, held) = (found.Learned, found.HeldOut);
        else if (own < pairs.Count)
        {
            learned = [.. Enumerable.Range(0, own)];
            held = [.. Enumerable.Range(own, pairs.Count - own).Where(k => pairs[k].Other is not null)];
        }
        else
        {
            int[] labelled = [.. Enumerable.Range(0, own).Where(k => pairs[k].Other is not null)];
            if (labelled.Length < 2) throw new DataException(folder, $"{labelled.Length} labelled pictures are too few: some are held out");
            held = [.. PairedPictures.Drawn(labelled.Length, validation, seed).HeldOut.Select(k => labelled[k])];
            learned = [.. Enumerable.Range(0, own).Except(held)];
        }

        if (held.Count == 0 || !learned.Any(k => pairs[k].Other is not null))
        {
            throw new DataException(folder, "some labelled pictures are to learn from and some to be asked about: there are too few");
        }

        var classes = ClassesOf(folder, pairs);
        return new PixelLabelFolder(
            Part(learned.Where(k => pairs[k].Other is not null)),
            Part(learned.Where(k => pairs[k].Other is null)),
            Part(held),
            classes,
            [.. found?.Remarks(folder) ?? []],
            found is not null);

        Pictures Part(IEnumerable<int> places) => new([.. places.Select(place => pairs[place])]);
    }

    /// <summary>All labelled pictures of a folder, to be asked about: its part for that where there is one.</summary>
    /// <param name="folder">See <see cref="PixelLabelFolder"/>.</param>
    /// <exception cref="DataException">No such layout.</exception>
    public static IDataset<LabelledPixels> OpenTest(string folder) =>
        new Pictures([.. Pairs(PairedPictures.AskedPart(folder)).Where(pair => pair.Other is not null)]);

    /// <summary>Keeps the parts in a run's folder, where they are not kept yet.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <param name="data">The folder that was opened.</param>
    public void Keep(string? folder, string data) => KeptParts.Keep(isKept ? null : folder, data,
    [
        .. Items(Labelled, RunPart.Learned), .. Items(Unlabelled, RunPart.Learned), .. Items(HeldOut, RunPart.HeldOut),
    ]);

    private static IEnumerable<RunItem> Items(IDataset<LabelledPixels> pictures, RunPart part) =>
        Enumerable.Range(0, pictures.Count).Select(k => new RunItem(part, pictures.NameOf(k)));

    private static List<(string Picture, string? Other)> Pairs(string folder) =>
        PairedPictures.Companions(folder, PictureNames, LabelNames)
        ?? throw new DataException(folder,
            "it has no subfolders images and labels (grey PNGs of the same names, a class's number a pixel)");

    private static IReadOnlyList<string> ClassesOf(string folder, List<(string Picture, string? Other)> pairs)
    {
        string file = Path.Combine(folder, ClassesName);
        if (File.Exists(file))
        {
            string[] names = [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
            return names.Length > 0 ? names : throw new DataException(file, "it names no class: one a line is wanted");
        }

        int most = 0;
        foreach (string? labels in pairs.Select(pair => pair.Other).OfType<string>())
        {
            foreach (byte value in Grey(labels).Pixels) most = value < Unknown ? Math.Max(most, value) : most;
        }

        return [.. Enumerable.Range(0, most + 1).Select(number => $"class {number}")];
    }

    /// <summary>The classes' numbers; a grey file may be decoded as three equal channels.</summary>
    private static Image Grey(string file)
    {
        var image = Image.Load(file).To8Bit();
        if (image.Channels == 1) return image;
        var rgb = image.ToRgb();
        var grey = new Image(rgb.Width, rgb.Height, 1);
        Span<byte> from = rgb.Pixels, to = grey.Pixels;
        for (int k = 0; k < to.Length; k++)
        {
            to[k] = from[3 * k];
            if (from[3 * k] == from[(3 * k) + 1] && from[3 * k] == from[(3 * k) + 2]) continue;
            throw new DataException(file, "labels are grey pictures, a class's number a pixel, and this is in colours");
        }

        return grey;
    }

    private static HashSet<string> Names(string names) => new(names.Split(' '), StringComparer.OrdinalIgnoreCase);

    private sealed class Pictures(IReadOnlyList<(string Picture, string? Other)> pairs) : IDataset<LabelledPixels>
    {
        public int Count => pairs.Count;

        public LabelledPixels this[int index]
        {
            get
            {
                var (file, labels) = pairs[index];
                var picture = Image.Load(file).To8Bit().ToRgb(Rgb.White);
                if (labels is null) return new LabelledPixels(picture, null);
                var classes = Grey(labels);
                return (classes.Width, classes.Height) == (picture.Width, picture.Height)
                    ? new LabelledPixels(picture, classes)
                    : throw new DataException(
                        labels, $"it is {classes.Width} x {classes.Height} pixels, but its picture is {picture.Width} x {picture.Height}");
            }
        }

        public string NameOf(int index) => pairs[index].Picture;
    }
}
