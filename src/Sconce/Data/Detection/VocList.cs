namespace Sconce.Data;

/// <summary>Pascal VOC's lists of pictures, <c>ImageSets/Main/train.txt</c>: a name a line; a list of one class has 1, 0 or -1 after
/// it.</summary>
internal static class VocList
{
    /// <summary>The annotations of a list's pictures.</summary>
    /// <exception cref="DataException">There is no such list, or a picture of it has no annotation; with the line.</exception>
    internal static List<string> Read(string root, string annotations, string list)
    {
        var path = Path.Combine(root, "ImageSets", "Main", list + ".txt");
        if (!File.Exists(path))
            throw new DataException(path, "there is no such list of pictures");
        var files = new List<string>();
        string[] lines = TextFiles.ReadLines(path);
        for (int k = 0; k < lines.Length; k++)
        {
            string name = lines[k].Trim();
            if (name.Length == 0) continue;
            if (Annotation(annotations, name) is { } whole)    // a name may hold spaces
            {
                files.Add(whole);
                continue;
            }

            string[] words = name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            bool isFlagged = words.Length > 1 && words[^1] is "-1" or "0" or "1";
            string? flagged = isFlagged ? Annotation(annotations, name[..^words[^1].Length].TrimEnd()) : null;
            if (isFlagged && words[^1] == "-1" && flagged is null) continue;    // a picture without the class need not be there
            if (flagged is null) throw new DataException($"{path}, line {k + 1}",
                $"'{name}' has no annotation {Path.Combine(annotations, name + ".xml")}");
            if (words[^1] != "-1") files.Add(flagged);    // -1: the picture has none of the class
        }

        return files;
    }

    /// <summary>The annotation of a name, which may have the picture's extension, folders, or another case.</summary>
    private static string? Annotation(string folder, string name)
    {
        string last = name.Replace('\\', '/').Split('/')[^1];
        foreach (string file in new[] { last + ".xml", Path.ChangeExtension(last, ".xml"), last + ".XML" })
        {
            if (!last.Contains('\0') && last is not ("" or "." or "..")
                && File.Exists(Path.Combine(folder, file))) return Path.Combine(folder, file);
        }

        return null;
    }
}
