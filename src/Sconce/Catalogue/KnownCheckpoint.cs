using System.Text.Json;
using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Catalogue;

/// <summary>Checkpoints that say of which network they are: a run's <c>best.ckpt</c>, a claim's <c>network.ckpt</c>.</summary>
public static class KnownCheckpoint
{
    /// <summary>What a file says of itself.</summary>
    /// <param name="path">Any file.</param>
    /// <param name="models">Where its network is found.</param>
    /// <param name="methods">Where its method is found.</param>
    /// <returns>Null where it says nothing, names no network that is there, or is no checkpoint.</returns>
    public static AbilityTarget? Find(string path, CatalogueModels models, MethodRegistry methods)
    {
        if (!File.Exists(path) || Configuration(path) is not { } text) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "network") is not { } name
                || models.Find(name) is not { } found) return null;
            var (classes, size) = CheckpointClasses.OfRun(text);
            var variant = Prepared(found, root);
            var trained = new TrainedNetwork(variant, path, size, classes);
            var target = new AbilityTarget(path, models.SystemOf(found), variant) { Run = trained };
            if (Text(root, "method") is not { } method || methods.Find(method) is not { } known) return target;
            return target with
            {
                Run = trained with { Configuration = RunConfigurationFile.Parse(text, path, methods) },
                Method = known,
            };
        }
        catch (JsonException)
        {
            return null;    // another program's text under this name
        }
    }

    private static string? Configuration(string path)
    {
        try
        {
            using var checkpoint = Checkpoint.Open(path);
            return checkpoint.Root is CheckpointDictionary root && root.TryGetValue("configuration", out object? value) ? value as string
                : null;
        }
        catch (CheckpointException)
        {
            return null;    // whoever loads it says what is wrong with it, or has a format of its own
        }
    }

    private static string? Text(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The variant with the preprocessing that the file has, which data of its own may have asked for.</summary>
    private static ModelVariant Prepared(ModelVariant variant, JsonElement root)
    {
        if (variant.Find<TakesPictures>() is not { } known || !root.TryGetProperty("preprocessing", out var own)) return variant;
        if (own.ValueKind != JsonValueKind.Object || !own.TryGetProperty("size", out var size)
            || !size.TryGetInt32(out int side)) return variant;
        if (side is < 1 or > 4096 || Numbers(own, "mean") is not { } mean || Numbers(own, "std") is not { } deviation) return variant;
        return variant.With(known with
        {
            Preprocessing = known.Preprocessing with { Size = side, Mean = mean, Std = deviation },
        });
    }

    private static float[]? Numbers(JsonElement own, string key)
    {
        if (!own.TryGetProperty(key, out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != 3) return null;
        return list.EnumerateArray().All(number => number.ValueKind == JsonValueKind.Number)
            ? [.. list.EnumerateArray().Select(number => number.GetSingle())]
            : null;
    }
}
