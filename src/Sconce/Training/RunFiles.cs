using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sconce.Files;

namespace Sconce.Training;

/// <summary>
/// What is ours in a run's folder. Somebody else may have prepared it: a link under one of our names leads to a file that would be
/// overwritten, a pipe would keep us waiting for ever,
/// and a file that only looks temporary may be anybody's.
/// </summary>
internal static partial class RunFiles
{
    /// <summary>Refuses a folder in which one of the names is anything but a file.</summary>
    /// <exception cref="TrainingException">The message names it.</exception>
    public static void Check(string folder, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            var kind = RegularFile.IsLink(path) ? "a link, which may lead anywhere" : RegularFile.KindOf(path);
            if (kind is not null)
                throw new TrainingException($"{path}: this is {kind}, and a run writes a file of that name: take it away, or choose "
                    + $"another folder");
        }
    }

    /// <summary>Deletes what a killed process of ours was writing.</summary>
    public static void DeleteTorn(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, ".*.tmp"))
        {
            if (Torn().IsMatch(Path.GetFileName(path)) && !RegularFile.IsLink(path) && RegularFile.KindOf(path) is null) File.Delete(path);
        }
    }

    /// <summary>Writes the number of this process into a file, which a link could not lead elsewhere even if it came up just now.</summary>
    public static void WriteOwner(string path)
    {
        var beside = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        using (var file = new FileStream(beside, FileMode.CreateNew, FileAccess.Write))
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>The names that <see cref="AtomicFile"/> gives.</summary>
    [GeneratedRegex(@"^\..+\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex Torn();
}
