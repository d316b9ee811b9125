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
    public ImageExample this[int index] =>
        new(Image.Load(files[index], options)) { Label = labels.Length == 0 ? null : labels[index], Name = files[index] };

    /// <inheritdoc/>
    public string NameOf(int index) => files[index];

    /// <summary>Reads a list.</summary>
    /// <param name="csv">The file.</param>
    /// <param name="root">What paths are relative to; the file's folder where left out.</param>
    /// <param name="pathColumn">The column of paths.</param>
    /// <param name="labelColumn">The column of labels; null: pictures without labels.</param>
    /// <param name="classes">The names in order. Left out: the names found, sorted; or, where all labels are numbers, 0 to the
    /// greatest.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="DataException">No such file or column, no rows, an empty path, a label outside the classes; with the
    /// line.</exception>
    public static ImageList Open(string csv, string? root = null, string pathColumn = "path", string? labelColumn = "label",
        IReadOnlyList<string>? classes = null, ImageOptions? options = null)
    {
        var table = CsvTable.Read(csv);
        if (table.Count == 0)
            throw new DataException(csv, "it lists no pictures");
        root ??= Path.GetDirectoryName(Path.GetFullPath(csv))!;
        var finder = new PictureFinder([root]);
        var files = new string[table.Count];
        for (var row = 0; row < files.Length; row++)
        {
            if (table[row, pathColumn].Trim() is not { Length: > 0 } path)
                throw new DataException(table.PlaceOf(row), "the path is empty");
            // A list may name what lies outside its folder; only a name that is nowhere is looked for.
            string full = Path.GetFullPath(
                Path.Combine(root, path.Contains('\0') ? throw new DataException(table.PlaceOf(row), "the path holds NUL") : path));
            files[row] = File.Exists(full) ? full : finder.Look(path, table.PlaceOf(row)) ?? full;
        }
        if (labelColumn is null)
            return new ImageList([], files, [], options);
        var texts = new string[table.Count];
        for (var row = 0; row < texts.Length; row++)
            texts[row] = table[row, labelColumn].Trim();
        var names = classes ?? Named(table, texts);
        bool areNumbers = names.All(name => Number(name) is not null);
        var numbers = names.Select((name, label) => (name, label))
            .ToDictionary(pair => pair.name, pair => pair.label, StringComparer.Ordinal);
        var labels = new int[texts.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            // 7.0 and 07 are 7; a number stands for a class's place only where classes have other names.
            long? number = Number(texts[row]);
            if (numbers.TryGetValue(texts[row], out labels[row])
                || (areNumbers && number is { } value
                && numbers.TryGetValue(value.ToString(CultureInfo.InvariantCulture), out labels[row]))) continue;
            labels[row] = !areNumbers && number is >= 0 && number < names.Count ? (int)number : -1;
            if (labels[row] < 0)
                throw new DataException(table.PlaceOf(row),
                    $"the label '{texts[row]}' is none of the {names.Count} classes. {NearestNames.Suggest(texts[row], names)}");
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
            if (Number(texts[row]) is not { } number)
                return texts.FirstOrDefault(text => text.Length == 0) is null ? ClassOrder.Of(texts.Distinct())
                    : throw new DataException(table.PlaceOf(Array.IndexOf(texts, "")), "the label is empty");
            if (number is < 0 or >= most)
                throw new DataException(table.PlaceOf(row),
                    $"the label {number} is outside 0 to {most - 1}: labels that are numbers count the classes from 0");
            greatest = Math.Max(greatest, (int)number);
        }
        return [.. Enumerable.Range(0, greatest + 1).Select(n => n.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>A whole number, also as tables of floats write it: 7.0.</summary>
    private static long? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && decimal.Truncate(number) == number
            && number is >= long.MinValue and <= long.MaxValue ? (long)number : null;
}
