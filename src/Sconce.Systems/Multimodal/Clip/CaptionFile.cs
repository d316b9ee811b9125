using Sconce.Data;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Pictures with captions out of a table (.csv, .tsv): a column of paths (<c>image</c>, <c>file</c>, <c>path</c> …), from the table's
/// folder, and one of words (<c>caption</c>, <c>text</c>, <c>title</c> …). A picture may have several rows.
/// </summary>
/// <param name="Path">The table.</param>
/// <param name="Pairs">Picture and caption, a row each.</param>
internal sealed record CaptionFile(string Path, IReadOnlyList<(string Picture, string Caption)> Pairs)
{
    private static readonly string[] PictureColumns = ["image", "file", "path", "filepath", "filename", "file_name", "picture", "img",
        "photo"];
    private static readonly string[] CaptionColumns = ["caption", "text", "title", "sentence", "description", "captions", "label"];

    /// <summary>Reads the table; no picture is read yet.</summary>
    /// <exception cref="DataException">No such table, a column that is missing, a picture that is not there, or an empty
    /// caption.</exception>
    internal static CaptionFile Read(string path)
    {
        if (Directory.Exists(path)) throw new DataException(path, "this is a folder; name the table of captions in it");
        var table = CsvTable.Read(path);
        string picture = Column(path, table, PictureColumns, "pictures"), caption = Column(path, table, CaptionColumns, "captions");
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        List<(string, string)> pairs = [];
        for (int row = 0; row < table.Count; row++)
        {
            string words = table[row, caption].Trim(), file = System.IO.Path.GetFullPath(table[row, picture].Trim(), folder);
            if (words.Length == 0) throw new DataException(table.PlaceOf(row), "its caption is empty");
            if (!File.Exists(file)) throw new DataException(table.PlaceOf(row), $"there is no picture '{file}'");
            pairs.Add((file, words));
        }

        return pairs.Count >= 4 ? new CaptionFile(path, pairs)
            : throw new DataException(path, $"{pairs.Count} pairs are too few: four at least are needed");
    }

    /// <summary>Numbers of the pairs to learn from and of those to be asked about; rows of one picture stay together.</summary>
    internal (IReadOnlyList<int> Learned, IReadOnlyList<int> HeldOut) Split(double validation, ulong seed)
    {
        string[] pictures = [.. Pairs.Select(pair => pair.Picture).Distinct()];
        if (pictures.Length < 4) throw new DataException(Path, $"{pictures.Length} pictures are too few: four at least are needed");
        int[] order = AugmentationRandom.Permutation(pictures.Length, seed, 0);
        var held = order[..Math.Clamp((int)Math.Round(pictures.Length * validation), 2, pictures.Length - 2)].Select(k => pictures[k])
            .ToHashSet();
        return (
            [.. Enumerable.Range(0, Pairs.Count).Where(k => !held.Contains(Pairs[k].Picture))],
            [.. Enumerable.Range(0, Pairs.Count).Where(k => held.Contains(Pairs[k].Picture))]);
    }

    private static string Column(string path, CsvTable table, string[] names, string of) => Array.Find(names, table.Has)
        ?? throw new DataException(path, $"no column of {of} is among {string.Join(", ", table.Columns)}: call it {names[0]}");
}
