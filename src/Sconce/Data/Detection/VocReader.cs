using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>
/// Pascal VOC's annotations (VOC2012 devkit, §"Annotation"): pixels are counted from 1, and xmax, ymax are the last pixels inside; so a box of this library is
/// (xmin - 1, ymin - 1, xmax, ymax).
/// </summary>
internal static class VocReader
{
    internal static DetectionDataset Read(string root, string? list, IReadOnlyList<string>? classes, BoxFaults faults, ImageOptions? options)
    {
        var folder = Path.Combine(root, "Annotations");
        if (!Directory.Exists(folder))
            throw new DataException(root, "it holds no folder 'Annotations': this is no Pascal VOC layout (Annotations/, JPEGImages/, ImageSets/Main/)");
        var files = list is null ? All(folder) : Listed(root, folder, list);
        if (files.Count == 0)
            throw new DataException(folder, "no annotations (*.xml) are in it");
        var raw = files.Select(Parse).ToList();
        var names = classes ?? [.. raw.SelectMany(p => p.Objects).Select(o => o.Name).Distinct().Order(StringComparer.Ordinal)];
        var labels = names.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label, StringComparer.Ordinal);
        var pictures = new List<AnnotatedPicture>();
        var repaired = 0;
        foreach (var picture in raw)
        {
            var check = new BoxCheck(picture.Source, faults);
            var boxes = new List<BoxAnnotation>();
            foreach (var (name, box, number) in picture.Objects)
            {
                if (!labels.TryGetValue(name, out var label))
                    throw new DataException(picture.Source, $"object {number} is a '{name}', which is none of the {names.Count} classes. {NearestNames.Suggest(name, names)}");
                if (check.Check(box with { Label = label }, picture.Width, picture.Height, $"object {number} ('{name}')") is { } inside)
                    boxes.Add(inside);
            }
            repaired += check.Repaired;
            pictures.Add(new AnnotatedPicture(BoxCheck.Within(Path.Combine(root, "JPEGImages"), picture.File, picture.Source), pictures.Count, picture.Width, picture.Height, boxes));
        }
        return new DetectionDataset(names, [.. pictures], repaired, options);
    }

    private static List<string> All(string folder) => [.. Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal)];

    private static List<string> Listed(string root, string folder, string list)
    {
        var path = Path.Combine(root, "ImageSets", "Main", list + ".txt");
        if (!File.Exists(path))
            throw new DataException(path, "there is no such list of pictures");
        var files = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words is [_, "-1"])    // a list of one class says -1 where a picture has none of it
                continue;
            files.Add(BoxCheck.Within(folder, words[0] + ".xml", path));
        }
        return files;
    }

    private static RawPicture Parse(string path)
    {
        XElement root;
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 64 << 20 };
            using var stream = new MemoryStream(BoxCheck.ReadFile(path));
            using var reader = XmlReader.Create(stream, settings);
            root = XDocument.Load(reader).Root!;
        }
        catch (XmlException e)
        {
            throw new DataException(path, $"this is no XML: {e.Message}", e);
        }
        if (root.Name.LocalName != "annotation")
            throw new DataException(path, $"its root is '{root.Name.LocalName}', not 'annotation': this is no VOC annotation");
        var size = root.Element("size") ?? throw new DataException(path, "it has no 'size'");
        var objects = new List<(string, BoxAnnotation, int)>();
        foreach (var item in root.Elements("object"))
        {
            var where = $"object {objects.Count + 1}";
            var box = item.Element("bndbox") ?? throw new DataException(path, $"{where} has no 'bndbox'");
            var annotation = new BoxAnnotation(Number(box, "xmin", path, where) - 1, Number(box, "ymin", path, where) - 1, Number(box, "xmax", path, where), Number(box, "ymax", path, where), 0)
            {
                IsDifficult = item.Element("difficult")?.Value.Trim() == "1",
            };
            objects.Add((Text(item, "name", path, where), annotation, objects.Count + 1));
        }
        return new RawPicture(path, Text(root, "filename", path, "it"), (int)Number(size, "width", path, "size"), (int)Number(size, "height", path, "size"), objects);
    }

    private static string Text(XElement element, string name, string path, string where) =>
        element.Element(name)?.Value.Trim() is { Length: > 0 } text ? text : throw new DataException(path, $"{where} has no '{name}'");

    private static float Number(XElement element, string name, string path, string where)
    {
        var text = Text(element, name, path, where);
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw new DataException(path, $"{where}: '{name}' is '{text}', no number");
    }

    private sealed record RawPicture(string Source, string File, int Width, int Height, IReadOnlyList<(string Name, BoxAnnotation Box, int Number)> Objects);
}
