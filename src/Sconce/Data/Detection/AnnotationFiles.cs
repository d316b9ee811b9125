namespace Sconce.Data;

/// <summary>Finds the files of annotations in a folder of pictures with objects: which part each is of, and where its pictures
/// lie.</summary>
internal sealed class AnnotationFiles
{
    private const string Panoptic = "panoptic_", Instances = "instances_";

    /// <summary>What COCO keeps beside objects.</summary>
    private static readonly string[] OtherKinds = ["captions_", "person_keypoints_", "stuff_", "image_info_", "lvis_"];

    /// <summary>Words beside a part's name that say what the file is anyway.</summary>
    private static readonly HashSet<string> Plain = ["annotations", "annotation", "coco", "labels", "instances", "bbox", "json"];
    private readonly string folder;
    private readonly MaskWish masks;

    internal AnnotationFiles(string folder, MaskWish masks)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder");
        (this.folder, this.masks) = (folder, masks);
        IsVoc = Directory.Exists(Path.Combine(folder, "Annotations")) && !FileWalk.Files(folder).Any(IsJson);
    }

    /// <summary>Whether the layout is Pascal VOC's.</summary>
    internal bool IsVoc { get; }

    /// <summary>Whether there are files that look like annotations.</summary>
    internal bool Any => IsVoc || Places().SelectMany(FileWalk.Files).Any(IsJson) || FileWalk.Folders(folder)
        .Where(name => PartNames.Of(name).Kind != PartKind.None).SelectMany(name => PartFiles(Path.Combine(folder, name))).Any();

    /// <summary>The part to learn from; null where there is none of its own.</summary>
    internal DetectionDataset? Learned() => Part(PartKind.Learned);

    /// <summary>The part to be asked about; null where there is none of its own.</summary>
    internal DetectionDataset? HeldOut() => Part(PartKind.Validation) ?? Part(PartKind.Test);

    /// <summary>The one part that there is.</summary>
    /// <exception cref="DataException">There is none, or several that might be.</exception>
    internal DetectionDataset Whole()
    {
        if (IsVoc) return masks == MaskWish.Required ? throw BoxesAlone() : DetectionDataset.OpenVoc(folder, faults: BoxFaults.Repair);
        string[] files = [.. Places().SelectMany(FileWalk.Files).Where(IsJson)
            .Where(file => !OtherKinds.Any(kind => Stem(file).StartsWith(kind, StringComparison.OrdinalIgnoreCase)))
            .Order(StringComparer.Ordinal)];
        string[] inside = [.. FileWalk.Folders(folder).Where(name => PartNames.Of(name).Kind != PartKind.None)
            .SelectMany(name => PartFiles(Path.Combine(folder, name)))];
        if (files.Length == 0) files = inside;
        string[] kind = [.. files.Where(file => IsPanoptic(file) == (masks != MaskWish.None))];
        return (kind, files) switch
        {
            ([var only], _) => Read(only),
            ([], [var only]) when masks != MaskWish.None => Read(only),
            ([], []) =>
                throw new DataException(folder,
                "this is no folder of pictures with objects: it has no COCO file (annotations/instances_train….json and "
                + "instances_val….json, train.json and val.json, or one JSON) and no Annotations/*.xml of Pascal VOC"),
            _ => throw new DataException(folder,
                $"which of {string.Join(", ", files.Select(Path.GetFileName))} is to learn from? Call them train.json and val.json"),
        };
    }

    private DetectionDataset? Part(PartKind kind)
    {
        if (IsVoc)
        {
            if (masks == MaskWish.Required) throw BoxesAlone();
            string lists = Path.Combine(folder, "ImageSets", "Main");
            string[] names = Directory.Exists(lists)
                ? [.. FileWalk.Files(lists).Where(file => Path.GetExtension(file) == ".txt").Select(Stem)
                .Where(name => PartNames.Is(name, kind))] : [];
            return Single(names, Path.GetFileName) is { } list ? DetectionDataset.OpenVoc(folder, list, faults: BoxFaults.Repair) : null;
        }

        string[] files = [.. Places().SelectMany(FileWalk.Files).Where(IsJson)];
        foreach (string prefix in masks == MaskWish.None ? [Instances] : new[] { Panoptic, Instances })
        {
            // Of several years the last.
            string? official = files.Where(file => Stem(file).StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && PartNames.Is(Stem(file)[prefix.Length..], kind)).Order(StringComparer.Ordinal).LastOrDefault();
            if (official is not null) return Read(official);
        }

        string[] plain =
        [
            .. files.Where(file => PartNames.Of(Stem(file)) is var name && name.Kind == kind
                && name.Other.Split(' ').All(word => word.Length == 0 || Plain.Contains(word))),
            .. FileWalk.Folders(folder).Where(name => PartNames.Is(name, kind)).SelectMany(name => PartFiles(Path.Combine(folder, name))),
        ];
        return Single(plain, file => Path.GetRelativePath(folder, file)) is { } found ? Read(found) : null;
    }

    private string? Single(string[] parts, Func<string, string?> shown)
    {
        string[] sure = parts.Length > 1 ? [.. parts.Where(part => !Stem(part).Contains("trainval", StringComparison.OrdinalIgnoreCase))]
            : parts;
        return sure.Length < 2 ? sure.FirstOrDefault()
            : throw new DataException(folder, $"which of {string.Join(", ", sure.Select(shown))} is the part? Move the others elsewhere");
    }

    /// <summary>Annotations that lie with a part's pictures: Roboflow's, or the only JSON there.</summary>
    private static string[] PartFiles(string part)
    {
        string[] files = [.. FileWalk.Files(part).Where(IsJson)];
        return files.Where(file => Path.GetFileName(file) == "_annotations.coco.json").ToArray() is { Length: 1 } own ? own
            : files.Length == 1 ? files : [];
    }

    /// <summary>Opens a file, with its pictures where they are found.</summary>
    private DetectionDataset Read(string file)
    {
        string beside = Path.GetDirectoryName(file)!, stem = Stem(file);
        bool official = stem.StartsWith(Panoptic, StringComparison.OrdinalIgnoreCase)
            || stem.StartsWith(Instances, StringComparison.OrdinalIgnoreCase);
        string part = official ? stem[(stem.IndexOf('_') + 1)..] : stem;
        var kind = PartNames.Of(part).Kind;
        string images = Path.Combine(folder, "images");
        string[] folders =
        [
            .. new[] { Path.Combine(folder, part), Path.Combine(images, part) }
                .Concat(new[] { folder, images }.Where(place => kind != PartKind.None && Directory.Exists(place))
                    .SelectMany(place => FileWalk.Folders(place).Where(name => PartNames.Is(name, kind))
                    .Select(name => Path.Combine(place, name))))
                .Concat([beside, Path.Combine(beside, "images"), folder, images, Path.Combine(folder, "Images"),
                    Path.Combine(folder, "JPEGImages")])
                .Where(Directory.Exists).Distinct(),
        ];
        // Where panopticapi looks, or beside the annotations' folder.
        string segments = new[] { Path.Combine(beside, stem), Path.Combine(folder, stem) }.FirstOrDefault(Directory.Exists)
            ?? Path.Combine(beside, stem);
        var finder = new PictureFinder(folders);
        var data = IsPanoptic(file) ? PanopticReader.Read(file, finder, segments, null)
            : CocoReader.Read(file, finder, BoxFaults.Repair, null, masks);
        return File.Exists(data.NameOf(0)) ? data
            : throw new DataException(file,
            $"its first picture, {Path.GetFileName(data.NameOf(0))}, lies in none of {string.Join(", ", folders)}");
    }

    private IEnumerable<string> Places() => new[] { Path.Combine(folder, "annotations"), folder }.Where(Directory.Exists);

    private DataException BoxesAlone() => new(folder, "masks were asked for, but Pascal VOC's annotations have boxes alone");

    private static bool IsJson(string file) => Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase)
        && !Path.GetFileName(file).StartsWith('.');

    private static bool IsPanoptic(string file) => Stem(file).StartsWith(Panoptic, StringComparison.OrdinalIgnoreCase);

    private static string Stem(string file) => Path.GetFileNameWithoutExtension(file);
}
