using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Numbers of 8 bits: pairs of QuantizeLinear and DequantizeLinear, which runtimes turn into arithmetic of 8 bits.</summary>
internal static class OnnxQuantization
{
    private const int Bits = 8;

    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::fake_quantize_per_tensor_affine"] = Activation,
        ["aten::fake_quantize_per_tensor_affine_cachemask"] = Activation,
    };

    /// <summary>scale, zero point, least and greatest level: 0 and 255 alone have a form.</summary>
    private static void Activation(OnnxCall call)
    {
        if (call.Int(3) != 0 || call.Int(4) != (1 << Bits) - 1) throw call.Fault("levels that are no unsigned bytes");
        string scale = call.Onnx.Scalar(call.Real(1), DType.Float32), zero = call.Onnx.Scalar(call.Int(2), DType.UInt8);
        string levels = call.Add("QuantizeLinear", [call.Tensor(0).Name, scale, zero]);
        call.Return(call.Add("DequantizeLinear", [levels, scale, zero]));
    }
}
