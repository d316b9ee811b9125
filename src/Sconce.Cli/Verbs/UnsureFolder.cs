using System.Globalization;
using System.Text;
using Sconce.Abilities;
using Sconce.Files;

namespace Sconce.Cli.Verbs;

/// <summary>
/// <c>--unsure FOLDER</c>: copies of what a classifier was unsure about, and <see cref="Why"/> with the classes that it wavered between. A
/// person who sorts the copies into a subfolder a class has a folder that <c>sconce train --decisions</c> takes.
/// </summary>
internal sealed class UnsureFolder
{
    /// <summary>The table of reasons.</summary>
    public const string Why = "why.csv";

    private readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase) { Why };
    private readonly List<(string File, string Input, Labels Answer)> kept = [];
    private readonly string folder;

    /// <summary>Looks at the folder; it is made with the first copy.</summary>
    /// <exception cref="UsageException">Something is in it: what a person sorted there would be mixed with new copies.</exception>
    public UnsureFolder(string folder)
    {
        this.folder = folder;
        if (File.Exists(folder)) throw new UsageException($"--unsure {folder}: this is a file; name a folder");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new UsageException($"--unsure {folder}: something is in it already; name a new folder, or empty this one");
    }

    /// <summary>Keeps a copy, where the answer is unsure.</summary>
    /// <exception cref="IOException">It cannot be copied.</exception>
    public void Take(IInput input, IAnswer answer)
    {
        if (answer.Parts.Select(part => part.Part).OfType<Labels>().FirstOrDefault() is not { IsUnsure: true } labels) return;
        Directory.CreateDirectory(folder);
        kept.Add((Copied(input), input.Name, labels));
    }

    /// <summary>Writes the reasons, the least sure first.</summary>
    /// <returns>What was written, in words.</returns>
    public string Finish(CancellationToken cancellation)
    {
        if (kept.Count == 0) return $"nothing was copied to {folder}";
        int classes = kept.Max(one => one.Answer.Items.Count);
        var text = new StringBuilder();
        text.Append(AnswerRows.CsvLine(["file", "input", "asked",
            .. Enumerable.Range(1, classes).SelectMany(k => (string[])[$"label {k}", $"confidence {k}"])]));
        foreach (var (file, input, answer) in kept.OrderBy(one => one.Answer.Best.Confidence).ThenBy(one => one.File, StringComparer.Ordinal))
        {
            var cells = answer.Items.SelectMany(label => (string[])[label.Name, AnswerRows.Cell(label.Confidence)]).ToList();
            cells.AddRange(Enumerable.Repeat("", (2 * classes) - cells.Count));
            text.Append(AnswerRows.CsvLine([file, input, answer.Threshold!.Value.ToString(CultureInfo.InvariantCulture), .. cells]));
        }

        string why = Path.Combine(folder, Why);
        AtomicFile.Write(why, Encoding.UTF8.GetBytes(text.ToString()), cancellation);
        return $"{folder} has copies of them, {why} says why";
    }

    /// <summary>The copy's name; an input that is no file has none.</summary>
    private string Copied(IInput input)
    {
        if (input is Picture { Path: null } made)
        {
            string name = Free("picture", ".png");
            made.Image.Save(Path.Combine(folder, name));
            return name;
        }

        if (!File.Exists(input.Name)) return "";
        string copy = Free(Path.GetFileNameWithoutExtension(input.Name), Path.GetExtension(input.Name));
        File.Copy(input.Name, Path.Combine(folder, copy));
        return copy;
    }

    private string Free(string stem, string extension)
    {
        string name = stem + extension;
        for (int k = 2; !taken.Add(name); k++) name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{k}{extension}");
        return name;
    }
}
