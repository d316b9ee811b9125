using System.Runtime.CompilerServices;

namespace Sconce.Weights;

/// <summary>Finds the state dict inside what a training run saved.</summary>
public static class StateDictFinder
{
    /// <summary>The usual names of a state dict inside a larger checkpoint, in the order in which they are tried; averaged weights come
    /// last, so that one asks for them.</summary>
    public static IReadOnlyList<string> WrapperNames { get; } =
    [
        "state_dict", "model_state_dict", "model_state", "model", "module", "network", "net", "params", "weights",
        "state_dict_ema", "model_state_dict_ema", "model_ema", "ema_state_dict", "ema_model", "ema", "params_ema",
    ];

    internal static (object? StateDict, string Path) Find(object? root, CheckpointFile file)
    {
        if (file.Options.Wrapper is { } asked)
            return (Follow(root, asked, file), asked);
        var path = new List<string>();
        while (path.Count < 4 && root is CheckpointDictionary dictionary && Present(dictionary) is [var name, ..])
        {
            path.Add(name);
            root = dictionary[name];
        }
        return (root, string.Join('.', path));
    }

    /// <summary>The usual names that are there and hold tensors.</summary>
    internal static IReadOnlyList<string> Present(object? root) => root is not CheckpointDictionary dictionary ? [] :
        [.. WrapperNames.Where(name => dictionary.TryGetValue(name, out var value) && value is CheckpointDictionary or CheckpointObject
            && HoldsTensor(value, new(ReferenceEqualityComparer.Instance)))];

    static object? Follow(object? root, string path, CheckpointFile file)
    {
        var rest = path;
        while (rest.Length > 0)
        {
            var attributes = root as CheckpointDictionary
                ?? ((root as CheckpointObject)?.TryGetAttributes(out var found) == true ? found : null);
            object? next = null;
            // The longest key that the path begins with, since keys may hold dots.
            var cut = attributes is null ? -1 : Cuts(rest).FirstOrDefault(c => attributes.TryGetValue(rest[..c], out next), -1);
            if (cut < 0)
            {
                var names = attributes?.Select(e => e.Key as string).OfType<string>().Take(1000).ToList() ?? [];
                var has = names.Count == 0 ? "Nothing has a name there."
                    : $"There are {string.Join(", ", names.Take(12).Select(CheckpointFile.Quote))}{(names.Count > 12 ? ", …" : "")}. "
                    + $"{NearestNames.Suggest(rest, names)}";
                throw file.Fault($"no entry {CheckpointFile.Quote(path)} to take the state dict from. {has.Trim()}");
            }
            root = next;
            rest = cut == rest.Length ? "" : rest[(cut + 1)..];
        }
        return root;
    }

    static IEnumerable<int> Cuts(string path)
    {
        yield return path.Length;
        for (var i = path.Length - 1; i > 0; i--)
            if (path[i] == '.')
                yield return i;
    }

    static bool HoldsTensor(object? value, HashSet<object> seen)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return value switch
        {
            CheckpointTensor => true,
            CheckpointDictionary d => seen.Add(d) && d.Any(e => HoldsTensor(e.Value, seen)),
            IReadOnlyList<object?> list => seen.Add(list) && list.Any(e => HoldsTensor(e, seen)),
            CheckpointObject o => seen.Add(o)
                && (HoldsTensor(o.State, seen) || HoldsTensor(o.Items, seen) || HoldsTensor(o.Elements, seen)),
            _ => false,
        };
    }
}
