using System.Buffers.Binary;
using System.Text;
using Sconce.Weights;

namespace Sconce.Tests.Weights;

/// <summary>Pickles byte by byte, hostile ones included.</summary>
sealed class PickleBuilder
{
    readonly List<byte> bytes = [(byte)PickleOp.Proto, 2];

    public PickleBuilder Op(params PickleOp[] ops)
    {
        bytes.AddRange(ops.Select(o => (byte)o));
        return this;
    }

    public PickleBuilder Raw(params byte[] raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    public PickleBuilder Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Op(PickleOp.BinUnicode).Raw(BitConverter.GetBytes(utf8.Length));
        return Raw(utf8);
    }

    public PickleBuilder Int(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
            return Op(PickleOp.BinInt).Raw(BitConverter.GetBytes((int)value));
        return Op(PickleOp.Long1).Raw(8).Raw(BitConverter.GetBytes(value));
    }

    public PickleBuilder Float(double value)
    {
        var raw = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(raw, value);
        return Op(PickleOp.BinFloat).Raw(raw);
    }

    public PickleBuilder Global(string module, string name) =>
        Op(PickleOp.Global).Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Numbers(params long[] numbers)
    {
        Op(PickleOp.Mark);
        foreach (var n in numbers)
            Int(n);
        return Op(PickleOp.Tuple);
    }

    /// <summary>A tensor as PyTorch pickles it.</summary>
    public PickleBuilder Tensor(string storageType, string key, long count, long[] shape, long[] strides, long offset = 0) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOp.Mark)
            .Op(PickleOp.Mark).Text("storage").Global("torch", storageType).Text(key).Text("cpu").Int(count)
            .Op(PickleOp.Tuple, PickleOp.BinPersId)
            .Int(offset).Numbers(shape).Numbers(strides).Op(PickleOp.NewFalse)
            .Global("collections", "OrderedDict").Op(PickleOp.EmptyTuple, PickleOp.Reduce)
            .Op(PickleOp.Tuple, PickleOp.Reduce);

    public byte[] Stop() => [.. bytes, (byte)PickleOp.Stop];

    /// <summary>The bytes as they stand, without an end.</summary>
    public byte[] CutOff() => [.. bytes];
}
