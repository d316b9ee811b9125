using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>How a checkpoint meets a network.</summary>
public sealed record LoadOptions
{
    /// <summary>Everything must fit: no key missing, none unexpected, none of another shape.</summary>
    public static LoadOptions Strict { get; } = new();

    /// <summary>Keys that begin with one of these are left as the network has them, whatever the file holds: <c>head.</c> when the number of classes changes.</summary>
    public IReadOnlyList<string> Leave { get; init; } = [];

    /// <summary>Keys of the file that are no part of the network and may be there, such as CLIP's <c>input_resolution</c>.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>The network's name of a key of the file, where they differ; null to leave the key out.</summary>
    public Func<string, string?>? Rename { get; init; }

    /// <summary>How the file is opened.</summary>
    public CheckpointOptions? Checkpoint { get; init; }
}

/// <summary>Between checkpoints and modules.</summary>
public static class ModelWeights
{
    /// <summary>Loads a state dict by name. Nothing is changed unless everything fits.</summary>
    /// <param name="module">The network.</param>
    /// <param name="path">A checkpoint of any format that <see cref="Checkpoint"/> reads.</param>
    /// <param name="options">What may differ; strict where left out.</param>
    /// <exception cref="CheckpointException">The file is damaged, or keys are missing, unexpected or mis-shaped; the message names them all, with the nearest names.</exception>
    public static void Load(Module module, string path, LoadOptions? options = null)
    {
        using var checkpoint = Checkpoint.Open(path, options?.Checkpoint);
        Load(module, checkpoint, options);
    }

    /// <inheritdoc cref="Load(Module, string, LoadOptions?)"/>
    public static void Load(Module module, Checkpoint checkpoint, LoadOptions? options = null)
    {
        options ??= LoadOptions.Strict;
        var found = new Dictionary<string, CheckpointTensor>();
        foreach (var tensor in checkpoint.Tensors)
        {
            if (options.Ignore.Contains(tensor.Name)) continue;
            string? name = options.Rename is { } rename ? rename(tensor.Name) : tensor.Name;
            if (name is null || IsLeft(name, options)) continue;
            if (!found.TryAdd(name, tensor)) throw new CheckpointException(checkpoint.Path, $"two of its keys become '{name}' in the network");
        }

        var wanted = module.StateDict().Where(entry => !IsLeft(entry.Name, options) && (found.ContainsKey(entry.Name) || !IsCounter(entry.Name))).ToList();
        var report = KeyMatch.Compare(
            wanted.Select(entry => new NamedShape(entry.Name, entry.Tensor.Shape.ToArray())),
            found.Select(entry => new NamedShape(entry.Key, entry.Value.Shape)));
        if (!report.IsExact) throw new CheckpointException(checkpoint.Path, $"it does not fit the {module.GetType().Name}. {report}");

        using var noGrad = Gradients.Off();
        foreach (var (name, target) in wanted)
        {
            using var scope = new TensorScope();
            target.CopyInPlace(View(found[name]));
        }
    }

    /// <summary>A checkpoint's tensor as one of libtorch, copied.</summary>
    public static Tensor ToTensor(CheckpointTensor tensor)
    {
        using var scope = new TensorScope();
        return scope.Keep(View(tensor).Clone(MemoryFormat.Contiguous));
    }

    /// <summary>Writes a network's state dict, atomically: <c>.safetensors</c> by that ending, else PyTorch's format.</summary>
    /// <param name="module">The network.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Numbers and texts to keep beside the tensors.</param>
    /// <param name="cancellation">Leaves the old file as it was.</param>
    public static void Save(Module module, string path, IReadOnlyDictionary<string, object?>? metadata = null, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var shared = new Dictionary<nint, StorageData>();
        var data = module.StateDict().Select(entry => Describe(entry.Name, entry.Tensor, shared)).ToList();
        if (Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            CheckpointWriter.SaveSafetensors(path, data, metadata?.ToDictionary(entry => entry.Key, entry => entry.Value?.ToString() ?? ""), cancellation);
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

    private static unsafe Tensor View(CheckpointTensor tensor) =>
        Tensor.Over((byte*)tensor.Storage.Pointer + (tensor.Offset * tensor.DType.Size()), [.. tensor.Shape], tensor.DType, strides: [.. tensor.Strides]);

    private static bool IsLeft(string name, LoadOptions options) => options.Leave.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Checkpoints older than PyTorch 0.4.1 count no batches.</summary>
    private static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);
}
