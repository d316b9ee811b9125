namespace Sconce.Server.Requests;

/// <summary>
/// The files of one request in a folder of their own, which goes with it. Their names are ours: of what a client calls a file only the
/// ending is taken, where it is that of a known kind.
/// </summary>
/// <param name="root">The server's own folder for such.</param>
internal sealed class RequestFiles(string root) : IDisposable
{
    private readonly Dictionary<string, string> called = new(StringComparer.Ordinal);
    private string? folder;

    /// <summary>A path that nothing lies at yet.</summary>
    /// <param name="extension">With its dot.</param>
    /// <param name="name">What a fault calls it.</param>
    /// <param name="label">
    /// A folder that says what it shows, whose name was verified (<see cref="Review.ReviewStore.IsLabel"/>); empty for none.
    /// </param>
    public string Next(string extension, string name, string label = "")
    {
        folder ??= Made();
        string place = Path.Combine(folder, label);
        if (label.Length > 0) Directory.CreateDirectory(place);
        string path = Path.Combine(place, $"{called.Count}{extension}");
        called.Add(path, name);
        return path;
    }

    /// <summary>A fault's words with the names that the client knows in place of our paths.</summary>
    public string Worded(string message)
    {
        foreach (var (path, name) in called) message = message.Replace(path, name, StringComparison.Ordinal);
        return folder is null ? message : message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
    }

    /// <summary>Deletes them.</summary>
    public void Dispose()
    {
        if (folder is null) return;
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A program that still writes there (ffmpeg that is being ended): the server's end deletes the rest.
        }
    }

    private string Made()
    {
        string path = Path.Combine(root, Path.GetRandomFileName());
        Directory.CreateDirectory(path);
        return path;
    }
}
