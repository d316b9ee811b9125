using System.Text.Json;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>The names of a network's outputs as its checkpoint has them: Sconce's own runs, and the places where others keep such
/// names.</summary>
public static class CheckpointClasses
{
    private static readonly string[] Lists = ["classes", "class_names", "classnames", "CLASSES", "names", "class_to_idx", "idx_to_class",
        "label_names", "labels", "categories"];
    private static readonly string[] Wrappers = ["meta", "hyper_parameters", "args", "config"];

    /// <summary>Looks for names.</summary>
    /// <param name="path">A checkpoint.</param>
    /// <param name="head">The key of the classifier, whose outputs must be as many; empty where any number is right.</param>
    /// <returns>The names in the order of the outputs, and the pictures' side; null what it does not say.</returns>
    /// <exception cref="CheckpointException">The file is missing or damaged.</exception>
    public static (IReadOnlyList<string>? Classes, int? ImageSize) Read(string path, string head)
    {
        using var checkpoint = Checkpoint.Open(path);
        if (checkpoint.Root is not CheckpointDictionary root) return (null, null);
        if (root.TryGetValue("configuration", out object? text) && text is string json) return OfRun(json);
        foreach (var place in Wrappers.Select(name => root.TryGetValue(name, out object? inner) ? inner : null).Prepend(root)
            .OfType<CheckpointDictionary>())
        {
            foreach (string name in Lists)
            {
                if (place.TryGetValue(name, out object? value) && Names(value) is { Length: > 1 } names
                    && Fits(checkpoint, head, names.Length)) return (names, null);
            }
        }

        return (null, null);
    }

    /// <summary>The same of a run's configuration, as its checkpoints have it.</summary>
    internal static (IReadOnlyList<string>? Classes, int? ImageSize) OfRun(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            string[]? classes = root.TryGetProperty("classes", out var list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Select(name => name.GetString()!)] : null;
            return (classes, SizeOf(root));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return (null, null);    // another program's text under this name
        }
    }

    /// <summary>The pictures' side as configurations have it, and as those of before had it.</summary>
    private static int? SizeOf(JsonElement root)
    {
        var place = root.TryGetProperty("settings", out var settings) && settings.TryGetProperty("pictures", out var pictures)
            ? pictures : root;
        bool isThere = place.TryGetProperty("size", out var size) || place.TryGetProperty("imageSize", out size);
        return isThere && size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out int side) ? side : null;
    }

    private static bool Fits(Checkpoint checkpoint, string head, int count) =>
        head.Length == 0 || checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name == head + ".weight") is not { } weight
            || weight.Shape[0] == count;

    /// <summary>A list of names, names with their numbers, or numbers with their names.</summary>
    private static string[]? Names(object? value)
    {
        switch (value)
        {
            case IReadOnlyList<object?> list:
                return list.All(item => item is string) ? [.. list.Cast<string>()] : null;
            case CheckpointDictionary entries when entries.All(entry => entry is { Key: string, Value: long }):
                return InOrder(entries.Select(entry => ((string)entry.Key, (long)entry.Value!)));
            case CheckpointDictionary entries when entries.All(entry => entry.Value is string):
                return InOrder(
                    entries.Select(entry =>
                    ((string)entry.Value!, entry.Key is long number ? number : long.TryParse(entry.Key as string, out long parsed) ? parsed
                    : -1)));
            default:
                return null;
        }
    }

    private static string[]? InOrder(IEnumerable<(string Name, long Number)> names)
    {
        (string Name, long Number)[] sorted = [.. names.OrderBy(entry => entry.Number)];
        return sorted.Select((entry, k) => entry.Number == k).All(isInPlace => isInPlace) ? [.. sorted.Select(entry => entry.Name)] : null;
    }
}
