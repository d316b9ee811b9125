using System.Text.Json;
using Sconce.Data;
using Sconce.Tables;

namespace Sconce.Systems.Tools.Wit;

/// <summary>A picture's file and what is said of it.</summary>
/// <param name="Picture">The path.</param>
/// <param name="Caption">Not empty.</param>
internal sealed record CaptionPair(string Picture, string Caption);

/// <summary>
/// Pictures with captions, however a person keeps them: a table with columns image and caption, JSON lines with such keys, a text with
/// <c>picture: caption</c> a line, a folder with a text of the same name beside each picture, or a table of WIT.
/// </summary>
/// <param name="Pairs">In the order of the file.</param>
/// <param name="Folder">From which pictures are named.</param>
/// <param name="Remarks">What was left out, a sentence each.</param>
internal sealed record CaptionPairs(IReadOnlyList<CaptionPair> Pairs, string Folder, IReadOnlyList<string> Remarks)
{
    private static readonly string[] PictureKeys = ["image", "picture", "file", "file_name", "filename", "path"];
    private static readonly string[] CaptionKeys = ["caption", "text", "sentence", "prompt"];
    private static readonly string[] ListNames =
        ["captions.csv", "captions.tsv", "captions.jsonl", "captions.txt", "captions.parquet", "metadata.jsonl"];

    /// <summary>Reads pairs.</summary>
    /// <param name="path">A file or a folder, see <see cref="CaptionPairs"/>.</param>
    /// <param name="pictures">The folder of the pictures; that of the file where left out.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DataException">There are no pairs, a picture is missing, or a line means nothing.</exception>
    /// <exception cref="TableException">The table cannot be read.</exception>
    internal static CaptionPairs Read(string path, string? pictures, CancellationToken cancellation)
    {
        if (Directory.Exists(path))
        {
            string? list = ListNames.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);
            return list is null ? Verified(path, path, Beside(path), []) : Read(list, pictures ?? path, cancellation);
        }

        if (!File.Exists(path)) throw new DataException(path, "there is no such file or folder");
        string folder = pictures ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        string kind = Path.GetExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path).ToLowerInvariant();
        if (kind == ".tsv" && IsWit(path)) return OfWit(path, folder);
        var pairs = kind switch
        {
            ".jsonl" or ".json" or ".ndjson" => OfLines(path, Json),
            ".txt" => OfLines(path, Line),
            _ => OfTable(path, cancellation),
        };
        return Verified(path, folder, pairs, []);
    }

    private static CaptionPairs Verified(string path, string folder, IEnumerable<CaptionPair> found, List<string> remarks)
    {
        List<CaptionPair> pairs = [], silent = [];
        foreach (var pair in found)
        {
            string file = Path.GetFullPath(Path.Combine(folder, pair.Picture));
            if (string.IsNullOrWhiteSpace(pair.Caption)) silent.Add(pair);
            else if (File.Exists(file)) pairs.Add(new CaptionPair(file, pair.Caption.Trim()));
            else throw new DataException(path, $"it names {pair.Picture}, which is not in {folder}: name the folder of the pictures");
        }

        if (silent.Count > 0)
            remarks.Add($"{path}: {silent.Count:N0} pictures without a caption are left out, the first is {silent[0].Picture}");
        if (pairs.DistinctBy(pair => pair.Picture).Take(2).Count() == 2) return new CaptionPairs(pairs, folder, remarks);
        throw new DataException(path, $"{pairs.Count} pictures with captions are too few: some are to learn from and some to be "
            + "asked about");
    }

    private static IEnumerable<CaptionPair> Beside(string folder)
    {
        foreach (string file in PictureFiles.Of([folder]).Files)
        {
            string text = Path.ChangeExtension(file, ".txt");
            if (!File.Exists(text))
                throw new DataException(file, $"there is no {Path.GetFileName(text)} beside it, nor a captions.csv in {folder}");
            foreach (string line in TextFiles.ReadLines(text).Where(line => line.Trim().Length > 0))
                yield return new CaptionPair(file, line);
        }
    }

    private static IEnumerable<CaptionPair> OfLines(string path, Func<string, (string Picture, string Caption)?> read)
    {
        string[] lines = TextFiles.ReadLines(path);
        for (int k = 0; k < lines.Length; k++)
        {
            if (lines[k].Trim().Length == 0) continue;
            var (picture, caption) = read(lines[k]) ?? throw new DataException(
                $"{path}, line {k + 1}", $"it names no picture and caption: JSON lines have {PictureKeys[0]} and {CaptionKeys[0]}, "
                + "texts 'picture: caption'");
            yield return new CaptionPair(picture, caption);
        }
    }

    private static (string Picture, string Caption)? Line(string line)
    {
        int end = line.IndexOf('\t', StringComparison.Ordinal);
        if (end < 0) end = line.IndexOf(':', StringComparison.Ordinal);
        return end > 0 ? (line[..end].Trim(), line[(end + 1)..].Trim()) : null;
    }

    private static (string Picture, string Caption)? Json(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            return Text(document.RootElement, PictureKeys) is { } picture && Text(document.RootElement, CaptionKeys) is { } caption
                ? (picture, caption)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement line, string[] keys) => keys
        .Select(key => line.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null)
        .FirstOrDefault(text => text is not null);

    private static IEnumerable<CaptionPair> OfTable(string path, CancellationToken cancellation)
    {
        var table = Table.Read(path, new TableOptions { TextColumns = [.. PictureKeys, .. CaptionKeys] }, cancellation);
        var (picture, caption) = (Column(table, PictureKeys), Column(table, CaptionKeys));
        for (int row = 0; row < table.Rows; row++) yield return new CaptionPair(picture.Text(row) ?? "", caption.Text(row) ?? "");
    }

    private static TableColumn Column(Table table, string[] names) =>
        names.FirstOrDefault(table.Has) is { } name
            ? table[name]
            : throw new TableException(
                table.Name, $"it has no column {string.Join(", ", names)}; it has "
                    + $"{string.Join(", ", table.Columns.Select(column => column.Name))}");

    /// <summary>Whether a table has the columns of WIT.</summary>
    internal static bool IsWit(string path) => WitReader.Read(path).Take(1).Any(record => record.Error != "columns");

    /// <summary>
    /// Rows of which the picture was downloaded, under the last part of its address, or that without what a file may not be called.
    /// </summary>
    private static CaptionPairs OfWit(string path, string folder)
    {
        List<CaptionPair> pairs = [];
        long broken = 0, dropped = 0, absent = 0;
        foreach (var record in WitReader.Read(path))
        {
            if (record.Row is not { } row) broken++;
            else if (WitPairs.Dropped(row) is not null || WitPairs.Text(row) is not { } caption) dropped++;
            else if (NamesOf(row.ImageUrl).FirstOrDefault(IsThere) is { } file) pairs.Add(new(file, caption));
            else absent++;
        }

        List<string> remarks = [];
        if (broken + dropped + absent > 0)
        {
            remarks.Add($"{path}: left out {broken:N0} broken rows, {dropped:N0} without a usable text or picture, and {absent:N0} whose "
                + $"picture is not in {folder}");
        }

        return Verified(path, folder, pairs, remarks);

        bool IsThere(string name) => File.Exists(Path.Combine(folder, name));
    }

    private static IEnumerable<string> NamesOf(string address)
    {
        string last = address[(address.LastIndexOf('/') + 1)..];
        yield return last;
        yield return Uri.UnescapeDataString(last).Replace('/', '_');
    }
}
