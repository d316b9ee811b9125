using System.IO.Compression;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>One compression from the loaded network to the written one, measured stage by stage.</summary>
/// <param name="request">Whom.</param>
/// <param name="settings">How.</param>
internal sealed class CompressionWork(OpenRequest request, CompressSettings settings)
{
    private const int MostPlain = 200;
    private readonly List<IReadOnlyList<object?>> rows = [];
    private readonly ImagePreprocessing preprocessing = request.Get<ImageClassifier>().Preprocessing.At(request.Size);

    /// <summary>Does it.</summary>
    /// <param name="learned">To tune on, with labels; some of them say what ranges activations have.</param>
    /// <param name="asked">To measure on, with labels.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="progress">Told of the stages.</param>
    /// <param name="cancellation">Ends it.</param>
    public CompressAnswer Run(
        IDataset<ImageExample> learned, IDataset<ImageExample> asked, IReadOnlyList<string> classes, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        if (!settings.Int8 && settings.Prune is null && settings.Rank is null && !settings.Distil)
            throw new SettingsException("int8", called => $"how smaller? Name {called}, or pruning, a rank, or distilling");
        var device = request.Device;
        TorchRuntime.ManualSeed(0);
        using var before = request.Network<Module<Tensor, Tensor>>();
        using var network = request.Network<Module<Tensor, Tensor>>();
        before.RequireGrad(false);
        network.RequireGrad(false);
        var data = Data(learned, asked, classes.Count);
        using var smaller = new NetworkCompression(network, device);
        if (smaller.Layers == 0) throw new UsageException($"{request.Name} has no layers that could be made smaller");
        Measured("as it was", before, data, before.ParameterCount, 4 * before.ParameterCount, progress, cancellation);
        if (settings.Rank is { } rank)
        {
            int reached = smaller.Factor(rank);
            Measured($"rank {rank} in {reached} of {smaller.Layers} layers", network, data, smaller.Numbers, null, progress, cancellation);
        }

        if (settings.Prune is { } share)
        {
            smaller.Prune(share);
            Measured(FormattableString.Invariant($"{100 * share:0} % pruned"), network, data, smaller.Numbers, null,
                progress, cancellation);
        }

        bool learns = settings.Tune > 0 && (settings.Prune is not null || settings.Rank is not null || settings.Distil);
        if (learns)
        {
            smaller.Tune(
                data, settings.Tune, settings.Distil ? before : null,
                step => progress?.Report(new WorkProgress("tuning", step, settings.Tune)), cancellation);
            string how = settings.Distil ? "taught by the network as it was" : "tuned";
            Measured($"{how}, {settings.Tune} steps", network, data, smaller.Numbers, null, progress, cancellation);
        }

        int rounded = settings.Int8 ? smaller.Round(data, cancellation) : 0;
        byte[] onnx = Written(network, classes, progress, cancellation);
        string last = settings.Int8 ? $"int8 in {rounded} of {smaller.Layers} layers, as written" : "as written";
        Measured(last, network, data, smaller.Numbers, onnx.Length, progress, cancellation);
        if (settings.Prune is not null)
            rows.Add(["the file packed by gzip: zeros take room until then", null, null, null, Packed(onnx), null]);
        return new CompressAnswer(
            new Rows(["stage", "accuracy", "loss", "numbers", "megabytes", "ms a picture"], rows), new MadeFile(".onnx", onnx));
    }

    private void Measured(
        string stage, Module<Tensor, Tensor> network, CompressionData data, long numbers, long? bytes, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress($"measuring: {stage}", 0, 0));
        var metrics = NetworkCompression.Measure(network, data, request.Device, cancellation);
        // Pairs of 8 bits are only played here in floating point: their own time is the other runtime's.
        bool isPlayed = stage.StartsWith("int8", StringComparison.Ordinal);
        rows.Add([stage, metrics.Accuracy, metrics.Loss, numbers, bytes is { } count ? count / 1e6 : null,
            isPlayed ? null : NetworkCompression.Milliseconds(network, preprocessing.Size, request.Device)]);
    }

    private CompressionData Data(IDataset<ImageExample> learned, IDataset<ImageExample> asked, int classes)
    {
        var options = new DataLoaderOptions { BatchSize = Math.Min(settings.Batch, learned.Count) };
        var pictures = TrainingAugmentation.OfPicture(preprocessing.Size, new PictureAugmentationSettings());
        var learning = ImageLoader.Create(
            learned, pictures, options with { Shuffle = true }, preprocessing.Mean, preprocessing.Std, classes);
        int stride = Math.Max(1, learned.Count / MostPlain);
        var some = learned.Subset([.. Enumerable.Range(0, learned.Count).Where(k => k % stride == 0)]);
        return new CompressionData(
            learning, ImageLoader.Create(some, preprocessing, options, classes), ImageLoader.Create(asked, preprocessing, options, classes),
            classes);
    }

    private byte[] Written(
        Module<Tensor, Tensor> network, IReadOnlyList<string> classes, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("sconce").FullName;
        try
        {
            string path = Path.Combine(folder, "network.onnx");
            var options = new ExportOptions
            {
                Int8Weights = settings.Int8,
                Metadata = ExportMetadata.Of(request.NetworkName, classes, preprocessing),
            };
            OnnxExport.Write(network, [3, preprocessing.Size, preprocessing.Size], path, options, progress, cancellation);
            return File.ReadAllBytes(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(bytes);
        return packed.Length / 1e6;
    }
}
