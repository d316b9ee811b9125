using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Export;

/// <summary>Writes networks as TorchScript, which PyTorch reads (<c>torch.jit.load</c>) in Python, C++ and on telephones.</summary>
public static class TorchScriptExport
{
    private const double FullTolerance = 1e-4;
    private const double BFloat16Tolerance = 0.25;

    /// <summary>Exports a network from one tensor to another.</summary>
    /// <inheritdoc cref="Write(Module, ExportFunction, string, ExportOptions?, IProgress{WorkProgress}?, CancellationToken)"/>
    public static ExportResult Write(Module<Tensor, Tensor> network, IReadOnlyList<long> inputShape, string path,
        ExportOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) =>
        Write(network, ExportFunction.Of(network, inputShape), path, options, progress, cancellation);

    /// <summary>Traces, freezes and saves one function of a network; the file is read again and held against the eager network before it
    /// gets its name.</summary>
    /// <param name="network">The network; it is left as it was.</param>
    /// <param name="function">What of it.</param>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="options">Batch and precision.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellation">Nothing is written then.</param>
    /// <exception cref="ExportException">What was written answers otherwise than the network; nothing lies under the name.</exception>
    /// <exception cref="TorchException">The network can not be traced, or the file not be written.</exception>
    public static ExportResult Write(Module network, ExportFunction function, string path, ExportOptions? options = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ExportOptions();
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var still = new Still(network);
        bool half = options.Precision == CompilePrecision.BFloat16;
        using var converted = half ? new InBFloat16(network) : null;
        var traced = half ? InSingle(function) : function;
        using var trace = NetworkTrace.Of(traced, options.Batch, progress, cancellation);
        converted?.Dispose();    // the trace keeps the converted weights: the eager network answers with its own
        cancellation.ThrowIfCancellationRequested();
        string beside = Path.GetFullPath(path) + $".{Guid.NewGuid():N}.partial";
        try
        {
            double difference = SaveAndCheck(trace, function, beside, progress);
            if (!half && !(difference <= FullTolerance))
            {
                trace.Unfold();
                difference = SaveAndCheck(trace, function, beside, progress);
            }

            if (!(difference <= (half ? BFloat16Tolerance : FullTolerance)))
            {
                throw new ExportException($"torchscript: what was written differs from the network by {difference:G3} of its rms: its "
                    + $"forward pass depends on something that tracing can not see; nothing was kept");
            }

            cancellation.ThrowIfCancellationRequested();
            File.Move(beside, path, overwrite: true);
            return new ExportResult(path, new FileInfo(path).Length, trace.Batch, trace.FixedBecause, difference);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static double SaveAndCheck(NetworkTrace trace, ExportFunction eager, string file, IProgress<WorkProgress>? progress)
    {
        progress?.Report(new WorkProgress("writing", 0, 0));
        using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            trace.Frozen.Write(stream);
            stream.Flush(flushToDisk: true);
        }

        progress?.Report(new WorkProgress("checking", 0, 0));
        using var again = ScriptModule.Load(file);
        return trace.Difference(again, eager);
    }

    /// <summary>A bfloat16 network's function with inputs and results in float32 all the same, so that callers need not know.</summary>
    private static ExportFunction InSingle(ExportFunction function) => function with
    {
        Run = inputs =>
        [
            .. function.Run([.. inputs.Select(input => input.DType == DType.Float32 ? input.To(DType.BFloat16) : input)])
                .Select(result => result.DType == DType.BFloat16 ? result.To(DType.Float32) : result),
        ],
    };
}
