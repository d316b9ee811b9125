using System.Globalization;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>Pictures and labels listed in a CSV file with columns for path and label; labels are names, or numbers from 0.</summary>
public sealed class ImageList : IDataset<ImageExample>
{
    private readonly string[] files;
    private readonly int[] labels;
    private readonly ImageOptions? options;

    private ImageList(IReadOnlyList<string> classes, string[] files, int[] labels, ImageOptions? options)
    {
        (Classes, this.files, this.labels, this.options) = (classes, files, labels, options);
    }

    /// <summary>The classes' names; a label is an index into them. Labels that are numbers have their numbers as names.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The class of each item; empty where the list has no labels.</summary>
    public IReadOnlyList<int> Labels => labels;

    /// <inheritdoc/>
    public int Count => files.Length;

    /// <summary>Decodes one picture.</summary>
    /// <exception cref="ImageException">The file is missing or broken; the message names it.</exception>
    public ImageExample this[int index] => new(Image.Load(files[index], options)) { Label = labels.Length == 0 ? null : labels[index], Name = files[index] };

    /// <inheritdoc/>
    public string NameOf(int index) => files[index];

    /// <summary>Reads a list.</summary>
    /// <param name="csv">The file.</param>
    /// <param name="root">What paths are relative to; the file's folder where left out.</param>
    /// <param name="pathColumn">The column of paths.</param>
    /// <param name="labelColumn">The column of labels; null: pictures without labels.</param>
    /// <param name="classes">The names in order. Left out: the names found, sorted; or, where all labels are numbers, 0 to the greatest.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="DataException">No such file or column, no rows, an empty path, a label outside the classes; with the line.</exception>
    public static ImageList Open(string csv, string? root = null, string pathColumn = "path", string? labelColumn = "label", IReadOnlyList<string>? classes = null, ImageOptions? options = null)
    {
        var table = CsvTable.Read(csv);
        if (table.Count == 0)
            throw new DataException(csv, "it lists no pictures");
        root ??= Path.GetDirectoryName(Path.GetFullPath(csv))!;
        var files = new string[table.Count];
        for (var row = 0; row < files.Length; row++)
        {
            if (table[row, pathColumn].Trim() is not { Length: > 0 } path)
                throw new DataException(table.PlaceOf(row), "the path is empty");
            files[row] = Path.GetFullPath(Path.Combine(root, path));
        }
        if (labelColumn is null)
            return new ImageList([], files, [], options);
        var texts = new string[table.Count];
        for (var row = 0; row < texts.Length; row++)
            texts[row] = table[row, labelColumn].Trim();
        var names = classes ?? Named(table, texts);
        var numbers = names.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label, StringComparer.Ordinal);
        var labels = new int[texts.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            if (!numbers.TryGetValue(texts[row], out labels[row]) && !(int.TryParse(texts[row], NumberStyles.Integer, CultureInfo.InvariantCulture, out labels[row]) && labels[row] >= 0 && labels[row] < names.Count))
                throw new DataException(table.PlaceOf(row), $"the label '{texts[row]}' is none of the {names.Count} classes. {NearestNames.Suggest(texts[row], names)}");
        }
        return new ImageList(names, files, labels, options);
    }

    private static IReadOnlyList<string> Named(CsvTable table, string[] texts)
    {
        const int most = 1_000_000;
        var greatest = 0;
        for (var row = 0; row < texts.Length; row++)
        {
            if (texts[row].Length == 0)
                throw new DataException(table.PlaceOf(row), "the label is empty");
            if (!long.TryParse(texts[row], NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
                return [.. texts.Distinct().Order(StringComparer.Ordinal)];
            if (number is < 0 or >= most)
                throw new DataException(table.PlaceOf(row), $"the label {number} is outside 0 to {most - 1}: labels that are numbers count the classes from 0");
            greatest = Math.Max(greatest, (int)number);
        }
        return [.. Enumerable.Range(0, greatest + 1).Select(n => n.ToString(CultureInfo.InvariantCulture))];
    }
}
