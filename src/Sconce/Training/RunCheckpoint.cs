using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>
/// <c>last.ckpt</c>: a file that <c>torch.load</c> reads, with the keys <c>model</c> (a state dict), <c>average</c>, <c>optimizer</c>, <c>random</c> (the
/// generators' states), <c>progress</c> and <c>configuration</c> (JSON). It is replaced as a whole or not at all.
/// </summary>
internal static class RunCheckpoint
{
    private const string Format = "sconce run 1";

    /// <summary>Writes everything.</summary>
    public static void Save(string path, Module network, WeightAverage? average, Optimizer optimizer, RunProgress progress, string configuration)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var state = optimizer.State();
        CheckpointWriter.SavePyTorchTree(path, new OrderedDictionary<string, object?>
        {
            ["format"] = Format,
            ["progress"] = progress.ToJson(),
            ["configuration"] = configuration,
            ["model"] = Model(network),
            ["average"] = average is null ? null : Tree(average.State()),
            ["optimizer"] = Tree(state),
            ["random"] = Random(),
        });
    }

    /// <summary>A network's state dict for the writer; the scope around must outlive the writing.</summary>
    public static StateDict Model(Module network)
    {
        var shared = new Dictionary<nint, StorageData>();
        return new StateDict([.. network.StateDict().Select(entry => ModelWeights.Describe(entry.Name, entry.Tensor, shared))]);
    }

    /// <summary>Reads everything back. Nothing is changed unless the network fits.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another network.</exception>
    public static RunProgress Load(string path, Module network, WeightAverage? average, Optimizer optimizer)
    {
        using var scope = new TensorScope();
        using var checkpoint = Open(path, out var root);
        try
        {
            var progress = RunProgress.FromJson(Text(root, "progress"));
            var averaged = average is null ? null : State(root["average"]);
            var optimised = State(root["optimizer"]);
            ModelWeights.Load(network, checkpoint);
            if (averaged is not null) average!.Load(averaged);
            optimizer.Load(optimised);
            Restore((CheckpointDictionary)root["random"]!);
            return progress;
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidCastException or ArgumentException or System.Text.Json.JsonException)
        {
            throw new CheckpointException(path, $"it does not fit this run: {error.Message}", error);
        }
    }

    /// <summary>The configuration and the progress alone.</summary>
    public static (RunProgress Progress, string Configuration) Peek(string path)
    {
        using var checkpoint = Open(path, out var root);
        return (RunProgress.FromJson(Text(root, "progress")), Text(root, "configuration"));
    }

    private static Checkpoint Open(string path, out CheckpointDictionary root)
    {
        var checkpoint = Checkpoint.Open(path, new CheckpointOptions { Wrapper = null, Checksums = ChecksumScope.Everything, StripPrefix = "" });
        root = checkpoint.Root as CheckpointDictionary ?? new CheckpointDictionary();
        if (root.TryGetValue("format", out object? format) && format is Format) return checkpoint;
        checkpoint.Dispose();
        throw new CheckpointException(path, "it is no checkpoint of a run, so training cannot go on from it: choose another folder, or start from its weights with --pretrained");
    }

    private static string Text(CheckpointDictionary root, string key) => root[key] as string ?? throw new KeyNotFoundException($"'{key}' is no text");

    private static Dictionary<string, object?> Tree(TrainingState state)
    {
        var shared = new Dictionary<nint, StorageData>();
        return new()
        {
            ["tensors"] = state.Tensors.ToDictionary(entry => entry.Key, entry => (object?)ModelWeights.Describe(entry.Key, entry.Value, shared)),
            ["numbers"] = state.Numbers.ToDictionary(entry => entry.Key, entry => (object?)entry.Value),
        };
    }

    private static TrainingState State(object? tree)
    {
        if (tree is not CheckpointDictionary state) throw new KeyNotFoundException("a part of the run's state is missing: was it begun with other settings?");
        return new TrainingState(
            ((CheckpointDictionary)state["tensors"]!).ToDictionary(entry => (string)entry.Key, entry => ModelWeights.ToTensor((CheckpointTensor)entry.Value!)),
            ((CheckpointDictionary)state["numbers"]!).ToDictionary(entry => (string)entry.Key, entry => (double)entry.Value!));
    }

    private static IEnumerable<(string Name, Device Device)> Generators() =>
        [("cpu", Device.Cpu), .. Enumerable.Range(0, TorchRuntime.CudaDevices).Select(k => ($"cuda:{k}", Device.Cuda(k)))];

    private static Dictionary<string, object?> Random() => Generators().ToDictionary(place => place.Name, place =>
    {
        using var generator = Generator.Default(place.Device);
        byte[] state = generator.State;
        return (object?)TensorData.Of(place.Name, DType.UInt8, [state.Length], state);
    });

    private static void Restore(CheckpointDictionary states)
    {
        foreach (var (name, device) in Generators())
        {
            if (!states.TryGetValue(name, out object? state)) continue;
            using var generator = Generator.Default(device);
            generator.State = ((CheckpointTensor)state!).ToArray<byte>();
        }
    }
}
