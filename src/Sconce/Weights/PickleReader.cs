using System.Text;

namespace Sconce.Weights;

/// <summary>Turns a persistent identifier of a pickle into what it stands for: a view on a storage.</summary>
internal interface IPickleStorages
{
    /// <exception cref="CheckpointException">The identifier is none, or its storage is not in the file.</exception>
    object Load(object? id, string where);
}

/// <summary>
/// Reads pickles without running anything. It knows plain containers, tensors, and the few constructors of <see cref="PickleCalls"/>;
/// classes become records, and a call of anything else is refused by name. It is iterative, so that nesting costs no stack; the tree's
/// depth is held against its limit afterwards.
/// </summary>
internal ref struct PickleReader(ReadOnlySpan<byte> bytes, CheckpointFile file, string record, IPickleStorages storages)
{
    readonly PickleStack stack = new(file.Limits.MaxNodes);
    readonly PickleCalls calls = new(file, record);
    PickleInput input = new(bytes, file, record);

    /// <summary>Reads one pickle; <paramref name="length"/> is what it occupied.</summary>
    public static object? Read(ReadOnlySpan<byte> bytes, CheckpointFile file, string record, IPickleStorages storages, out int length)
    {
        var reader = new PickleReader(bytes, file, record, storages);
        try
        {
            var value = reader.Run();
            length = reader.input.Position;
            return PickleTree.Settle(value, file, record);
        }
        catch (PickleStack.PickleStackException e)
        {
            throw reader.input.Fault(e.Message);
        }
    }

    object? Run()
    {
        while (true)
        {
            var op = (PickleOp)input.Byte();
            if (op == PickleOp.Stop)
                return stack.Pop();
            if (!Scalar(op) && !Container(op) && !Construct(op))
                throw input.Damage($"0x{(byte)op:x2} is no instruction of a pickle that checkpoints use.");
        }
    }

    bool Scalar(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.Proto:
                var protocol = input.Byte();
                if (protocol > 5)
                    throw input.Fault($"pickle protocol {protocol}, where 5 is the last known. {CheckpointFile.Damaged}");
                break;
            case PickleOp.Frame: input.Frame(); break;
            case PickleOp.None: stack.Push(null); break;
            case PickleOp.NewTrue: stack.Push(true); break;
            case PickleOp.NewFalse: stack.Push(false); break;
            case PickleOp.BinInt: stack.Push((long)input.Int32()); break;
            case PickleOp.BinInt1: stack.Push((long)input.Byte()); break;
            case PickleOp.BinInt2: stack.Push((long)input.UInt16()); break;
            case PickleOp.Long1: stack.Push(input.Long(input.Byte())); break;
            case PickleOp.Long4: stack.Push(input.Long(input.UInt32())); break;
            case PickleOp.Int: stack.Push(input.DecimalInteger(mayBeBool: true)); break;
            case PickleOp.Long: stack.Push(input.DecimalInteger(mayBeBool: false)); break;
            case PickleOp.BinFloat: stack.Push(input.BigEndianDouble()); break;
            case PickleOp.Float: stack.Push(input.DecimalFloat()); break;
            case PickleOp.BinUnicode: stack.Push(input.Utf8(input.UInt32())); break;
            case PickleOp.ShortBinUnicode: stack.Push(input.Utf8(input.Byte())); break;
            case PickleOp.BinUnicode8: stack.Push(input.Utf8(input.UInt64())); break;
            case PickleOp.Unicode: stack.Push(input.Utf8Text(input.Line(file.Limits.MaxTextBytes))); break;
            // Python 2's byte strings: text mostly, and NumPy's raw numbers, which Latin-1 keeps.
            case PickleOp.ShortBinString: stack.Push(Encoding.Latin1.GetString(input.Take(input.Byte(), "a string"))); break;
            case PickleOp.BinString: stack.Push(Encoding.Latin1.GetString(input.Text(input.UInt32(), "a string"))); break;
            case PickleOp.String: stack.Push(Encoding.Latin1.GetString(input.Line(file.Limits.MaxTextBytes)).Trim('\'', '"')); break;
            case PickleOp.ShortBinBytes: stack.Push(input.Take(input.Byte(), "bytes").ToArray()); break;
            case PickleOp.BinBytes: stack.Push(input.Text(input.UInt32(), "bytes").ToArray()); break;
            case PickleOp.BinBytes8 or PickleOp.ByteArray8: stack.Push(input.Text(input.UInt64(), "bytes").ToArray()); break;
            default: return false;
        }
        return true;
    }

    bool Container(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.Mark: stack.Mark(); break;
            case PickleOp.Pop: stack.Pop(); break;
            case PickleOp.PopMark: stack.PopToMark(); break;
            case PickleOp.Dup: stack.Push(stack.Peek()); break;
            case PickleOp.Get: stack.Push(stack.Get(MemoKey())); break;
            case PickleOp.BinGet: stack.Push(stack.Get(input.Byte())); break;
            case PickleOp.LongBinGet: stack.Push(stack.Get(input.UInt32())); break;
            case PickleOp.Put: stack.Put(MemoKey()); break;
            case PickleOp.BinPut: stack.Put(input.Byte()); break;
            case PickleOp.LongBinPut: stack.Put(input.UInt32()); break;
            case PickleOp.Memoize: stack.Put((uint)stack.MemoCount); break;
            case PickleOp.EmptyTuple: stack.Push(Array.Empty<object?>()); break;
            case PickleOp.Tuple1: stack.Push(new[] { stack.Pop() }); break;
            case PickleOp.Tuple2: PushTuple(2); break;
            case PickleOp.Tuple3: PushTuple(3); break;
            case PickleOp.Tuple: stack.Push(stack.PopToMark()); break;
            case PickleOp.EmptyList or PickleOp.EmptySet: stack.Push(new List<object?>()); break;
            case PickleOp.List or PickleOp.FrozenSet: stack.Push(new List<object?>(stack.PopToMark())); break;
            case PickleOp.Append: Extend([stack.Pop()]); break;
            case PickleOp.Appends or PickleOp.AddItems: Extend(stack.PopToMark()); break;
            case PickleOp.EmptyDict: stack.Push(new CheckpointDictionary()); break;
            case PickleOp.Dict:
                var pairs = stack.PopToMark();
                stack.Push(new CheckpointDictionary());
                SetItems(pairs);
                break;
            case PickleOp.SetItem:
                var value = stack.Pop();
                SetItems([stack.Pop(), value]);
                break;
            case PickleOp.SetItems: SetItems(stack.PopToMark()); break;
            default: return false;
        }
        return true;
    }

    bool Construct(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.Global:
                var module = input.Name("module");
                stack.Push(PickleCalls.Global(module, input.Name("name")));
                break;
            case PickleOp.StackGlobal:
                var name = stack.Pop();
                if (stack.Pop() is not string from || name is not string called || from.Length is 0 or > 1000
                    || called.Length is 0 or > 1000)
                    throw input.Damage("a class or function whose module and name are not two short strings.");
                stack.Push(PickleCalls.Global(from, called));
                break;
            case PickleOp.Reduce:
                var arguments = Arguments();
                stack.Push(calls.Reduce(stack.Pop(), arguments, Where()));
                break;
            case PickleOp.NewObj:
                var initial = Arguments();
                stack.Push(calls.New(stack.Pop(), initial, Where()));
                break;
            case PickleOp.NewObjEx:
                var keywords = stack.Pop();
                var positional = Arguments();
                stack.Push(calls.NewWithKeywords(stack.Pop(), positional, keywords, Where()));
                break;
            case PickleOp.Build:
                var state = stack.Pop();
                calls.Build(stack.Peek(), state, Where());
                break;
            case PickleOp.BinPersId: stack.Push(storages.Load(stack.Pop(), Where())); break;
            case PickleOp.PersId:
                throw input.Fault(
                "a storage named by text (protocol 0). Save it again with torch.save's default protocol.");
            case PickleOp.Inst or PickleOp.Obj:
                throw input.Fault(
                $"instruction {op} calls a class as Python 2 did. Save it again with torch.save's default protocol.");
            case PickleOp.Ext1 or PickleOp.Ext2
                or PickleOp.Ext4:
                throw input.Fault("a class by number out of Python's extension registry, which is not in the file. Save "
                    + "it again without copyreg extensions.");
            case PickleOp.NextBuffer or PickleOp.ReadOnlyBuffer:
                throw input.Fault(
                "a buffer kept outside the pickle. Save it again with torch.save, which keeps them inside.");
            default: return false;
        }
        return true;
    }

    readonly string Where() => $"{record}, byte {input.Position}"
        + (stack.NearestString() is { } name ? $", near {CheckpointFile.Quote(name)}" : "");

    readonly object?[] Arguments() => stack.Pop() as object?[] ?? throw input.Damage("a call whose arguments are no tuple.");

    uint MemoKey() => input.DecimalInteger(mayBeBool: false) is long key and >= 0 and <= uint.MaxValue
        ? (uint)key : throw input.Damage("a memo key out of range.");

    readonly void PushTuple(int count)
    {
        var tuple = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            tuple[i] = stack.Pop();
        stack.Push(tuple);
    }

    readonly void Extend(object?[] values)
    {
        var list = stack.Peek() switch
        {
            List<object?> plain => plain,
            CheckpointObject instance => instance.ElementList ??= [],
            _ => throw input.Damage("elements for something that is no list."),
        };
        list.AddRange(values);
    }

    readonly void SetItems(object?[] pairs)
    {
        var dictionary = stack.Peek() switch
        {
            CheckpointDictionary plain => plain,
            CheckpointObject instance => instance.Items ??= new CheckpointDictionary(),
            _ => throw input.Damage("entries for something that is no dictionary."),
        };
        if (pairs.Length % 2 != 0)
            throw input.Damage("a key without a value.");
        for (var i = 0; i < pairs.Length; i += 2)
            dictionary.Set(pairs[i], pairs[i + 1]);
    }
}
