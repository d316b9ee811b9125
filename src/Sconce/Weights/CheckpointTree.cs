using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Sconce.Weights;

/// <summary>
/// A dictionary of a checkpoint, in the file's order. Values are null, <see langword="bool"/>, <see langword="long"/>,
/// <see cref="System.Numerics.BigInteger"/>, <see langword="double"/>, <see langword="string"/>, <see langword="byte"/> arrays, lists and
/// tuples (<see cref="IReadOnlyList{T}"/> of object), <see cref="CheckpointDictionary"/>, <see cref="CheckpointTensor"/>,
/// <see cref="CheckpointObject"/>, <see cref="CheckpointGlobal"/> and <see cref="Torch.DType"/>.
/// </summary>
public sealed class CheckpointDictionary : IReadOnlyCollection<KeyValuePair<object, object?>>
{
    const int Few = 8;    // entries that are looked through one by one: a hostile file may hold millions of small dictionaries
    static readonly object None = new();
    List<KeyValuePair<object, object?>>? items;
    Dictionary<object, int>? places;

    /// <summary>Number of entries.</summary>
    public int Count => items?.Count ?? 0;

    /// <summary>What Python set on the dictionary object itself, such as <c>_metadata</c> of a state dict; null mostly.</summary>
    public object? Attributes { get; internal set; }

    /// <summary>The value of a key.</summary>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public object? this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"no key {CheckpointFile.Quote(key)}");

    /// <summary>The value of a key, if it is there.</summary>
    public bool TryGetValue(object key, out object? value)
    {
        var place = PlaceOf(key);
        value = place < 0 ? null : items![place].Value;
        return place >= 0;
    }

    /// <summary>The entries in order.</summary>
    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() =>
        (items ?? Enumerable.Empty<KeyValuePair<object, object?>>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool IsNamespace { get; init; }

    internal object? ValueAt(int place) => items![place].Value;

    internal void ReplaceAt(int place, object? value) => items![place] = new(items[place].Key, value);

    /// <summary>Sets a key as Python does: the last value wins and keeps the first place. Keys are compared by value for strings and
    /// numbers, else by identity.</summary>
    internal void Set(object? key, object? value)
    {
        key ??= None;
        items ??= new(1);
        var place = PlaceOf(key);
        if (place >= 0)
        {
            items[place] = new(items[place].Key, value);
            return;
        }
        items.Add(new(key, value));
        if (places is not null)
            places.Add(key, items.Count - 1);
        else if (items.Count > Few)
        {
            places = new(KeyComparer.Instance);
            for (var i = 0; i < items.Count; i++)
                places.Add(items[i].Key, i);
        }
    }

    /// <summary>The entry of a key, or -1.</summary>
    int PlaceOf(object key)
    {
        if (places is not null)
            return places.TryGetValue(key, out var place) ? place : -1;
        for (var i = 0; i < Count; i++)
        {
            if (KeyComparer.Instance.Equals(items![i].Key, key))
                return i;
        }
        return -1;
    }
}

/// <summary>An instance of a class that the reader does not know. It is only a record: nothing of the class was run.</summary>
/// <param name="className">Module and class, such as <c>__torch__.clip.model.CLIP</c>.</param>
/// <param name="arguments">What the file would construct it from.</param>
public sealed class CheckpointObject(string className, IReadOnlyList<object?> arguments)
{
    /// <summary>Module and class.</summary>
    public string ClassName { get; } = className;

    /// <summary>What the file would construct it from.</summary>
    public IReadOnlyList<object?> Arguments { get; } = arguments;

    /// <summary>Its state, mostly a <see cref="CheckpointDictionary"/> of attributes.</summary>
    public object? State { get; internal set; }

    /// <summary>Its entries where the class is a dictionary; else null.</summary>
    public CheckpointDictionary? Items { get; internal set; }

    /// <summary>Its elements where the class is a list; else null.</summary>
    public IReadOnlyList<object?>? Elements => ElementList;

    internal List<object?>? ElementList { get; set; }

    internal bool TryGetAttributes([NotNullWhen(true)] out CheckpointDictionary? attributes)
    {
        // With __slots__ the state is a pair (dictionary, slots).
        attributes = State as CheckpointDictionary
            ?? (State is object?[] { Length: 2 } pair ? pair[0] as CheckpointDictionary : null) ?? Items;
        return attributes is not null;
    }
}

/// <summary>A class or function that a file names without calling it.</summary>
/// <param name="Module">The Python module.</param>
/// <param name="Name">The name in it.</param>
public sealed record CheckpointGlobal(string Module, string Name)
{
    /// <summary>Module and name.</summary>
    public override string ToString() => $"{Module}.{Name}";
}
