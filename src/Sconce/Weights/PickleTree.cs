using System.Runtime.CompilerServices;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Finishes what a pickle built: NumPy arrays and bare storages become tensors; nesting beyond the limit and values inside
/// themselves are refused, so that every later walk may recurse.</summary>
internal sealed class PickleTree
{
    readonly Dictionary<object, int> heights = new(ReferenceEqualityComparer.Instance);
    readonly CheckpointFile file;
    readonly string record;

    PickleTree(CheckpointFile file, string record) => (this.file, this.record) = (file, record);

    const int Open = -1;

    public static object? Settle(object? root, CheckpointFile file, string record)
    {
        var tree = new PickleTree(file, record);
        tree.Height(ref root, 0);
        return root;
    }

    /// <summary>Visits a value once, however often it is shared, and answers how many containers deep it is.</summary>
    int Height(ref object? value, int depth)
    {
        if (value is NumpyArray array)
        {
            value = array.Value ?? throw file.Fault($"{record}: a NumPy array without content. {CheckpointFile.Damaged}");
            return 0;
        }
        if (value is NumpyDType dtype)
            value = dtype.Code;
        if (value is StorageView { Opaque: { } type } dark)
            value = CheckpointTensor.Opaque(file, type, [dark.Storage.ByteLength], dark.Storage.ByteLength);
        if (value is StorageView view)
            value = CheckpointTensor.Create(file, record, view.DType, [view.Storage.ByteLength / view.DType.Size() - view.Offset], [1],
                view.Offset, view.Storage);
        if (value is not (CheckpointDictionary or List<object?> or object?[] or CheckpointObject))
            return 0;
        if (heights.TryGetValue(value, out var known))
        {
            if (known == Open)
                throw file.Fault($"{record}: a container holds itself. Save the state dict alone, torch.save(model.state_dict(), …).");
            Check(depth + known);
            return known;
        }
        Check(depth);
        RuntimeHelpers.EnsureSufficientExecutionStack();
        heights[value] = Open;
        var height = 1 + value switch
        {
            CheckpointDictionary dictionary => Dictionary(dictionary, depth + 1),
            List<object?> list => List(list, depth + 1),
            object?[] tuple => Tuple(tuple, depth + 1),
            CheckpointObject instance => Object(instance, depth + 1),
            _ => 0,
        };
        heights[value] = height;
        return height;
    }

    int Dictionary(CheckpointDictionary dictionary, int depth)
    {
        var highest = 0;
        for (var i = 0; i < dictionary.Count; i++)
        {
            var value = dictionary.ValueAt(i);
            var before = value;
            highest = Math.Max(highest, Height(ref value, depth));
            if (!ReferenceEquals(value, before))
                dictionary.ReplaceAt(i, value);
        }
        foreach (var (key, _) in dictionary)
        {
            object? settled = key;
            highest = Math.Max(highest, Height(ref settled, depth));
        }
        var attributes = dictionary.Attributes;
        highest = Math.Max(highest, Height(ref attributes, depth));
        dictionary.Attributes = attributes;
        return highest;
    }

    int List(List<object?> list, int depth)
    {
        var highest = 0;
        for (var i = 0; i < list.Count; i++)
        {
            var value = list[i];
            highest = Math.Max(highest, Height(ref value, depth));
            list[i] = value;
        }
        return highest;
    }

    int Tuple(object?[] tuple, int depth)
    {
        var highest = 0;
        for (var i = 0; i < tuple.Length; i++)
            highest = Math.Max(highest, Height(ref tuple[i], depth));
        return highest;
    }

    int Object(CheckpointObject instance, int depth)
    {
        object? arguments = instance.Arguments, state = instance.State, items = instance.Items, elements = instance.ElementList;
        var highest = Math.Max(Height(ref arguments, depth), Height(ref state, depth));
        instance.State = state;
        return Math.Max(highest, Math.Max(Height(ref items, depth), Height(ref elements, depth)));
    }

    void Check(int depth)
    {
        if (depth > file.Limits.MaxDepth)
            throw file.Fault($"{record}: containers nested deeper than {file.Limits.MaxDepth}. {CheckpointFile.TooMuch}");
    }
}
