namespace Sconce.Weights;

/// <summary>
/// What a person said about one file, for every reader below that opens it: a system's own loader knows nothing of the options of whoever
/// called it. What the person said comes before what
/// the loader would choose.
/// </summary>
public sealed class CheckpointChoice : IDisposable
{
    private static readonly AsyncLocal<CheckpointChoice?> Current = new();
    private readonly CheckpointChoice? outer;
    private readonly string path;
    private readonly string? wrapper, prefix;

    private CheckpointChoice(string path, string? wrapper, string? prefix)
    {
        (this.path, this.wrapper, this.prefix, outer) = (Path.GetFullPath(path), wrapper, prefix, Current.Value);
        Current.Value = this;
    }

    /// <summary>Until disposed, in this flow of calls: how a file is opened.</summary>
    /// <param name="path">The file; others are opened as before.</param>
    /// <param name="wrapper">See <see cref="CheckpointOptions.Wrapper"/>; null leaves it to the loader.</param>
    /// <param name="prefix">See <see cref="CheckpointOptions.StripPrefix"/>; null leaves it to the loader.</param>
    public static CheckpointChoice For(string path, string? wrapper, string? prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path, wrapper, prefix);
    }

    /// <inheritdoc/>
    public void Dispose() => Current.Value = outer;

    internal static CheckpointOptions Over(string path, CheckpointOptions options)
    {
        if (Current.Value is null || path.Length == 0)
            return options;
        var full = Path.GetFullPath(path);
        for (var choice = Current.Value; choice is not null; choice = choice.outer)
        {
            if (choice.path == full)
                return options with { Wrapper = choice.wrapper ?? options.Wrapper, StripPrefix = choice.prefix ?? options.StripPrefix };
        }
        return options;
    }
}
