using System.Text.RegularExpressions;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>How a checkpoint meets a network.</summary>
public sealed record LoadOptions
{
    /// <summary>Everything must fit: no key missing, none unexpected, none of another shape.</summary>
    public static LoadOptions Strict { get; } = new();

    /// <summary>Keys that begin with one of these are left as the network has them, whatever the file holds: <c>head.</c> when the number
    /// of classes changes.</summary>
    public IReadOnlyList<string> Leave { get; init; } = [];

    /// <summary>Keys of the file that are no part of the network and may be there, such as CLIP's <c>input_resolution</c>.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>The network's name of a key of the file, where they differ; null to leave the key out.</summary>
    public Func<string, string?>? Rename { get; init; }

    /// <summary>How the file is opened.</summary>
    public CheckpointOptions? Checkpoint { get; init; }
}

/// <summary>Between checkpoints and modules.</summary>
public static partial class ModelWeights
{
    /// <summary>Loads a state dict by name. Nothing is changed unless everything fits.</summary>
    /// <param name="module">The network.</param>
    /// <param name="path">A checkpoint of any format that <see cref="Checkpoint"/> reads.</param>
    /// <param name="options">What may differ; strict where left out.</param>
    /// <exception cref="CheckpointException">The file is damaged, or keys are missing, unexpected or mis-shaped; the message names them
    /// all, with the nearest names.</exception>
    public static void Load(Module module, string path, LoadOptions? options = null)
    {
        using var checkpoint = Checkpoint.Open(path, options?.Checkpoint);
        Load(module, checkpoint, options);
    }

    /// <inheritdoc cref="Load(Module, string, LoadOptions?)"/>
    public static void Load(Module module, Checkpoint checkpoint, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(checkpoint);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var (found, wanted, resampled, report) = Meet(module, checkpoint, options ?? LoadOptions.Strict);
        if (!report.IsExact) throw Misfit(module, checkpoint, report);
        ComplexWeights.Refuse(checkpoint.Path, wanted.Select(entry => (entry.Name, found[entry.Name].DType, entry.Tensor.DType)));
        // Before the first is copied: one whose numbers cannot be had must not leave half a network.
        foreach (var (name, _) in wanted) _ = found[name].Storage.Pointer;
        foreach (var (name, target) in wanted)
        {
            using var inner = new TensorScope();
            target.CopyInPlace(resampled.TryGetValue(name, out var table) ? table : View(found[name]));
        }
    }

    /// <summary>How a file's names and shapes meet a network's, as <see cref="Load(Module, Checkpoint, LoadOptions?)"/> would see them;
    /// nothing is changed.</summary>
    /// <inheritdoc cref="Load(Module, string, LoadOptions?)"/>
    public static StateDictReport Compare(Module module, Checkpoint checkpoint, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(checkpoint);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return Meet(module, checkpoint, options ?? LoadOptions.Strict).Report;
    }

    private static (Dictionary<string, CheckpointTensor> Found, List<StateEntry> Wanted, Dictionary<string, Tensor> Resampled,
        StateDictReport Report) Meet(
        Module module, Checkpoint checkpoint, LoadOptions options)
    {
        var state = module.StateDict();
        var found = new Dictionary<string, CheckpointTensor>();
        var fitted = checkpoint.Under(state.Select(entry => entry.Name), options.Rename);
        foreach (var tensor in fitted.Tensors)
        {
            if (options.Ignore.Contains(tensor.Name)) continue;
            string? name = options.Rename is { } rename ? rename(tensor.Name) : tensor.Name;
            if (name is null || IsLeft(name, options)) continue;
            if (!found.TryAdd(name, tensor))
                throw new CheckpointException(checkpoint.Path, $"two of its keys become '{name}' in the network");
        }

        var wanted = state.Where(entry => !IsLeft(entry.Name, options)
            && (found.ContainsKey(entry.Name) || !IsCounter(entry.Name))).ToList();
        var resampled = Positions(module, wanted, found);
        var report = KeyMatch.Compare(
            wanted.Select(entry => new NamedShape(entry.Name, entry.Tensor.Shape.ToArray())),
            found.Select(entry => new NamedShape(entry.Key, resampled.TryGetValue(entry.Key, out var table) ? table.Shape.ToArray()
                : entry.Value.Shape)));
        return (found, wanted, resampled, report with { Prefix = fitted.Prefix, Beside = fitted.Outside.Count });
    }

    /// <summary>
    /// A table of learned positions that a file has for pictures of another size, at the size of the network's own; null where the name
    /// is no such table's, or where it is of another width.
    /// </summary>
    /// <param name="module">The network.</param>
    /// <param name="name">The table's dotted name in it.</param>
    /// <param name="found">The file's table.</param>
    public static Tensor? Resample(Module module, string name, Tensor found)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        int dot = name.LastIndexOf('.');
        var owner = module.NamedModules().FirstOrDefault(entry => entry.Name == (dot < 0 ? "" : name[..dot])).Module;
        return (owner as IPositioned)?.Resample(name[(dot + 1)..], found);
    }

    private static Dictionary<string, Tensor> Positions(Module module, List<StateEntry> wanted, Dictionary<string, CheckpointTensor> found)
    {
        var resampled = new Dictionary<string, Tensor>();
        foreach (var (name, target) in wanted)
        {
            if (!found.TryGetValue(name, out var tensor) || target.Shape.SequenceEqual(tensor.Shape.ToArray())) continue;
            if (!tensor.IsReadable || tensor.DType.IsComplex() || tensor.Shape.Count is not (2 or 3)) continue;
            if (Resample(module, name, ToTensor(tensor).To(DType.Float32)) is { } table) resampled.Add(name, table);
        }

        return resampled;
    }

    private static CheckpointException Misfit(Module module, Checkpoint checkpoint, StateDictReport report)
    {
        string shard = Shard().IsMatch(checkpoint.Path) && report.Missing.Count > 0
            ? " It is one of several shards: name their index (….index.json), which knows them all." : "";
        string others = report.Matched.Count == 0
            && checkpoint.Wrappers.Where(name => name != checkpoint.Wrapper).ToList() is { Count: > 0 } entries
            ? $" The file has other entries that hold tensors: {string.Join(", ", entries)}."
            : "";
        return new CheckpointException(checkpoint.Path, $"it does not fit the {module.GetType().Name}. {report}{shard}{others}")
        {
            Remedy = report.Hint.Length > 0 ? Remedy.Prefix : others.Length > 0 ? Remedy.Wrapper
                : Remedy.None,
        };
    }

    [GeneratedRegex(@"-\d{5}-of-\d{5}\.\w+$")]
    private static partial Regex Shard();

    /// <summary>A checkpoint's tensor as one of libtorch, copied.</summary>
    public static Tensor ToTensor(CheckpointTensor tensor)
    {
        using var scope = new TensorScope();
        var copy = scope.Keep(View(tensor).Clone(MemoryFormat.Contiguous));
        GC.KeepAlive(tensor);    // and with it the mapping that the view lies over
        return copy;
    }

    /// <summary>Writes a network's state dict, atomically: <c>.safetensors</c> by that ending, else PyTorch's format.</summary>
    /// <param name="module">The network.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Numbers and texts to keep beside the tensors.</param>
    /// <param name="cancellation">Leaves the old file as it was.</param>
    public static void Save(Module module, string path, IReadOnlyDictionary<string, object?>? metadata = null,
        CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var shared = new Dictionary<nint, StorageData>();
        var data = module.StateDict().Select(entry => Describe(entry.Name, entry.Tensor, shared)).ToList();
        if (Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            CheckpointWriter.SaveSafetensors(path, data,
                metadata?.ToDictionary(entry => entry.Key, entry => entry.Value?.ToString() ?? ""), cancellation);
            return;
        }

        CheckpointWriter.SavePyTorch(path, data, new PyTorchSaveOptions { Metadata = metadata }, cancellation);
    }

    /// <summary>A tensor as the writers want it, over its own memory; the scope around the call must outlive the writing.</summary>
    public static unsafe TensorData Describe(string name, Tensor tensor, IDictionary<nint, StorageData>? shared = null)
    {
        var here = tensor.Cpu();
        var (address, bytes, offset) = here.Storage;
        StorageData? storage = null;
        if (shared is null || !shared.TryGetValue(address, out storage))
        {
            storage = StorageData.Of(address, bytes, here);
            if (shared is not null && address != 0) shared[address] = storage;
        }

        return new TensorData(name, here.DType, here.Shape, storage, here.Strides, offset);
    }

    /// <summary>
    /// Over the file's own memory; copied where that is no multiple of an element's size, because libtorch's copies of 16-byte elements are
    /// killed by such addresses.
    /// </summary>
    private static unsafe Tensor View(CheckpointTensor tensor)
    {
        byte* first = (byte*)tensor.Storage.Pointer + (tensor.Offset * tensor.DType.Size());
        if ((nuint)first % (nuint)tensor.DType.Size() == 0)
            return Tensor.Over(first, [.. tensor.Shape], tensor.DType, strides: [.. tensor.Strides]);
        var aligned = Tensor.Empty([.. tensor.Shape], tensor.DType);
        tensor.CopyTo((nint)aligned.Data, tensor.ByteLength);
        return aligned;
    }

    private static bool IsLeft(string name, LoadOptions options) =>
        options.Leave.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Checkpoints older than PyTorch 0.4.1 count no batches.</summary>
    private static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);
}
