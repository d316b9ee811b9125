using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>A tensor of the graph being written.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Type">Of its numbers.</param>
/// <param name="Sizes">-1 where it depends on the batch.</param>
internal sealed record OnnxTensor(string Name, DType Type, IReadOnlyList<long> Sizes)
{
    public int Rank => Sizes.Count;

    /// <summary>A dimension counted from the front.</summary>
    public int Axis(long axis) => (int)(axis < 0 ? axis + Rank : axis);
}

/// <summary>A whole number that is known only when the network runs: a tensor of one element.</summary>
internal sealed record OnnxNumber(string Name);

/// <summary>ONNX's numbers for element types.</summary>
internal static class OnnxTypes
{
    public static int Of(DType type) => type switch
    {
        DType.Float32 => 1,
        DType.UInt8 => 2,
        DType.Int8 => 3,
        DType.Int16 => 5,
        DType.Int32 => 6,
        DType.Int64 => 7,
        DType.Bool => 9,
        DType.Float16 => 10,
        DType.Float64 => 11,
        DType.BFloat16 => 16,
        _ => throw new ExportException($"onnx: numbers of type {type.TorchName()} are not written"),
    };
}
