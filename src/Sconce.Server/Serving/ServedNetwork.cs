using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Compilation;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Server.Monitoring;
using Sconce.Torch;

namespace Sconce.Server.Serving;

/// <summary>A question to a network itself.</summary>
/// <param name="Values">float32, row by row.</param>
/// <param name="Shape">With the batch.</param>
internal sealed record NetworkQuestion(ReadOnlyMemory<float> Values, long[] Shape);

/// <summary>What a network says.</summary>
/// <param name="Values">float32, row by row.</param>
/// <param name="Shape">With the batch.</param>
internal sealed record NetworkReply(float[] Values, long[] Shape);

/// <summary>A network from one tensor to another, with weights, behind a queue: for KServe's protocol.</summary>
internal sealed class ServedNetwork : IDisposable
{
    private readonly Module<Tensor, Tensor> network;
    private readonly CompiledModule? compiled;
    private readonly Device device;

    private ServedNetwork(Served served, ModelVariant variant, CatalogueRequest request, ServerSettings settings, IQueueWatcher watcher)
    {
        (Name, Variant, device) = (served.Name, variant, request.Device);
        network = request.Network<Module<Tensor, Tensor>>();
        var own = variant.Get<TensorInput>().Shape;
        InputShape = request.Size is { } side && own.Count == 3 ? [own[0], side, side] : [.. own];
        try
        {
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            var example = Tensor.Zeros([1, .. InputShape]).To(device);
            OutputShape = network.Call(example).Shape[1..].ToArray();
            if (settings.Compile && device.Type == DeviceType.Cpu) compiled = Compiled(example);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        var limits = new QueueLimits(settings.Queue, settings.Batch ?? 8, TimeSpan.FromMilliseconds(settings.Wait));
        Queue = new BatchQueue<NetworkQuestion, NetworkReply>(Name, limits, Answer, AreTogether, watcher);
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The catalogue's entry.</summary>
    public ModelVariant Variant { get; }

    /// <summary>Of one input, without the batch.</summary>
    public long[] InputShape { get; }

    /// <summary>Of one output, without the batch.</summary>
    public long[] OutputShape { get; }

    /// <summary>What waits for it.</summary>
    public BatchQueue<NetworkQuestion, NetworkReply> Queue { get; }

    /// <summary>Opens it; null where what is served is no network from one tensor to another.</summary>
    public static ServedNetwork? TryOpen(Served served, ServerSettings settings, ServerMeters meters, NetworkPool pool)
    {
        var target = served.Target;
        var variant = target.Variant ?? (target.System.Variants.Count == 1 ? target.System.Variants[0] : null);
        if (variant?.Find<TensorInput>() is null || (served.Weights is null && target.Run is null)) return null;
        bool isShared = variant.Has<ImageClassifier>();   // those may be asked by several threads
        var request = ServedCatalogue.Request(served, variant, runsNetwork: true, settings, isShared ? pool : null);
        try
        {
            return new ServedNetwork(served, variant, request, settings, meters.Watcher("infer", served.Name));
        }
        catch (UsageException)
        {
            return null;   // it is called in another way: its abilities know how
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Queue.Dispose();
        compiled?.Dispose();
        network.Dispose();
    }

    private CompiledModule? Compiled(Tensor example)
    {
        try
        {
            return network.Compile(example, anyBatch: true);
        }
        catch (TorchException)
        {
            return null;   // asked as it is: slower, and as right
        }
    }

    private static Tensor Together(IReadOnlyList<NetworkQuestion> questions)
    {
        var batch = Tensor.Empty([questions.Sum(question => question.Shape[0]), .. questions[0].Shape[1..]], DType.Float32);
        var room = batch.AsSpan<float>();
        foreach (var question in questions)
        {
            question.Values.Span.CopyTo(room);
            room = room[question.Values.Length..];
        }

        return batch;
    }

    private static bool AreTogether(NetworkQuestion first, NetworkQuestion second) =>
        first.Shape.AsSpan(1).SequenceEqual(second.Shape.AsSpan(1));

    private IReadOnlyList<NetworkReply> Answer(IReadOnlyList<NetworkQuestion> questions, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var batch = Together(questions).To(device);
        bool fits = compiled is not null && batch.Shape[1..].SequenceEqual(InputShape);
        var rows = (fits ? compiled!.Call(batch) : network.Call(batch)).Float();
        float[] all = rows.ToArray<float>();
        long[] shape = rows.Shape.ToArray();
        int each = all.Length / (int)shape[0], first = 0;
        var replies = new List<NetworkReply>(questions.Count);
        foreach (var question in questions)
        {
            int count = (int)question.Shape[0];
            replies.Add(new NetworkReply(all.AsSpan(first * each, count * each).ToArray(), [count, .. shape[1..]]));
            first += count;
        }

        return replies;
    }
}
