using System.Text.Json;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>COCO's object detection format (cocodataset.org, "Data format"): images, categories, and annotations with <c>bbox</c> as x, y,
/// width, height, and <c>segmentation</c>.</summary>
internal static class CocoReader
{
    internal static DetectionDataset Read(string path, PictureFinder finder, BoxFaults faults, ImageOptions? options, MaskWish masks)
    {
        using var document = Parse(path);
        var root = document.RootElement;
        return Read(path, finder, root, new BoxCheck(path, faults), options,
            masks == MaskWish.Required || (masks == MaskWish.WhereKnown && HasOutlines(root, path)));
    }

    private static bool HasOutlines(JsonElement root, string path) =>
        List(root, "annotations", path).Any(annotation => OutlineOf(annotation) is not null);

    /// <summary>An annotation's outline; null where it is missing, null, or empty, as programs write boxes alone.</summary>
    private static JsonElement? OutlineOf(JsonElement annotation) => AnnotationValues.Find(annotation, "segmentation") switch
    {
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().All(IsEmpty) ? null : list,
        { ValueKind: JsonValueKind.Object } mask =>
            !mask.EnumerateObject().Any() || (mask.TryGetProperty("counts", out var counts) && IsEmpty(counts)) ? null : mask,
        { ValueKind: JsonValueKind.String } text when AnnotationValues.Plain(text) is { Length: 0 } => null,
        var other => other,
    };

    private static bool IsEmpty(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => element.GetArrayLength() == 0,
        JsonValueKind.String => AnnotationValues.Plain(element) is { Length: 0 },
        _ => false,
    };

    internal static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(TextFiles.Utf8(DataFiles.ReadFile(path), path), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException e)
        {
            throw new DataException(path, $"this is no JSON: {e.Message}", e);
        }
    }

    private static DetectionDataset Read(string path, PictureFinder finder, JsonElement root, BoxCheck check, ImageOptions? options,
        bool masks)
    {
        var categories = Categories(root, path);
        var labels = categories.Keys.Select((id, label) => (id, label)).ToDictionary(pair => pair.id, pair => pair.label);
        var pictures = Pictures(root, finder, path, out var remarks);
        var boxes = pictures.ToDictionary(p => p.Id, _ => new List<BoxAnnotation>());
        var outlines = pictures.ToDictionary(p => p.Id, _ => new List<Segmentation>());
        var sizes = pictures.ToDictionary(p => p.Id, p => (p.Width, p.Height));
        foreach (var annotation in List(root, "annotations", path))
        {
            var where = $"annotation "
                + $"{(AnnotationValues.Find(annotation, "id") is { } number ? AnnotationValues.Shown(number) : "without an id")}";
            long image = AnnotationValues.Whole(annotation, "image_id", path, where), category = AnnotationValues.Whole(annotation,
                "category_id", path, where);
            if (!sizes.TryGetValue(image, out var size))
                throw new DataException(path, $"{where} belongs to the image {image}, which is not among the {pictures.Count} images");
            if (!labels.TryGetValue(category, out var label))
                throw new DataException(path, $"{where} has the category {category}, which is not among the {categories.Count} categories");
            var (x, y, width, height) = Box(annotation, path, where);
            var box = new BoxAnnotation((float)x, (float)y, (float)(x + width), (float)(y + height), label)
            {
                IsCrowd = AnnotationValues.Flag(annotation, "iscrowd", path, where),
                OutlineArea = (float?)AnnotationValues.Real(annotation, "area", path, where),
            };
            var outline = masks ? Outline(annotation, size, path, where) : null;
            if (check.Check(box, size.Width, size.Height, where) is not { } inside)
                continue;
            boxes[image].Add(inside);
            if (outline is not null)
                outlines[image].Add(outline);
        }
        return new DetectionDataset([.. categories.Values],
            [.. pictures.Select(p => p with { Boxes = boxes[p.Id], Outlines = masks ? outlines[p.Id] : null })], check.Repaired, options)
        {
            Categories = [.. categories.Keys],
            HasMasks = masks,
            Remarks = [.. remarks, .. check.Remarks],
        };
    }

    /// <summary>Names by number, in the numbers' order.</summary>
    internal static SortedDictionary<long, string> Categories(JsonElement root, string path)
    {
        var categories = new SortedDictionary<long, string>();
        foreach (var category in List(root, "categories", path))
        {
            long id = AnnotationValues.Whole(category, "id", path, "a category");
            if (!categories.TryAdd(id, AnnotationValues.Text(category, "name", path, $"category {id}")))
                throw new DataException(path, $"the category id {id} is given twice");
        }
        return categories.Count > 0 ? categories : throw new DataException(path, "it names no categories: there is nothing to detect");
    }

    /// <summary>The pictures in the file's order, without objects.</summary>
    internal static List<AnnotatedPicture> Pictures(JsonElement root, PictureFinder finder, string path, out IReadOnlyList<string> remarks)
    {
        var pictures = new List<AnnotatedPicture>();
        var known = new HashSet<long>();
        int measured = 0;
        foreach (var image in List(root, "images", path))
        {
            var id = AnnotationValues.Whole(image, "id", path, "an image");
            var where = $"image {id}";
            if (!known.Add(id))
                throw new DataException(path, $"the image id {id} is given twice");
            string picture = finder.Find(AnnotationValues.Text(image, "file_name", path, where), path);
            int width = Side(image, "width", path, where), height = Side(image, "height", path, where);
            if (width == 0 || height == 0)
            {
                (width, height) = PictureSize.Of(picture, path, where);
                measured++;
            }

            pictures.Add(new AnnotatedPicture(picture, id, width, height, []));
        }

        remarks = [.. finder.Remarks, .. PictureSize.Remarks(path, measured)];
        return pictures.Count > 0 ? pictures : throw new DataException(path, "it names no images");
    }

    private static Segmentation Outline(JsonElement annotation, (int Width, int Height) size, string path, string where)
    {
        if (OutlineOf(annotation) is not { } outline)
            throw new DataException(path,
                $"{where} has no 'segmentation', or an empty one: masks were asked for, but this set has boxes alone");
        try
        {
            return Segmentation.Read(outline, size.Width, size.Height);
        }
        catch (DataException e)
        {
            throw new DataException(path, $"{where}: {e.Message}", e);
        }
    }

    internal static JsonElement.ArrayEnumerator List(JsonElement root, string name, string path) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw new DataException(path,
                $"it has no list '{name}': this is no COCO file of object detection (instances_….json, panoptic_….json)");

    /// <summary>A side in pixels; 0 where it is not known.</summary>
    private static int Side(JsonElement element, string name, string path, string where) =>
        (AnnotationValues.Find(element, name) is null ? 0
            : AnnotationValues.Whole(element, name, path, where)) is >= 0 and <= PictureSize.Most and var side
            ? (int)side : throw new DataException(path, $"{where}: its {name} must lie between 1 and {PictureSize.Most} pixels");

    private static (double X, double Y, double Width, double Height) Box(JsonElement annotation, string path, string where)
    {
        double?[] numbers = AnnotationValues.Find(annotation, "bbox") is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(AnnotationValues.Real)]
            : throw new DataException(path, $"{where} has no list 'bbox'");
        return numbers is [{ } x, { } y, { } width, { } height] ? (x, y, width, height)
            : throw new DataException(path, $"{where}: 'bbox' must be four numbers: x, y, width, height");
    }
}

/// <summary>Whether <c>segmentation</c> is read.</summary>
internal enum MaskWish
{
    /// <summary>No.</summary>
    None,

    /// <summary>Where an annotation has one; then each must.</summary>
    WhereKnown,

    /// <summary>Yes; an annotation without one is a fault.</summary>
    Required,
}
