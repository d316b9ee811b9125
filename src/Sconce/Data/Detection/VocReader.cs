using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>
/// Pascal VOC's annotations (VOC2012 devkit, §"Annotation"): pixels are counted from 1, and xmax, ymax are the last pixels inside; so a box
/// of this library is (xmin - 1, ymin - 1, xmax, ymax).
/// </summary>
internal static partial class VocReader
{
    internal static DetectionDataset Read(string root, string? list, IReadOnlyList<string>? classes, BoxFaults faults,
        ImageOptions? options)
    {
        var folder = Path.Combine(root, "Annotations");
        if (!Directory.Exists(folder))
            throw new DataException(root, "it holds no folder 'Annotations': this is no Pascal VOC layout (Annotations/, JPEGImages/, "
                + "ImageSets/Main/)");
        var files = list is null ? All(folder) : VocList.Read(root, folder, list);
        if (files.Count == 0)
            throw new DataException(folder, "no annotations (*.xml) are in it");
        var raw = files.Select(Parse).ToList();
        var names = classes ?? ClassOrder.Of(raw.SelectMany(p => p.Objects).Select(o => o.Name).Distinct());
        var labels = names.Select((name, label) => (name, label))
            .ToDictionary(pair => pair.name, pair => pair.label, StringComparer.Ordinal);
        var finder = new PictureFinder(
            [Path.Combine(root, "JPEGImages"),
            .. new[] { "images", "Images" }.Select(name => Path.Combine(root, name)).Where(Directory.Exists)]);
        var pictures = new List<AnnotatedPicture>();
        var named = new List<string>();
        int repaired = 0, measured = 0;
        foreach (var picture in raw)
        {
            string file = PictureOf(picture, finder);
            var (width, height) = (picture.Width, picture.Height);
            if (width == 0 || height == 0)
            {
                (width, height) = PictureSize.Of(file, picture.Source, $"size {width} x {height}");
                measured++;
            }

            var check = new BoxCheck(picture.Source, faults);
            var boxes = new List<BoxAnnotation>();
            foreach (var (name, box, number) in picture.Objects)
            {
                if (!labels.TryGetValue(name, out var label))
                    throw new DataException(picture.Source,
                        $"object {number} is a '{name}', which is none of the {names.Count} classes. {NearestNames.Suggest(name, names)}");
                if (check.Check(box with { Label = label }, width, height, $"object {number} ('{name}')") is { } inside)
                    boxes.Add(inside);
            }
            repaired += check.Repaired;
            named.AddRange(check.Remarks.Take(BoxCheck.Named - named.Count));
            pictures.Add(new AnnotatedPicture(file, pictures.Count, width, height, boxes));
        }
        return new DetectionDataset(names, [.. pictures], repaired,
            options)
        { Remarks = [.. finder.Remarks, .. PictureSize.Remarks(folder, measured), .. named] };
    }

    private static List<string> All(string folder) =>
        [.. FileWalk.Files(folder)
            .Where(file => Path.GetExtension(file).Equals(".xml", StringComparison.OrdinalIgnoreCase)
            && !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>The picture that an annotation names, or else the one that is called as the annotation.</summary>
    private static string PictureOf(RawPicture picture, PictureFinder finder)
    {
        string own = Path.GetFileNameWithoutExtension(picture.Source);
        return (picture.File is { } named ? finder.Look(named, picture.Source) : null) ?? finder.Look(own, picture.Source)
            ?? finder.Find(picture.File ?? own, picture.Source);
    }

    private static RawPicture Parse(string path)
    {
        var root = Document(path);
        if (root.Name.LocalName != "annotation")
            throw new DataException(path, $"its root is '{root.Name.LocalName}', not 'annotation': this is no VOC annotation");
        var objects = new List<(string, BoxAnnotation, int)>();
        foreach (var item in root.Elements("object"))
        {
            var where = $"object {objects.Count + 1}";
            var box = item.Element("bndbox") ?? throw new DataException(path, $"{where} has no 'bndbox'");
            var difficult = item.Element("difficult")?.Value;
            var annotation = new BoxAnnotation(Number(box, "xmin", path, where) - 1, Number(box, "ymin", path, where) - 1,
                Number(box, "xmax", path, where), Number(box, "ymax", path, where), 0)
            {
                IsDifficult = difficult is not null
                    && (AnnotationValues.Flag(difficult)
                    ?? throw new DataException(path, $"{where}: 'difficult' is '{difficult}', where 0 or 1 is wanted")),
            };
            objects.Add((Text(item, "name", path, where), annotation, objects.Count + 1));
        }
        var size = root.Element("size");
        return new RawPicture(path, root.Element("filename")?.Value.Trim() is { Length: > 0 } name ? name : null,
            Side(size, "width", path), Side(size, "height", path), objects);
    }

    /// <summary>The XML of a file in the encoding that it declares, though it be wrong about UTF-16; space before the declaration, which
    /// strict readers refuse, is left out.</summary>
    private static XElement Document(string path)
    {
        byte[] bytes = DataFiles.ReadFile(path);
        string start = System.Text.Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 256));
        string text = TextFiles.Decode(bytes, path,
            Declaration().Match(start) is { Success: true } declared ? declared.Groups[1].Value : null);
        try
        {
            var settings = new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = 64 << 20
            };
            using var reader = XmlReader.Create(new StringReader(text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').TrimEnd('\0')), settings);
            return XDocument.Load(reader).Root!;
        }
        catch (XmlException e)
        {
            throw new DataException(path, $"this is no XML: {e.Message}", e);
        }
    }

    [GeneratedRegex("""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']+)["']""")]
    private static partial Regex Declaration();

    private static string Text(XElement element, string name, string path, string where) =>
        element.Element(name)?.Value.Trim() is { Length: > 0 } text ? text : throw new DataException(path, $"{where} has no '{name}'");

    private static float Number(XElement element, string name, string path, string where)
    {
        var text = Text(element, name, path, where);
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw new DataException(path, $"{where}: '{name}' is '{text}', no number");
    }

    /// <summary>A side in pixels; 0 where it is not known.</summary>
    private static int Side(XElement? size, string name, string path)
    {
        if (size?.Element(name)?.Value.Trim() is not { Length: > 0 } text) return 0;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal side) && decimal.Truncate(side) == side
            && side is >= 0 and <= PictureSize.Most
            ? (int)side : throw new DataException(path, $"size: '{name}' is '{text}'; it must lie between 1 and {PictureSize.Most} pixels");
    }

    private sealed record RawPicture(string Source, string? File, int Width, int Height,
        IReadOnlyList<(string Name, BoxAnnotation Box, int Number)> Objects);
}
