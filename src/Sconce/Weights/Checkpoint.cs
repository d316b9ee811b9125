namespace Sconce.Weights;

/// <summary>
/// An open file of weights: its tensors under their state-dict names, and everything else it holds as plain data. Reading runs nothing of
/// the file. Tensors stay in the memory-mapped file until copied, so they are valid until <see cref="Dispose"/>, and the file must not be
/// overwritten in place meanwhile (replaced by renaming is safe).
/// </summary>
public sealed class Checkpoint : IDisposable
{
    readonly CheckpointFile file;
    readonly IReadOnlySet<CheckpointTensor> hadPrefix;

    Checkpoint(CheckpointFile file, CheckpointFormat format, object? root)
    {
        (this.file, Format, Root) = (file, format, root);
        var (stateDict, wrapper) = StateDictFinder.Find(root, file);
        Wrapper = wrapper;
        (Tensors, StrippedPrefix, hadPrefix) = StateDictFlattener.Flatten(stateDict, file);
        Skipped = SkippedObject.Collect(root);
        Metadata = format is CheckpointFormat.Safetensors or CheckpointFormat.Sharded && root is CheckpointDictionary all
            && all.TryGetValue(SafetensorsReader.MetadataKey, out var texts)
            ? CheckpointMetadata.Collect(texts)
            : CheckpointMetadata.Collect(root);
    }

    /// <summary>The file.</summary>
    public string Path => file.Path;

    /// <summary>How it is stored.</summary>
    public CheckpointFormat Format { get; }

    /// <summary>The flattened state dict in the file's order.</summary>
    public IReadOnlyList<CheckpointTensor> Tensors { get; }

    /// <summary>Numbers and texts beside the tensors (<c>epoch</c>, <c>best_prec1</c>, <c>args.lr</c>), by dotted name; at most 10,000 of
    /// them.</summary>
    public IReadOnlyDictionary<string, object?> Metadata { get; }

    /// <summary>The whole content as a tree of the plain values that <see cref="CheckpointDictionary"/> lists. Its depth is bounded and
    /// nothing in it holds itself.</summary>
    public object? Root { get; }

    /// <summary>Where in the tree the state dict was, such as <c>state_dict</c> or <c>model.state_dict</c>; empty for the whole
    /// file.</summary>
    public string Wrapper { get; }

    /// <summary>The other usual places of a state dict that this file has, such as <c>state_dict_ema</c>, for
    /// <see cref="CheckpointOptions.Wrapper"/>.</summary>
    public IReadOnlyList<string> Wrappers => StateDictFinder.Present(Root);

    /// <summary>Instances of classes that are no weights and no plain values, dates and slices say, which are records in
    /// <see cref="Root"/>; at most 1,000 of them.</summary>
    public IReadOnlyList<SkippedObject> Skipped { get; }

    /// <summary>The prefix that was taken off the names; empty for none.</summary>
    public string StrippedPrefix { get; }

    /// <summary>
    /// The tensors under the names of a network: where a wrapper put something in front of all of them (<c>model.</c>, <c>backbone.</c>,
    /// <c>student.net.</c> …) that is taken off, and what
    /// lies beside the network is set apart. With <see cref="CheckpointOptions.StripPrefix"/> nothing is guessed.
    /// </summary>
    /// <param name="names">The network's names.</param>
    /// <param name="rename">The network's name of one of the file's, without the prefix, where they differ; null for a key that is left
    /// out.</param>
    /// <exception cref="CheckpointException">The file holds such a network under several prefixes; the message names them.</exception>
    public FittedTensors Under(IEnumerable<string> names, Func<string, string?>? rename = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        return FittedNames.Fit(this, names, rename);
    }

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="CheckpointException">There is none; the nearest names are in the message.</exception>
    public CheckpointTensor this[string name] => Tensors.FirstOrDefault(t => t.Name == name)
        ?? throw file.Fault(($"no tensor {CheckpointFile.Quote(name)} among its {Tensors.Count}. "
            + NearestNames.Suggest(name, Tensors.Select(t => t.Name))).TrimEnd());

    /// <summary>Opens a checkpoint of any <see cref="CheckpointFormat"/>, told by its content, not by its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Which state dict, which prefix, which limits.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, hostile or of another kind.</exception>
    public static Checkpoint Open(string path, CheckpointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = new CheckpointFile(path, CheckpointChoice.Over(path, options ?? new CheckpointOptions()));
        try
        {
            var (root, format) = CheckpointSniffer.Read(file);
            return new Checkpoint(file, format, root);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The prefix that was asked for.</summary>
    internal string? Asked => file.Options.StripPrefix;

    /// <summary>Whether the tensor's name had it.</summary>
    internal bool HadPrefix(CheckpointTensor tensor) => hadPrefix.Contains(tensor);

    /// <summary>Closes the file; storages answer <see cref="ObjectDisposedException"/> from then on, and spans of them must not be
    /// used.</summary>
    public void Dispose() => file.Dispose();
}
