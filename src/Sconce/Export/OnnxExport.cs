using System.Globalization;
using Google.Protobuf;
using Sconce.Compilation;
using Sconce.Export.Onnx;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Export;

/// <summary>Writes networks as ONNX, which ONNX Runtime and most accelerators' compilers read.</summary>
public static class OnnxExport
{
    /// <summary>The version of ONNX's operators that is written.</summary>
    public const int Opset = 17;

    private const int IrVersion = 8;
    private const double Tolerance = 1e-4;
    private const double RoundedTolerance = 5e-2;    // one value that falls to the other side of a half moves its neighbours a step
    private const long LargestMessage = 2_000_000_000;    // protobuf's limit is 2 GiB: above it the weights lie in a file beside
    private const long SmallestOutside = 1024;

    /// <summary>Exports a network from one tensor to another.</summary>
    /// <inheritdoc cref="Write(Module, ExportFunction, string, ExportOptions?, IProgress{WorkProgress}?, CancellationToken)"/>
    public static ExportResult Write(Module<Tensor, Tensor> network, IReadOnlyList<long> inputShape, string path,
        ExportOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) =>
        Write(network, ExportFunction.Of(network, inputShape), path, options, progress, cancellation);

    /// <summary>
    /// Traces and freezes one function of a network, holds the graph against the eager network, and writes it as ONNX of
    /// <see cref="Opset"/>. Above 2 GB the weights lie beside the file, in <c>NAME.data</c>.
    /// </summary>
    /// <param name="network">The network; it is left as it was.</param>
    /// <param name="function">What of it.</param>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="options">The batch.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellation">Nothing is written then.</param>
    /// <exception cref="ExportException">An operator has no counterpart in ONNX, or the traced graph answers otherwise than the network;
    /// nothing lies under the name.</exception>
    /// <exception cref="TorchException">The network can not be traced.</exception>
    /// <exception cref="IOException">The file can not be written.</exception>
    public static ExportResult Write(Module network, ExportFunction function, string path, ExportOptions? options = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ExportOptions();
        if (options.Precision != CompilePrecision.Full)
            throw new ExportException("onnx: only full precision is written, as few runtimes compute in bfloat16; export to "
                + "TorchScript for it");
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var still = new Still(network);
        using var trace = NetworkTrace.Of(function, options.Batch, progress, cancellation);
        progress?.Report(new WorkProgress("checking", 0, 0));
        double difference = trace.Difference(trace.Frozen, function);
        if (!(difference <= Tolerance))
        {
            trace.Unfold();
            difference = trace.Difference(trace.Frozen, function);
        }

        if (!(difference <= (options.Int8Weights ? RoundedTolerance : Tolerance)))
            throw new ExportException($"onnx: the traced graph differs from the network by {difference:G3} of its rms: its forward pass "
                + $"depends on something that tracing can not see; nothing was written");
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new WorkProgress("converting", 0, 0));
        using var graph = trace.Frozen.Read(function.Examples(trace.Batches.One), function.Examples(trace.Batches.Other));
        var converter = new OnnxConverter(graph);
        try
        {
            var written = converter.Convert([.. function.Inputs.Select(input => input.Name)], function.Outputs);
            if (options.Int8Weights)
            {
                new OnnxInt8Pairs(written).Arrange();
                new OnnxInt8Weights(written).Store();
            }

            var model = Model(written, network, function, options.Metadata);
            progress?.Report(new WorkProgress("writing", 0, 0));
            long bytes = Save(model, Path.GetFullPath(path), cancellation);
            return new ExportResult(path, bytes, trace.Batch, trace.FixedBecause, difference);
        }
        finally
        {
            foreach (var tensor in converter.Builder.Held) tensor.Dispose();
        }
    }

    private static ModelProto Model(GraphProto graph, Module network, ExportFunction function, IReadOnlyDictionary<string, string> metadata)
    {
        graph.Name = function.Name.Length > 0 ? function.Name : network.GetType().Name;
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Sconce",
            ProducerVersion = typeof(OnnxExport).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = graph
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach (var (name, value) in metadata) model.MetadataProps.Add(new StringStringEntryProto { Key = name, Value = value });
        return model;
    }

    private static long Save(ModelProto model, string path, CancellationToken cancellation)
    {
        string beside = path + $".{Guid.NewGuid():N}.partial", data = beside + ".data";
        try
        {
            long weights = model.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length);
            bool apart = weights > LargestMessage;
            if (apart) SaveApart(model, data, Path.GetFileName(path) + ".data", cancellation);
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                model.WriteTo(stream);
                stream.Flush(flushToDisk: true);
            }

            cancellation.ThrowIfCancellationRequested();
            long bytes = new FileInfo(beside).Length + (apart ? new FileInfo(data).Length : 0);
            if (apart) File.Move(data, path + ".data", overwrite: true);
            File.Move(beside, path, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(beside);
            File.Delete(data);
        }
    }

    // ONNX's external data: each large constant says where in the other file it lies.
    private static void SaveApart(ModelProto model, string file, string name, CancellationToken cancellation)
    {
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        foreach (var tensor in model.Graph.Initializer.Where(tensor => tensor.RawData.Length >= SmallestOutside))
        {
            cancellation.ThrowIfCancellationRequested();
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = name });
            tensor.ExternalData.Add(new StringStringEntryProto
            { Key = "offset", Value = stream.Position.ToString(CultureInfo.InvariantCulture) });
            tensor.ExternalData.Add(new StringStringEntryProto
            { Key = "length", Value = tensor.RawData.Length.ToString(CultureInfo.InvariantCulture) });
            tensor.DataLocation = 1;
            stream.Write(tensor.RawData.Span);
            tensor.RawData = ByteString.Empty;
        }

        stream.Flush(flushToDisk: true);
    }
}
