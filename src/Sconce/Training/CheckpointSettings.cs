using System.Text.Json;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>What a run's checkpoint says of how it was trained: the settings of its method.</summary>
public static class CheckpointSettings
{
    /// <summary>The configuration of a run of a method; null where the file is no such run's.</summary>
    /// <param name="checkpoint">The file.</param>
    /// <param name="method">Whose settings are wanted.</param>
    /// <exception cref="UsageException">It is such a run's, and its settings mean nothing.</exception>
    public static RunConfiguration? Read(Checkpoint checkpoint, TrainingMethod method)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(method);
        if (checkpoint.Root is not CheckpointDictionary root || !root.TryGetValue("configuration", out object? found)) return null;
        using var document = found is string text ? Parsed(text) : null;
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object) return null;
        var saved = document.RootElement;
        if (Text(saved, "method") != method.Name || !saved.TryGetProperty("settings", out var settings)) return null;
        var classes = saved.TryGetProperty("classes", out var names) && names.ValueKind == JsonValueKind.Array ? names : default;
        return new RunConfiguration(
            Text(saved, "network") ?? "", method.Name, method.Settings.Read(method.Settings.Start, settings, checkpoint.Path))
        {
            Classes = classes.ValueKind == JsonValueKind.Array ? [.. classes.EnumerateArray().Select(name => name.ToString())] : null,
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonDocument? Parsed(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null; // another program's text under this name
        }
    }
}
