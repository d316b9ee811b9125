using System.Numerics;
using System.Text;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>
/// All that a pickle may call. Each entry is managed code of this file that makes a plain value; there is no other way to a function.
/// Classes are never run either: an instance of an unknown class is a record of its state.
/// </summary>
internal sealed class PickleCalls(CheckpointFile file, string record)
{
    readonly NumpyPickle numpy = new(file);
    readonly Dictionary<(ICheckpointStorage, string), CheckpointStorage> widened = [];
    long copied;

    /// <summary>A class or function by name; PyTorch's dtypes are values.</summary>
    public static object Global(string module, string name) =>
        module == "torch" && TorchTypes.DTypeNamed(name) is { } dtype ? dtype : new CheckpointGlobal(module, name);

    /// <summary>A call: REDUCE.</summary>
    public object? Reduce(object? function, object?[] a, string where)
    {
        var name = function is CheckpointGlobal global ? global.ToString() : throw Bad(where, "a call of something that is no function.");
        switch (name)
        {
            case "torch._utils._rebuild_tensor" when a.Length >= 4:
            case "torch._utils._rebuild_tensor_v2" when a.Length >= 6:
                return Tensor(a, null, where);
            case "torch._utils._rebuild_tensor_v3" when a.Length >= 7:
                return a[6] is DType dtype ? Tensor(a, dtype, where) : Widened(a, where);
            case "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state"
                when a is [CheckpointTensor parameter, ..]:
                return parameter;
            case "torch._tensor._rebuild_from_type_v2" when a is [CheckpointGlobal { Module: "torch._utils" } inner, _, object?[] rest, ..]:
                return Reduce(inner, rest, where);
            case "torch.jit._pickle.build_intlist" or "torch.jit._pickle.build_doublelist" or "torch.jit._pickle.build_boollist"
                or "torch.jit._pickle.build_tensorlist" or "torch.jit._pickle.restore_type_tag" when a.Length >= 1:
                return a[0];
            case "torch.Size" when a is [object?[] size]:
                return size;
            case "torch.Size" when a is [List<object?> size]:
                return Elements(size, where).ToArray();
            case "torch.device" when a is [string type, ..]:
                return a is [_, long index] ? $"{type}:{index}" : type;
            case "torch.serialization._get_layout" when a is [string layout]:
                return layout;

            case "collections.OrderedDict" or "collections.Counter" or "builtins.dict" or "__builtin__.dict" when a.Length <= 1:
                return Dictionary(a.ElementAtOrDefault(0), where);
            case "collections.defaultdict" when a.Length <= 2:
                return Dictionary(a.ElementAtOrDefault(1), where);
            case "builtins.list" or "__builtin__.list" or "builtins.set" or "__builtin__.set" or "builtins.frozenset"
                or "__builtin__.frozenset" or "collections.deque" when a.Length <= 2:
                return a.Length == 0 ? new List<object?>() : Elements(a[0], where);
            case "builtins.complex" or "__builtin__.complex" when a is [double real, double imaginary]:
                return new Complex(real, imaginary);
            case "builtins.bytearray" or "__builtin__.bytearray" or "builtins.bytes" or "__builtin__.bytes" when a.Length <= 2:
                return a.Length == 0 ? Array.Empty<byte>() : a[0] as byte[] ?? Encode(a, where);
            case "_codecs.encode" when a is [string, ..]:
                return Encode(a, where);
            case "argparse.Namespace" or "types.SimpleNamespace" when a.Length == 0:
                return new CheckpointDictionary { IsNamespace = true };
            case "pathlib.Path" or "pathlib.PosixPath" or "pathlib.WindowsPath" or "pathlib.PurePath" or "pathlib.PurePosixPath"
                or "pathlib.PureWindowsPath" or "pathlib._local.PosixPath" when a.All(part => part is string):
                Counted(a.Sum(part => (long)((string)part!).Length));
                return string.Join('/', a).Replace("//", "/", StringComparison.Ordinal);
            case "copyreg._reconstructor" or "copy_reg._reconstructor"
                when a is [CheckpointGlobal type, CheckpointGlobal { Name: "object" }, null]:
                return New(type, [], where);
            case "copyreg.__newobj__" or "copy_reg.__newobj__" when a is [CheckpointGlobal type, ..]:
                Counted(a.Length);
                return New(type, a[1..], where);
        }
        if (numpy.TryReduce(name, a, where, Counted, out var made))
            return made;
        if (HarmlessObjects.IsTensor(name))
            return CheckpointTensor.Opaque(file, name, [], 0);
        if (HarmlessObjects.Record(name, a) is { } record)
            return record;
        throw file.Fault(
            $"{where}: the pickle calls {CheckpointFile.Quote(name)}, which a checkpoint may not. Nothing was run. "
            + "Do not trust the file; if you do, load it in Python and save model.state_dict() alone, or as safetensors.");
    }

    /// <summary>An instance: NEWOBJ. Nothing of the class is run.</summary>
    public object? New(object? type, object?[] arguments, string where)
    {
        // A tuple that the memo holds may be the argument of every instance: what is made of it costs its length each time.
        Counted(arguments.Length);
        if (type is not CheckpointGlobal { } global)
            throw Bad(where, "an instance of something that is no class.");
        if (global is { Module: "argparse", Name: "Namespace" })
            return new CheckpointDictionary { IsNamespace = true };
        // Python's own modules construct plain values in checkpoints, so that the list of calls answers, refusals included.
        return global.Module is "builtins" or "__builtin__" or "collections" or "torch" or "os" or "posix" or "nt" or "sys"
            or "subprocess" or "pathlib"
            ? Reduce(global, arguments, where)
            : new CheckpointObject(global.ToString(), arguments);
    }

    /// <summary>An instance with arguments by name: NEWOBJ_EX.</summary>
    public object? NewWithKeywords(object? type, object?[] arguments, object? keywords, string where)
    {
        if (keywords is CheckpointDictionary { Count: 0 })
            return New(type, arguments, where);
        Counted(arguments.Length + 1);
        return New(type, [.. arguments, keywords], where);
    }

    /// <summary>State for the instance just made: BUILD.</summary>
    public void Build(object? target, object? state, string where)
    {
        switch (target)
        {
            case CheckpointObject instance:
                instance.State = state;
                break;
            case CheckpointDictionary { IsNamespace: true } attributes when state is CheckpointDictionary values:
                Counted(values.Count);
                foreach (var (key, value) in values)
                    attributes.Set(key, value);
                break;
            case CheckpointDictionary dictionary:
                dictionary.Attributes = state;
                break;
            case NumpyDType dtype:
                dtype.Build(state, file, where);
                break;
            case NumpyArray array:
                numpy.Build(array, state, where, Counted);
                break;
            default:
                throw Bad(where, "state for something that has none.");
        }
    }

    CheckpointException Bad(string where, string fault) => file.Fault($"{where}: {fault} {CheckpointFile.Damaged}");

    CheckpointTensor Tensor(object?[] a, DType? dtype, string where)
    {
        if (a[0] is not StorageView view || a[1] is not long offset)
            throw Bad(where, "a tensor without a storage or an offset.");
        if (offset < 0 || offset > long.MaxValue - view.Offset)
            throw Bad(where, $"a tensor at offset {offset}.");
        var (shape, strides) = (Numbers(a[2], where), Numbers(a[3], where));
        if (view.Opaque is { } type)
            return CheckpointTensor.Opaque(file, type, shape, view.Storage.ByteLength);
        return CheckpointTensor.Create(file, where, dtype ?? view.DType, shape, strides, offset + view.Offset, view.Storage);
    }

    /// <summary>A tensor of a type that libtorch lacks, on a storage of bytes.</summary>
    CheckpointTensor Widened(object?[] a, string where)
    {
        var name = (a[6] as CheckpointGlobal)?.Name ?? "None";
        if (a[0] is not StorageView view || a[1] is not (long and >= 0))
            throw Bad(where, "a tensor without a storage or an offset.");
        var (shape, strides) = (Numbers(a[2], where), Numbers(a[3], where));
        if (a[6] is not CheckpointGlobal { Module: "torch" } || StoredType.InTorch(name) is not { } stored)
            return CheckpointTensor.Opaque(file, name, shape, view.Storage.ByteLength);
        if (!widened.TryGetValue((view.Storage, name), out var storage))
        {
            storage = new CheckpointStorage(view.Storage.Key, stored.Target,
                stored.Widened(file, where, new StorageSource(view.Storage), bigEndian: false));
            widened.Add((view.Storage, name), storage);
        }
        return CheckpointTensor.Create(file, where, stored.Target, shape, strides, (long)a[1]! + view.Offset / stored.Width,
            storage).StoredAs(stored);
    }

    long[] Numbers(object? value, string where)
    {
        var values = value as IReadOnlyList<object?> ?? throw Bad(where, "a tensor whose shape or strides are no tuple.");
        if (values.Count > 64)
            throw Bad(where, $"a tensor of {values.Count} dimensions.");
        Counted(values.Count);
        return [.. values.Select(v => v is long n ? n : throw Bad(where, "a tensor whose shape or strides are no integers."))];
    }

    CheckpointDictionary Dictionary(object? source, string where)
    {
        var made = new CheckpointDictionary();
        if (source is CheckpointDictionary other)
        {
            Counted(other.Count);
            foreach (var (key, value) in other)
                made.Set(key, value);
        }
        else if (source is not null)
        {
            foreach (var pair in Elements(source, where))
            {
                if (pair is not IReadOnlyList<object?> { Count: 2 } entry)
                    throw Bad(where, "a dictionary made of something other than pairs.");
                made.Set(entry[0], entry[1]);
            }
        }
        return made;
    }

    List<object?> Elements(object? source, string where)
    {
        var values = source as IReadOnlyList<object?> ?? throw Bad(where, "a list made of something that is no list.");
        Counted(values.Count);
        return [.. values];
    }

    /// <summary>Python 3's way to write bytes in protocol 2: text, to be encoded.</summary>
    byte[] Encode(object?[] a, string where)
    {
        if (a[0] is not string text || a.Length > 1 && a[1] is not ("latin1" or "latin-1" or "iso-8859-1" or "utf-8" or "utf8" or "ascii"))
            throw Bad(where, "bytes encoded in a way that no checkpoint uses.");
        Counted(text.Length / 8);
        if (a.Length > 1 && a[1] is "utf-8" or "utf8")
            return Encoding.UTF8.GetBytes(text);
        return text.All(c => c <= 255) ? Encoding.Latin1.GetBytes(text) : throw Bad(where, "bytes that are not Latin-1.");
    }

    /// <summary>Counts elements that a call copies: a shared list of a million, copied a million times, is a bomb.</summary>
    void Counted(long elements)
    {
        copied += elements;
        if (copied > 4L * file.Limits.MaxNodes)
            throw file.Fault($"{record}: its calls copy more than {4L * file.Limits.MaxNodes} values. {CheckpointFile.TooMuch}");
    }
}
