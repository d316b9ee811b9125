using Sconce.Compilation;

namespace Sconce.Export;

/// <summary>How a network is exported.</summary>
public sealed record ExportOptions
{
    /// <summary>Examples in a batch; null for any number, where the network permits it.</summary>
    public int? Batch { get; init; }

    /// <summary>In which numbers the network computes. ONNX takes only <see cref="CompilePrecision.Full"/>: few of its runtimes compute in
    /// bfloat16.</summary>
    public CompilePrecision Precision { get; init; }

    /// <summary>
    /// Whether weights of convolutions and products that stand on int8's grid, ±127 steps of a scale a row, are written as whole numbers of
    /// 8 bits with that scale; others stay as they are. ONNX alone.
    /// </summary>
    public bool Int8Weights { get; init; }

    /// <summary>What goes into an ONNX file beside the graph, by name: what its outputs are called, how pictures become its input
    /// (<see cref="ExportMetadata"/>).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>A file that was exported.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size, that of files beside it included.</param>
/// <param name="Batch">Examples in a batch; null for any number.</param>
/// <param name="FixedBecause">Why the batch is fixed although any was asked for; empty otherwise.</param>
/// <param name="Difference">The largest difference between what was written and the eager network, in units of the eager answer's
/// rms.</param>
public sealed record ExportResult(string Path, long Bytes, int? Batch, string FixedBecause, double Difference);
