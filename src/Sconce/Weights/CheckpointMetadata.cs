using System.Numerics;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Collects what a checkpoint holds besides tensors: numbers and texts under dotted names. Lists, deep nesting and what lies
/// beyond the limits stay in the tree alone.</summary>
internal sealed class CheckpointMetadata
{
    const int MostFound = 10_000, MostVisited = 200_000, Deepest = 5;
    readonly OrderedDictionary<string, object?> found = new(StringComparer.Ordinal);
    int visited;

    public static IReadOnlyDictionary<string, object?> Collect(object? root)
    {
        var metadata = new CheckpointMetadata();
        var start = root as CheckpointDictionary
            ?? ((root as CheckpointObject)?.TryGetAttributes(out var attributes) == true ? attributes : null);
        if (start is not null)
            metadata.Walk(start, "", 0);
        return metadata.found;
    }

    void Walk(CheckpointDictionary dictionary, string name, int depth)
    {
        foreach (var (key, value) in dictionary)
        {
            if (++visited > MostVisited || found.Count >= MostFound)
                return;
            if (key is not string { Length: <= 200 } text)
                continue;
            var full = name.Length == 0 ? text : name + "." + text;
            if (value is null or bool or long or BigInteger or double or string or Complex or DType)
                found.TryAdd(full, value);
            else if (value is CheckpointDictionary inner && depth < Deepest)
                Walk(inner, full, depth + 1);
        }
    }
}
