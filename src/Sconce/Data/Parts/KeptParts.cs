using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sconce.Files;

namespace Sconce.Data;

/// <summary>What a file of a data set is for in a run.</summary>
public enum RunPart
{
    /// <summary>To learn from, with its label where the method uses labels.</summary>
    Learned,

    /// <summary>To learn from without its label, where the method takes the labels of some only.</summary>
    Unlabelled,

    /// <summary>To be asked about.</summary>
    HeldOut,
}

/// <summary>One file of a run's data.</summary>
/// <param name="Part">What it is for.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Says">What annotations say of it, in a text that differs where they do; empty where its path says all.</param>
public sealed record RunItem(RunPart Part, string Path, string Says = "");

/// <summary>
/// <c>parts.jsonl</c> in a run's folder: which files of its data the run learns from and which it is asked about, so that both stay what
/// they are whatever is added to the data later.
/// A first line names the data's folder; then a line a file has its part, its path from there, its length, when it was written, a mark of
/// its content, and a mark of what annotations say.
/// </summary>
public sealed class KeptParts
{
    /// <summary>The file's name.</summary>
    public const string FileName = "parts.jsonl";

    private const string Format = "sconce parts 1";
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly string data;
    private readonly List<Entry> entries;

    private KeptParts(string data, List<Entry> entries) => (this.data, this.entries) = (data, entries);

    /// <summary>Whether they are parts of a folder's files.</summary>
    internal bool IsOf(string folder) => folder.Length > 0
        && Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) == Path.TrimEndingDirectorySeparator(data);

    /// <summary>Writes what a run begins with.</summary>
    /// <param name="folder">The run's, which is there; null for a run in memory, which keeps nothing.</param>
    /// <param name="data">The folder that paths are kept from.</param>
    /// <param name="items">All files, in the order of the sets.</param>
    public static void Keep(string? folder, string data, IEnumerable<RunItem> items)
    {
        if (folder is null) return;
        RunItem[] all = [.. items];
        var entries = new Entry[all.Length];
        Parallel.For(0, all.Length, k =>
            entries[k] = new Entry(all[k].Part, Name(data, all[k].Path), FileMark.Of(all[k].Path), FileMark.OfText(all[k].Says)));
        AtomicFile.Write(Path.Combine(folder, FileName), Bytes(data, entries));
    }

    /// <summary>Reads what a run began with; null where its folder keeps nothing yet.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <exception cref="DataException">The file is damaged.</exception>
    public static KeptParts? Read(string? folder)
    {
        string path = Path.Combine(folder ?? "", FileName);
        if (folder is null || !File.Exists(path)) return null;
        string[] lines = Encoding.UTF8.GetString(DataFiles.ReadFile(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int line = 0;
        try
        {
            using var head = JsonDocument.Parse(lines.FirstOrDefault() ?? "");
            if (head.RootElement.GetProperty("format").GetString() != Format) throw new FormatException("it is of another version");
            var entries = new List<Entry>(lines.Length);
            for (line = 1; line < lines.Length; line++) entries.Add(Entry.Parse(lines[line]));
            return new KeptParts(head.RootElement.GetProperty("data").GetString()!, entries);
        }
        catch (Exception error) when (
            error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException
            or IndexOutOfRangeException)
        {
            throw new DataException($"{path}, line {line + 1}", $"this is no list of a run's parts: {error.Message}", error);
        }
    }

    /// <summary>Finds the run's files among those that the data have now.</summary>
    /// <param name="folder">The data's folder.</param>
    /// <param name="paths">All of its files now.</param>
    /// <param name="says">What annotations say of each now; null where paths say all.</param>
    /// <param name="heldOutOnly">Whether only files to be asked about matter, of which some may be gone.</param>
    /// <exception cref="DataException">Files that the run learns from are gone, or all that it is asked about.</exception>
    public FoundParts Find(string folder, IReadOnlyList<string> paths, Func<int, string>? says = null, bool heldOutOnly = false)
    {
        var places = new Dictionary<string, Queue<int>>(StringComparer.Ordinal);
        for (int k = 0; k < paths.Count; k++)
        {
            string name = Name(folder, paths[k]);
            if (!places.TryGetValue(name, out var queue)) places[name] = queue = new Queue<int>();
            queue.Enqueue(k);
        }

        var found = new FoundParts();
        var taken = new bool[paths.Count];
        foreach (var entry in entries)
        {
            bool matters = entry.Part == RunPart.HeldOut || !heldOutOnly;
            if (!places.TryGetValue(entry.Name, out var queue) || !queue.TryDequeue(out int k))
            {
                if (matters) found.Gone.Add(entry.Name);
                continue;
            }

            taken[k] = true;
            if (entry.Part == RunPart.Learned) found.Labelled.Add(found.Learned.Count);
            (entry.Part == RunPart.HeldOut ? found.HeldOut : found.Learned).Add(k);
            if (matters
                && (!entry.Mark.Fits(paths[k]) || (says is not null && entry.Says != FileMark.OfText(says(k))))) found.Changed.Add(
                entry.Name);
        }

        found.NewPlaces.AddRange(Enumerable.Range(0, paths.Count).Where(k => !taken[k]));
        found.New.AddRange(found.NewPlaces.Select(k => Name(folder, paths[k])));
        if (found.Gone.Count > 0 && (!heldOutOnly || found.HeldOut.Count == 0))
            throw new DataException(folder,
                $"{FoundParts.Some(found.Gone, "of the run's files is gone", "of the run's files are gone")}: put "
                + $"{(found.Gone.Count == 1 ? "it" : "them")} back. A run goes on only with the files that it began with");
        return found;
    }

    /// <summary>How many of these files the run learned from, in words; nothing where none.</summary>
    public IEnumerable<string> Learned(IEnumerable<string> paths)
    {
        var learned = entries.Where(entry => entry.Part != RunPart.HeldOut)
            .Select(entry => Path.GetFullPath(Path.Combine(data, entry.Name))).ToHashSet(StringComparer.Ordinal);
        string[] all = [.. paths.Select(Path.GetFullPath)];
        int count = all.Count(learned.Contains);
        return count == 0 ? []
            : [$"{count} of these {all.Length} files are among those that the run learned from: the figures say little of others"];
    }

    private static string Name(string data, string path)
    {
        string relative = Path.GetRelativePath(data, path);
        return (relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path) : relative)
            .Replace(Path.DirectorySeparatorChar, '/');
    }

    private static byte[] Bytes(string data, IReadOnlyList<Entry> entries)
    {
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream, Plain);
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteString("data", Path.GetFullPath(data));
        json.WriteEndObject();
        foreach (var entry in entries)
        {
            json.Flush();
            stream.WriteByte((byte)'\n');
            json.Reset();
            entry.Write(json);
        }

        json.Flush();
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private sealed record Entry(RunPart Part, string Name, FileMark Mark, string Says)
    {
        internal void Write(Utf8JsonWriter json)
        {
            json.WriteStartArray();
            json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(Part.ToString()));
            json.WriteStringValue(Name);
            json.WriteNumberValue(Mark.Length);
            json.WriteNumberValue(Mark.Written);
            json.WriteStringValue(Mark.Content);
            json.WriteStringValue(Says);
            json.WriteEndArray();
        }

        internal static Entry Parse(string line)
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            var part = row[0]
                .GetString() switch
            {
                "learned" => RunPart.Learned,
                "unlabelled" => RunPart.Unlabelled,
                "heldOut" => RunPart.HeldOut,
                var other => throw new FormatException($"there is no part '{other}'")
            };
            return new Entry(part, row[1].GetString()!, new FileMark(row[2].GetInt64(), row[3].GetInt64(), row[4].GetString()!),
                row[5].GetString()!);
        }
    }
}
