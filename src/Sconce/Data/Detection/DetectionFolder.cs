namespace Sconce.Data;

/// <summary>
/// A person's pictures with objects, in a part to learn from and a part to be asked about. The folder is COCO's (<c>annotations/instances_train2017.json</c> and <c>instances_val2017.json</c>
/// or <c>panoptic_…</c>, pictures in <c>train2017/</c> and <c>val2017/</c>), one with <c>train.json</c> and <c>val.json</c> or <c>test.json</c>, one with <c>train/_annotations.coco.json</c> and
/// <c>valid/…</c>, or Pascal VOC's; where there is one part alone, a share of it is held out.
/// </summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To be asked about; of the same classes.</param>
public sealed record DetectionFolder(DetectionDataset Train, DetectionDataset Test)
{
    private const string Panoptic = "panoptic_", Instances = "instances_";
    private static readonly string[] TrainNames = ["train"], TestNames = ["val", "valid", "validation", "test"];

    /// <summary>Opens both parts.</summary>
    /// <param name="folder">See <see cref="DetectionFolder"/>.</param>
    /// <param name="masks">Whether masks are wanted: panoptic files are then preferred, and boxes alone are a fault.</param>
    /// <param name="validation">The share that is held out where there is one part alone, in (0, 1).</param>
    /// <param name="seed">Which those are.</param>
    /// <exception cref="DataException">No such layout, or something in it is wrong.</exception>
    public static DetectionFolder Open(string folder, bool masks, double validation = 0.1, ulong seed = 0)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder");
        var wish = masks ? MaskWish.Required : MaskWish.None;
        if (Part(folder, TrainNames, wish) is { } train && Part(folder, TestNames, wish) is { } test)
        {
            // VOC's classes are what its files name: a rare one may be in one part alone.
            if (IsVoc(folder) && !train.Classes.SequenceEqual(test.Classes)) (train, test) = OfClasses(folder, [.. train.Classes.Union(test.Classes).Order(StringComparer.Ordinal)]);
            if (!train.Classes.SequenceEqual(test.Classes)) throw new DataException(folder, $"its two parts are of different classes: {string.Join(", ", train.Classes)} to learn, {string.Join(", ", test.Classes)} to be asked about");
            return new DetectionFolder(train, test).Checked(folder);
        }

        var whole = Whole(folder, wish);
        var order = AugmentationRandom.Permutation(whole.Count, seed, 0);
        int held = Math.Clamp((int)Math.Round(whole.Count * validation), 1, Math.Max(1, whole.Count - 1));
        return new DetectionFolder(whole.Part([.. order[held..].Order()]), whole.Part([.. order[..held].Order()])).Checked(folder);
    }

    /// <summary>The part to be asked about where the folder has one, else all of it.</summary>
    /// <param name="folder">See <see cref="DetectionFolder"/>.</param>
    /// <param name="masks">Whether masks are wanted where they are known; boxes alone are no fault.</param>
    /// <exception cref="DataException">No such layout, or something in it is wrong.</exception>
    public static DetectionDataset OpenTest(string folder, bool masks)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder");
        var wish = masks ? MaskWish.WhereKnown : MaskWish.None;
        return Part(folder, TestNames, wish) ?? Whole(folder, wish);
    }

    private DetectionFolder Checked(string folder)
    {
        if (Train.Count == 0 || Test.Count == 0) throw new DataException(folder, $"{Train.Count + Test.Count} pictures are too few: some are to learn from and some to be asked about");
        if (!Test.HasObjects) throw new DataException(folder, $"none of the {Test.Count} pictures to be asked about holds an object: there is nothing to find. Hold out more (--validation), or annotate them");
        return this;
    }

    private static bool IsVoc(string folder) => Directory.Exists(Path.Combine(folder, "Annotations")) && !Directory.EnumerateFiles(folder, "*.json").Any();

    private static (DetectionDataset Train, DetectionDataset Test) OfClasses(string folder, IReadOnlyList<string> classes) =>
        (DetectionDataset.OpenVoc(folder, VocList(folder, TrainNames), classes, BoxFaults.Repair), DetectionDataset.OpenVoc(folder, VocList(folder, TestNames), classes, BoxFaults.Repair));

    private static string? VocList(string folder, string[] names) => names.FirstOrDefault(name => File.Exists(Path.Combine(folder, "ImageSets", "Main", name + ".txt")));

    private static DataException BoxesAlone(string folder) => new(folder, "masks were asked for, but Pascal VOC's annotations have boxes alone");

    private static DetectionDataset? Part(string folder, string[] names, MaskWish masks)
    {
        if (IsVoc(folder)) return masks == MaskWish.Required ? throw BoxesAlone(folder) : VocList(folder, names) is { } list ? DetectionDataset.OpenVoc(folder, list, faults: BoxFaults.Repair) : null;
        string[] places = [.. new[] { Path.Combine(folder, "annotations"), folder }.Where(Directory.Exists)];
        foreach (string prefix in masks == MaskWish.None ? [Instances] : new[] { Panoptic, Instances })
        {
            foreach (string file in names.SelectMany(name => places.SelectMany(place => Directory.EnumerateFiles(place, $"{prefix}{name}*.json").OrderDescending(StringComparer.Ordinal)))) return Read(folder, file, masks);
        }

        var plain = names.SelectMany(name => places.Select(place => Path.Combine(place, name + ".json")).Append(Path.Combine(folder, name, "_annotations.coco.json"))).FirstOrDefault(File.Exists);
        return plain is null ? null : Read(folder, plain, masks);
    }

    private static DetectionDataset Whole(string folder, MaskWish masks)
    {
        if (IsVoc(folder)) return masks == MaskWish.Required ? throw BoxesAlone(folder) : DetectionDataset.OpenVoc(folder, faults: BoxFaults.Repair);
        string[] files = [.. new[] { folder, Path.Combine(folder, "annotations") }.Where(Directory.Exists).SelectMany(place => Directory.EnumerateFiles(place, "*.json")).Order(StringComparer.Ordinal)];
        string[] kind = [.. files.Where(file => Path.GetFileName(file).StartsWith(Panoptic, StringComparison.Ordinal) == (masks != MaskWish.None))];
        return (kind, files) switch
        {
            ([var only], _) => Read(folder, only, masks),
            ([], [var only]) when masks != MaskWish.None => Read(folder, only, masks),
            ([], []) => throw new DataException(folder, "this is no folder of pictures with objects: it has no COCO file (annotations/instances_train….json and instances_val….json, train.json and val.json, or one JSON) and no Annotations/*.xml of Pascal VOC"),
            _ => throw new DataException(folder, $"which of {string.Join(", ", files.Select(Path.GetFileName))} is to learn from? Call them train.json and val.json"),
        };
    }

    /// <summary>Opens a file, with its pictures where the first of them is found.</summary>
    private static DetectionDataset Read(string root, string file, MaskWish masks)
    {
        string stem = Path.GetFileNameWithoutExtension(file), beside = Path.GetDirectoryName(file)!;
        bool panoptic = stem.StartsWith(Panoptic, StringComparison.Ordinal);
        string part = stem[(stem.IndexOf('_') + 1)..];
        string[] folders = [.. new[] { Path.Combine(root, part), Path.Combine(root, "images", part), beside, root, Path.Combine(root, "images"), Path.Combine(root, "JPEGImages") }.Where(Directory.Exists).Distinct()];
        // Where panopticapi looks, or beside the annotations' folder.
        string segments = new[] { Path.Combine(beside, stem), Path.Combine(root, stem) }.FirstOrDefault(Directory.Exists) ?? Path.Combine(beside, stem);
        DetectionDataset? first = null;
        foreach (string pictures in folders)
        {
            var data = panoptic ? DetectionDataset.OpenPanoptic(file, pictures, segments) : CocoReader.Read(file, pictures, BoxFaults.Repair, null, masks);
            if (File.Exists(data.NameOf(0))) return data;
            first ??= data;
        }

        throw new DataException(file, $"its first picture, {Path.GetFileName(first!.NameOf(0))}, lies in none of {string.Join(", ", folders)}");
    }
}
