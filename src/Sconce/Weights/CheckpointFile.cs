namespace Sconce.Weights;

/// <summary>An open file with what its readers share: the limits, the faults, and the memory to free when it closes.</summary>
internal sealed class CheckpointFile(string path, CheckpointOptions options) : IDisposable
{
    readonly List<IDisposable> owned = [];

    public const string Damaged = "The file is damaged or incomplete: download or copy it again.";

    public const string TooMuch = "That is over a limit which guards against files made to exhaust memory.";

    public string Path { get; } = path;

    public CheckpointOptions Options { get; } = options;

    public CheckpointLimits Limits => Options.Limits;

    public MappedFile Map { get; } = MappedFile.Open(path);

    public CheckpointException Fault(string fault, Exception? inner = null) => new(Path, fault, inner);

    /// <summary>Ties memory to the life of the file.</summary>
    public T Own<T>(T part) where T : IDisposable
    {
        lock (owned)
            owned.Add(part);
        return part;
    }

    public void Dispose()
    {
        lock (owned)
        {
            foreach (var part in owned)
                part.Dispose();
            owned.Clear();
        }
        Map.Dispose();
    }

    /// <summary>A name from the file as it may stand in a message: short, one line, printable.</summary>
    public static string Quote(string name)
    {
        var shown = name.Length <= 120 ? name : name[..80] + "…" + name[^30..];
        return "'" + string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c)) + "'";
    }
}
