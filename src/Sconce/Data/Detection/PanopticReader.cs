using System.Text.Json;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>COCO's panoptic format (cocodataset.org, "Data format"): an annotation a picture, with the name of a PNG and the segments that
/// its colours are.</summary>
internal static class PanopticReader
{
    internal static DetectionDataset Read(string path, PictureFinder finder, string segmentFolder, ImageOptions? options)
    {
        using var document = CocoReader.Parse(path);
        var root = document.RootElement;
        var categories = CocoReader.Categories(root, path);
        var labels = categories.Keys.Select((id, label) => (id, label)).ToDictionary(pair => pair.id, pair => pair.label);
        var things = new bool[categories.Count];
        foreach (var category in CocoReader.List(root, "categories", path))
        {
            long id = AnnotationValues.Whole(category, "id", path, "a category");
            if (AnnotationValues.Find(category, "isthing") is null) throw new DataException(path, $"category {id} has no number 'isthing'");
            things[labels[id]] = AnnotationValues.Flag(category, "isthing", path, $"category {id}");
        }

        var pictures = CocoReader.Pictures(root, finder, path, out var remarks);
        var segments = new PictureFinder([segmentFolder]);
        var files = new Dictionary<long, SegmentFile>();
        var known = pictures.Select(picture => picture.Id).ToHashSet();
        foreach (var annotation in CocoReader.List(root, "annotations", path))
        {
            long image = AnnotationValues.Whole(annotation, "image_id", path, "an annotation");
            string where = $"the annotation of image {image}";
            if (!known.Contains(image)) throw new DataException(path, $"{where} belongs to none of the {pictures.Count} images");
            var file = new SegmentFile(segments.Find(AnnotationValues.Text(annotation, "file_name", path, where), path),
                [.. Segments(annotation, labels, path, where)]);
            if (!files.TryAdd(image, file)) throw new DataException(path, $"the image {image} has two annotations");
        }

        var missing = pictures.FirstOrDefault(picture => !files.ContainsKey(picture.Id));
        if (missing is not null) throw new DataException(path, $"the image {missing.Id} has no annotation");
        return new DetectionDataset([.. categories.Values],
            [.. pictures.Select(picture => picture with { Segments = files[picture.Id] })], 0, options)
        {
            Categories = [.. categories.Keys],
            HasMasks = true,
            Things = things,
            Remarks = [.. remarks, .. segments.Remarks],
        };
    }

    private static IEnumerable<PanopticSegmentLabel> Segments(JsonElement annotation, Dictionary<long, int> labels,
        string path, string where)
    {
        foreach (var segment in CocoReader.List(annotation, "segments_info", path))
        {
            long id = AnnotationValues.Whole(segment, "id", path, $"a segment of {where}"), category = AnnotationValues.Whole(segment,
                "category_id", path, $"segment {id} of {where}");
            if (!labels.TryGetValue(category, out int label))
                throw new DataException(path, $"segment {id} of {where} has the category {category}, which is not among the "
                    + $"{labels.Count} categories");
            bool crowd = AnnotationValues.Flag(segment, "iscrowd", path, $"segment {id} of {where}");
            yield return new PanopticSegmentLabel(id is > 0 and <= int.MaxValue ? (int)id
                : throw new DataException(path, $"a segment of {where} has the number {id}: numbers are 1 to 16777215"), label, crowd);
        }
    }
}

/// <summary>The PNG of a picture's segments, read when they are asked for.</summary>
internal sealed record SegmentFile(string Path, IReadOnlyList<PanopticSegmentLabel> Labels)
{
    internal PanopticMap Read(AnnotatedPicture picture)
    {
        var map = PanopticMap.Load(Path, Labels);
        return map.Width == picture.Width && map.Height == picture.Height ? map
            : throw new DataException(Path, $"the segments are of {map.Width} x {map.Height} pixels, but their picture {picture.Path} of "
                + $"{picture.Width} x {picture.Height}");
    }
}
