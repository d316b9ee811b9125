namespace Sconce.Weights;

/// <summary>
/// Small files that a network needs beside its weights (what its tokens stand for, what it was built for), inside its checkpoint: the key
/// <c>files</c>, by name, each in base64.
/// </summary>
public static class CheckpointFiles
{
    /// <summary>The key of the checkpoint.</summary>
    public const string Key = "files";

    /// <summary>The files as the writer takes them.</summary>
    public static IReadOnlyDictionary<string, object?> Tree(IReadOnlyDictionary<string, byte[]> files) =>
        files.ToDictionary(file => file.Key, file => (object?)Convert.ToBase64String(file.Value));

    /// <summary>The files of a checkpoint, by name; null where it holds none.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <exception cref="CheckpointException">It cannot be read, or a file of it is damaged.</exception>
    public static IReadOnlyDictionary<string, byte[]>? Read(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        if (checkpoint.Root is not CheckpointDictionary root || !root.TryGetValue(Key, out object? found)) return null;
        if (found is not CheckpointDictionary files) return null;   // another program's, under this name
        var read = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in files)
        {
            try
            {
                read[$"{name}"] = Convert.FromBase64String(value as string ?? "");
            }
            catch (FormatException fault)
            {
                throw new CheckpointException(path, $"the file {name} in it is damaged: {fault.Message}", fault);
            }
        }

        return read;
    }
}
