using System.Text.Json;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>COCO's object detection format (cocodataset.org, "Data format"): images, categories, and annotations with <c>bbox</c> as x, y, width, height, and <c>segmentation</c>.</summary>
internal static class CocoReader
{
    internal static DetectionDataset Read(string path, string folder, BoxFaults faults, ImageOptions? options, MaskWish masks)
    {
        using var document = Parse(path);
        return Read(path, folder, document.RootElement, new BoxCheck(path, faults), options, masks == MaskWish.Required || (masks == MaskWish.WhereKnown && HasOutlines(document.RootElement, path)));
    }

    private static bool HasOutlines(JsonElement root, string path) => List(root, "annotations", path).FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.TryGetProperty("segmentation", out _);

    internal static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(DataFiles.ReadFile(path), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException e)
        {
            throw new DataException(path, $"this is no JSON: {e.Message}", e);
        }
    }

    private static DetectionDataset Read(string path, string folder, JsonElement root, BoxCheck check, ImageOptions? options, bool masks)
    {
        var categories = Categories(root, path);
        var labels = categories.Keys.Select((id, label) => (id, label)).ToDictionary(pair => pair.id, pair => pair.label);
        var pictures = Pictures(root, folder, path);
        var boxes = pictures.ToDictionary(p => p.Id, _ => new List<BoxAnnotation>());
        var outlines = pictures.ToDictionary(p => p.Id, _ => new List<Segmentation>());
        var sizes = pictures.ToDictionary(p => p.Id, p => (p.Width, p.Height));
        foreach (var annotation in List(root, "annotations", path))
        {
            var where = $"annotation {(annotation.ValueKind == JsonValueKind.Object && annotation.TryGetProperty("id", out var number) ? number.ToString() : "without an id")}";
            long image = Whole(annotation, "image_id", path, where), category = Whole(annotation, "category_id", path, where);
            if (!sizes.TryGetValue(image, out var size))
                throw new DataException(path, $"{where} belongs to the image {image}, which is not among the {pictures.Count} images");
            if (!labels.TryGetValue(category, out var label))
                throw new DataException(path, $"{where} has the category {category}, which is not among the {categories.Count} categories");
            var (x, y, width, height) = Box(annotation, path, where);
            var box = new BoxAnnotation((float)x, (float)y, (float)(x + width), (float)(y + height), label) { IsCrowd = annotation.TryGetProperty("iscrowd", out var crowd) && crowd.ValueKind == JsonValueKind.Number && crowd.GetDouble() != 0, OutlineArea = annotation.TryGetProperty("area", out var area) && area.ValueKind == JsonValueKind.Number ? (float)area.GetDouble() : null };
            var outline = masks ? Outline(annotation, size, path, where) : null;
            if (check.Check(box, size.Width, size.Height, where) is not { } inside)
                continue;
            boxes[image].Add(inside);
            if (outline is not null)
                outlines[image].Add(outline);
        }
        return new DetectionDataset([.. categories.Values], [.. pictures.Select(p => p with { Boxes = boxes[p.Id], Outlines = masks ? outlines[p.Id] : null })], check.Repaired, options)
        {
            Categories = [.. categories.Keys],
            HasMasks = masks,
        };
    }

    /// <summary>Names by number, in the numbers' order.</summary>
    internal static SortedDictionary<long, string> Categories(JsonElement root, string path)
    {
        var categories = new SortedDictionary<long, string>();
        foreach (var category in List(root, "categories", path))
        {
            if (!categories.TryAdd(Whole(category, "id", path, "a category"), Text(category, "name", path, "a category")))
                throw new DataException(path, $"the category id {Whole(category, "id", path, "a category")} is given twice");
        }
        return categories.Count > 0 ? categories : throw new DataException(path, "it names no categories: there is nothing to detect");
    }

    /// <summary>The pictures in the file's order, without objects.</summary>
    internal static List<AnnotatedPicture> Pictures(JsonElement root, string folder, string path)
    {
        var pictures = new List<AnnotatedPicture>();
        var known = new HashSet<long>();
        foreach (var image in List(root, "images", path))
        {
            var id = Whole(image, "id", path, "an image");
            var where = $"image {id}";
            if (!known.Add(id))
                throw new DataException(path, $"the image id {id} is given twice");
            pictures.Add(new AnnotatedPicture(DataFiles.Within(folder, Text(image, "file_name", path, where), path), id, Side(image, "width", path, where), Side(image, "height", path, where), []));
        }
        return pictures.Count > 0 ? pictures : throw new DataException(path, "it names no images");
    }

    private static Segmentation Outline(JsonElement annotation, (int Width, int Height) size, string path, string where)
    {
        if (!annotation.TryGetProperty("segmentation", out var segmentation))
            throw new DataException(path, $"{where} has no 'segmentation': masks were asked for, but this set has boxes alone");
        try
        {
            return Segmentation.Read(segmentation, size.Width, size.Height);
        }
        catch (DataException e)
        {
            throw new DataException(path, $"{where}: {e.Message}", e);
        }
    }

    internal static JsonElement.ArrayEnumerator List(JsonElement root, string name, string path) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw new DataException(path, $"it has no list '{name}': this is no COCO file of object detection (instances_….json, panoptic_….json)");

    private static JsonElement Member(JsonElement element, string name, JsonValueKind kind, string path, string where) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new DataException(path, $"{where} has no {(kind == JsonValueKind.Number ? "number" : kind == JsonValueKind.Array ? "list" : "text")} '{name}'");

    internal static long Whole(JsonElement element, string name, string path, string where) =>
        Member(element, name, JsonValueKind.Number, path, where).TryGetInt64(out var value) ? value : throw new DataException(path, $"{where}: '{name}' is no whole number");

    internal static string Text(JsonElement element, string name, string path, string where) => Member(element, name, JsonValueKind.String, path, where).GetString()!;

    private static int Side(JsonElement element, string name, string path, string where) =>
        Whole(element, name, path, where) is >= 1 and <= 1 << 20 and var side ? (int)side : throw new DataException(path, $"{where}: its {name} must lie between 1 and {1 << 20} pixels");

    private static (double X, double Y, double Width, double Height) Box(JsonElement annotation, string path, string where)
    {
        var list = Member(annotation, "bbox", JsonValueKind.Array, path, where);
        if (list.GetArrayLength() != 4 || list.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.Number))
            throw new DataException(path, $"{where}: 'bbox' must be four numbers: x, y, width, height");
        return (list[0].GetDouble(), list[1].GetDouble(), list[2].GetDouble(), list[3].GetDouble());
    }
}

/// <summary>Whether <c>segmentation</c> is read.</summary>
internal enum MaskWish
{
    /// <summary>No.</summary>
    None,

    /// <summary>Where the first annotation has one.</summary>
    WhereKnown,

    /// <summary>Yes; an annotation without one is a fault.</summary>
    Required,
}
