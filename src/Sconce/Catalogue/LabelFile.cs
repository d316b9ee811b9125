namespace Sconce.Catalogue;

/// <summary>The names of a network's outputs, where they are not its official ones.</summary>
public static class LabelFile
{
    /// <summary>One class a line, in the order of the outputs; empty lines do not count.</summary>
    /// <param name="file">A path that was given to <c>--labels</c>.</param>
    /// <exception cref="UsageException">There is no such file, or it names nothing.</exception>
    public static IReadOnlyList<string> Read(string file)
    {
        if (!File.Exists(file)) throw new UsageException($"--labels: there is no file '{file}'; it is a text with one class a line, in the order of the network's outputs");
        string[] labels = [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return labels.Length > 0 ? labels : throw new UsageException($"--labels: {file} names no class");
    }
}
