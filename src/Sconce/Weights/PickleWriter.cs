using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Numerics;
using System.Text;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Writes the pickle of a checkpoint, protocol 2, with the instructions that <c>torch.load(weights_only=True)</c> reads.</summary>
internal sealed class PickleWriter
{
    const int Deepest = 200;
    readonly ArrayBufferWriter<byte> stream = new();
    readonly Dictionary<(StorageData, DType), int> keys = [];

    /// <summary>The storages in the order of their keys 0, 1, …</summary>
    public List<StorageData> Storages { get; } = [];

    /// <summary>The pickle of a tree of dictionaries, lists, numbers, strings and <see cref="TensorData"/>.</summary>
    /// <exception cref="ArgumentException">The tree holds something else, or nests too deeply.</exception>
    public byte[] Write(object? root)
    {
        Put([(byte)PickleOp.Proto, 2]);
        Value(root, 0);
        Op(PickleOp.Stop);
        return stream.WrittenSpan.ToArray();
    }

    void Value(object? value, int depth)
    {
        if (depth > Deepest)
            throw new ArgumentException($"containers nested deeper than {Deepest}, or one that holds itself");
        switch (value)
        {
            case null: Op(PickleOp.None); break;
            case bool flag: Op(flag ? PickleOp.NewTrue : PickleOp.NewFalse); break;
            case sbyte or byte or short or ushort or int or uint or long: Integer(Convert.ToInt64(value)); break;
            case ulong or BigInteger: Big(value is ulong u ? u : (BigInteger)value); break;
            case float or double or Half: Float(value is Half half ? (double)half : Convert.ToDouble(value)); break;
            case string text: Text(text); break;
            case TensorData tensor: Tensor(tensor); break;
            case DType dtype: Global("torch", dtype.TorchName()); break;
            case StateDict states: OrderedDictionary(states, depth); break;
            case CheckpointDictionary dictionary: Dictionary(dictionary.Select(e => (e.Key, e.Value)), depth); break;
            case IDictionary dictionary: Dictionary(dictionary.Keys.Cast<object>().Select(k => (k, dictionary[k])), depth); break;
            case IEnumerable<KeyValuePair<string, object?>> pairs: Dictionary(pairs.Select(e => ((object)e.Key, e.Value)), depth); break;
            case IEnumerable list: List(list, depth); break;
            default:
                throw new ArgumentException(
                $"a {value.GetType().Name} cannot be saved in a checkpoint: use numbers, strings, lists, dictionaries and TensorData");
        }
    }

    void Put(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    void Op(PickleOp op) => Put([(byte)op]);

    void Integer(long value)
    {
        Span<byte> bytes = stackalloc byte[9];
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            bytes[0] = (byte)PickleOp.BinInt;
            BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], (int)value);
            Put(bytes[..5]);
            return;
        }
        Big(value);
    }

    void Big(BigInteger value)
    {
        var bytes = value.ToByteArray();
        if (bytes.Length > 255)
            throw new ArgumentException("an integer of more than 255 bytes cannot be saved in a checkpoint");
        Put([(byte)PickleOp.Long1, (byte)bytes.Length]);
        Put(bytes);
    }

    void Float(double value)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = (byte)PickleOp.BinFloat;
        BinaryPrimitives.WriteDoubleBigEndian(bytes[1..], value);
        Put(bytes);
    }

    void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)PickleOp.BinUnicode;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        Put(head);
        Put(bytes);
    }

    void Global(string module, string name)
    {
        Op(PickleOp.Global);
        Put(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    void EmptyOrderedDictionary()
    {
        Global("collections", "OrderedDict");
        Op(PickleOp.EmptyTuple);
        Op(PickleOp.Reduce);
    }

    void OrderedDictionary(StateDict states, int depth)
    {
        EmptyOrderedDictionary();
        Items(states.Tensors.Select(t => ((object)t.Name, (object?)t)), depth);
    }

    void Dictionary(IEnumerable<(object, object?)> items, int depth)
    {
        Op(PickleOp.EmptyDict);
        Items(items, depth);
    }

    void Items(IEnumerable<(object Key, object? Value)> items, int depth)
    {
        Op(PickleOp.Mark);
        foreach (var (key, value) in items)
        {
            Value(key, depth + 1);
            Value(value, depth + 1);
        }
        Op(PickleOp.SetItems);
    }

    void List(IEnumerable list, int depth)
    {
        Op(PickleOp.EmptyList);
        Op(PickleOp.Mark);
        foreach (var value in list)
            Value(value, depth + 1);
        Op(PickleOp.Appends);
    }

    void Numbers(IReadOnlyList<long> numbers)
    {
        Op(PickleOp.Mark);
        foreach (var n in numbers)
            Integer(n);
        Op(PickleOp.Tuple);
    }

    /// <summary><c>torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)</c>.</summary>
    void Tensor(TensorData tensor)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Op(PickleOp.Mark);
        Op(PickleOp.Mark);
        Text("storage");
        Global("torch", TorchTypes.StorageName(tensor.DType));
        Text(Key(tensor).ToString());
        Text("cpu");
        Integer(tensor.Storage.ByteLength / tensor.DType.Size());
        Op(PickleOp.Tuple);
        Op(PickleOp.BinPersId);
        Integer(tensor.Offset);
        Numbers(tensor.Shape);
        Numbers(tensor.Strides);
        Op(PickleOp.NewFalse);
        EmptyOrderedDictionary();
        Op(PickleOp.Tuple);
        Op(PickleOp.Reduce);
    }

    int Key(TensorData tensor)
    {
        if (tensor.Storage.ByteLength % tensor.DType.Size() != 0)
            throw new ArgumentException($"tensor '{tensor.Name}': its storage of {tensor.Storage.ByteLength} bytes is no whole number of "
                + $"{tensor.DType.TorchName()}");
        if (keys.TryGetValue((tensor.Storage, tensor.DType), out var key))
            return key;
        // PyTorch gives a storage one type: seen as another, it is written again.
        keys.Add((tensor.Storage, tensor.DType), Storages.Count);
        Storages.Add(tensor.Storage);
        return Storages.Count - 1;
    }
}

/// <summary>A flat state dict, which Python shall see as an OrderedDict.</summary>
internal sealed record StateDict(IReadOnlyList<TensorData> Tensors);
