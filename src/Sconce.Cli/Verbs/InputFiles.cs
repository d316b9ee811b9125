using System.Text;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Files;
using Sconce.Training;

namespace Sconce.Cli.Verbs;

/// <summary>Brings what was typed to inputs: files, folders, patterns, lists of files, standard input, and words for abilities that read
/// them.</summary>
/// <param name="abilities">What is asked; each knows its own kind of input.</param>
/// <param name="standardInput">Where <c>-</c> is read from.</param>
/// <param name="part">Which part of a folder that has parts: <c>train</c> or <c>test</c>; null for all of it.</param>
internal sealed class InputFiles(IReadOnlyList<Ability> abilities, Func<Stream> standardInput, string? part = null)
{
    private const int Sniffed = 16;

    /// <summary>The inputs in order, each with the ability that takes it.</summary>
    /// <param name="words">As they were typed.</param>
    /// <param name="list">A text with a path a line; null for none.</param>
    /// <exception cref="UsageException">A word is no file, a folder holds nothing that can be taken, or a kind is not taken.</exception>
    public IReadOnlyList<(IInput Input, Ability Ability)> Gather(IReadOnlyList<string> words, string? list)
    {
        if (abilities.FirstOrDefault(ability => ability.TakesWordsToo) is { } captioned) return Captioned(words, list, captioned);
        var found = words.SelectMany(Of).ToList();
        if (list is not null) found.AddRange(Lines(RegularFile.ReadAllText(Existing(list)), list).SelectMany(Of));
        if (found.Count > 1 && abilities.FirstOrDefault(ability => ability.TakesAllTogether) is { } one)
            return [(one.InputOf(TableFiles.Joined(found.Select(pair => pair.Item1.Name))), one)];
        if (found.Count > 0) return found;
        if (abilities.FirstOrDefault(ability => ability.Input == InputKind.Nothing) is { } maker) return [(maker.InputOf(""), maker)];
        throw new UsageException(abilities.Any(ability => ability.Input != InputKind.Text)
            ? $"which {Kinds}? Name files, folders or patterns such as \"{Pattern}\"; --list FILE for a text with a path a line; - for "
            + "standard input"
            : "which words? Write them behind, in quotation marks");
    }

    /// <summary>Each file with the words that are none.</summary>
    private List<(IInput, Ability)> Captioned(IReadOnlyList<string> words, string? list, Ability ability)
    {
        var said = words.Where(word => word != "-" && !Directory.Exists(word) && !File.Exists(word)).ToList();
        if (said.Count > 1) throw new UsageException($"'{said[0]}' and '{said[1]}' are no files: one text is taken, in quotation marks");
        var found = words.Except(said).SelectMany(Of).ToList();
        if (list is not null) found.AddRange(Lines(RegularFile.ReadAllText(Existing(list)), list).SelectMany(Of));
        if (found.Count == 0) throw new UsageException($"which {Kinds}? Name files or folders, and then the words, in quotation marks");
        return said is not [var text]
            ? found
            : [.. found.Select(pair => (ability.InputOf(TableFiles.Joined([pair.Item1.Name, text])), ability))];
    }

    private string Kinds => string.Join(" or ",
        abilities.Where(ability => ability.Input != InputKind.Nothing).Select(ability => ability.Input.Plural).Distinct());

    private string Pattern =>
        $"folder/*{abilities.SelectMany(ability => ability.Input.Extensions).FirstOrDefault() ?? ""}";

    private IEnumerable<(IInput, Ability)> Of(string word)
    {
        if (word == "-") return OfStandardInput();
        if (Directory.Exists(word)) return OfFolder(word);
        if (File.Exists(word)) return [OfFile(word)];
        if (word.AsSpan().ContainsAny('*', '?')) return OfPattern(word);
        if (abilities.FirstOrDefault(ability => ability.Input == InputKind.Text) is { } reader) return [(reader.InputOf(word), reader)];
        throw new UsageException($"there is no file '{word}'");
    }

    private (IInput, Ability) OfFile(string path)
    {
        var files = abilities.Where(ability => ability.Input.Extensions.Count > 0).ToList();
        if (files.Count == 0)
            throw new UsageException(abilities.Any(a => a.Input == InputKind.Text)
                ? $"'{path}' is a file, and words are wanted" : $"'{path}': no file goes in here");
        // A name may lie: where only one kind is taken, the file is tried, and its reader says what is wrong.
        var fitting = files.FirstOrDefault(ability => ability.Input.Fits(path))
            ?? (files.Select(ability => ability.Input).Distinct().Count() == 1 ? files[0] : null)
            ?? throw new UsageException($"{path}: its extension is none of {Kinds}");
        return (fitting.InputOf(path), fitting);
    }

    private IEnumerable<(IInput, Ability)> OfFolder(string folder)
    {
        if (abilities.FirstOrDefault(ability => ability.Input == InputKind.AnnotatedPictures) is { } whole && DetectionFolder.Is(folder))
            return [(whole.InputOf(folder), whole)];
        if (part is not null) folder = FolderPictures.PartOf(folder, heldOut: part == "test");
        var files = FileWalk.All(folder).Where(path => abilities.Any(ability => ability.Input.Fits(path))).ToList();
        return files.Count > 0 ? files.Select(OfFile) : throw new UsageException($"{folder} holds no {Kinds}");
    }

    private IEnumerable<(IInput, Ability)> OfPattern(string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        if (folder.AsSpan().ContainsAny('*', '?'))
            throw new UsageException($"'{pattern}': * and ? may stand in the last part of a path alone");
        if (!Directory.Exists(folder)) throw new UsageException($"there is no folder '{folder}'");
        string[] files = [.. Directory.EnumerateFiles(folder, Path.GetFileName(pattern)).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files.Select(file => OfFile(folder == "." ? Path.GetFileName(file) : file))
            : throw new UsageException($"'{pattern}' fits no file");
    }

    /// <summary>A picture's bytes, or a path a line.</summary>
    private IEnumerable<(IInput, Ability)> OfStandardInput()
    {
        using var stream = standardInput();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        byte[] bytes = memory.ToArray();
        bool isText = bytes.Take(Sniffed).All(letter => letter is >= 0x20 and not 0x7F or (byte)'\n' or (byte)'\r' or (byte)'\t');
        if (isText) return [.. Lines(Encoding.UTF8.GetString(bytes), "standard input").SelectMany(Of)];
        var seer = abilities.FirstOrDefault(ability => ability.Input == InputKind.Picture)
            ?? throw new UsageException($"standard input is no list of paths, and its bytes are not taken as {Kinds}");
        return [(Picture.Of(bytes, "standard input"), seer)];
    }

    private static IEnumerable<string> Lines(string text, string where)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 0 ? lines : throw new UsageException($"{where} names nothing");
    }

    private static string Existing(string list) =>
        File.Exists(list) ? list : throw new UsageException($"--list: there is no file '{list}'");
}
