namespace Sconce.Cli.Verbs;

/// <summary>Where answers' files go: <c>--out</c>, or a folder of their own; never beside a person's pictures.</summary>
/// <param name="asked"><c>--out</c> as it was typed; null for the folder.</param>
/// <param name="several">Whether there are several inputs.</param>
/// <param name="keeps">Whether files that are there already are kept, and new ones get other names.</param>
internal sealed class AnswerPlaces(string? asked, bool several, bool keeps = false)
{
    /// <summary>The folder that is taken where none is named.</summary>
    public const string Folder = "answers";

    private readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> last = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What was asked for; null where nothing was.</summary>
    public string? Asked => asked;

    /// <summary>The path of one part of one answer.</summary>
    /// <param name="input">What was asked about.</param>
    /// <param name="part">The part's name; empty for the answer itself.</param>
    /// <param name="extension">The kind's own.</param>
    /// <exception cref="UsageException">One file was named for several answers.</exception>
    public string Of(string input, string part, string extension)
    {
        if (asked is not null && IsFile(asked))
        {
            if (several) throw new UsageException($"--out {asked} is one file, and there are several answers: name a folder");
            Make(Path.GetDirectoryName(asked));
            return part.Length == 0 ? asked
                : Path.Combine(Path.GetDirectoryName(asked) ?? "", $"{Path.GetFileNameWithoutExtension(asked)}-{part}{extension}");
        }

        string folder = asked ?? Folder, stem = Stem(input) + (part.Length > 0 ? $"-{part}" : "");
        Make(folder);
        string plain = Path.Combine(folder, stem + extension), path = plain;
        // Counting goes on where it was: a camera may write one name for weeks.
        for (int k = last.GetValueOrDefault(plain, 1) + 1; !IsFree(path); k++)
        {
            path = Path.Combine(folder, $"{stem}-{k}{extension}");
            last[plain] = k;
        }

        return path;
    }

    /// <summary>The folder of an answer that is one: what was named itself, where there is one input.</summary>
    /// <param name="input">What was asked about.</param>
    public string OfFolder(string input) => asked is not null && !several ? asked : Path.Combine(asked ?? Folder, Stem(input));

    /// <summary>The one file that holds every answer.</summary>
    /// <param name="name">What it is called in the folder.</param>
    public string OfAll(string name)
    {
        string path = asked is null ? Path.Combine(Folder, name) : IsFile(asked) ? asked : Path.Combine(asked, name);
        Make(Path.GetDirectoryName(path));
        return path;
    }

    /// <summary>Whether a path is that of a file to be written, and of no folder.</summary>
    public static bool IsFile(string path) => Path.GetExtension(path).Length > 0 && !Directory.Exists(path) && !path.EndsWith('/');

    /// <summary>What is on the disk needs no memory: a watch may go on for weeks.</summary>
    private bool IsFree(string path) => keeps ? !File.Exists(path) : taken.Add(path);

    private static void Make(string? folder)
    {
        if (folder is { Length: > 0 }) Directory.CreateDirectory(folder);
    }

    private static string Stem(string input)
    {
        string stem = Path.GetFileNameWithoutExtension(input);
        string plain = string.Concat(stem.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'))
            .Trim('-', '.');
        return plain.Length == 0 ? "answer" : plain.Length > 80 ? plain[..80] : plain;
    }
}
