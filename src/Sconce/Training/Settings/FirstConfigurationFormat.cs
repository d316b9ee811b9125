using System.Text.Json;

namespace Sconce.Training;

/// <summary>
/// <c>config.json</c> as runs had it before each method declared its settings: one flat object of all settings there were, those of
/// pictures in every run,
/// and a method's own under <c>methodOptions</c> as texts.
/// </summary>
public static class FirstConfigurationFormat
{
    private const string Own = "methodOptions";

    /// <summary>What is called otherwise by now.</summary>
    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["learningRate"] = "lr",
        ["accumulation"] = "accumulate",
        ["warmUpEpochs"] = "warmUp",
        ["mixUp"] = "mixup",
        ["cutMix"] = "cutmix",
        ["randAugment"] = "randaugment",
        ["clipNorm"] = "clip",
        ["adaptiveClipping"] = "agc",
        ["averaging"] = "average",
        ["watched"] = "watch",
        ["imageSize"] = "size",
    };

    /// <summary>
    /// What runs of every method had, and only some methods have by now: of no effect in the others, whose values say so.
    /// </summary>
    private static readonly string[] Pictures = ["mixUp", "cutMix", "randAugment", "colorJitter", "erasing", "labelSmoothing"];

    /// <summary>Reads the settings over those that a run of the method begins with.</summary>
    /// <param name="root">The file's object.</param>
    /// <param name="method">The method that it names.</param>
    /// <param name="where">What errors call the file.</param>
    /// <exception cref="UsageException">It says what means nothing; the message names the file, and the nearest name.</exception>
    internal static ITrainingSettings Read(JsonElement root, TrainingMethod method, string where)
    {
        var settings = method.Settings.Start;
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name is "network" or "method" or "classes") continue;
            if (property.Name != Own)
            {
                settings = One(settings, property, method, where);
                continue;
            }

            if (property.Value.ValueKind != JsonValueKind.Object)
                throw new UsageException($"{where}: {Own} is {property.Value.GetRawText()}, where an object is wanted");
            foreach (var own in property.Value.EnumerateObject()) settings = One(settings, own, method, where);
        }

        return settings;
    }

    private static ITrainingSettings One(ITrainingSettings settings, JsonProperty property, TrainingMethod method, string where)
    {
        string name = Renamed.GetValueOrDefault(property.Name, property.Name);
        if (method.Settings.Find(name) is not { } setting)
        {
            if (Pictures.Contains(property.Name) && property.Value is { ValueKind: JsonValueKind.Null }
                or { ValueKind: JsonValueKind.Number } && IsNothing(property.Value)) return settings;
            var names = method.Settings.Schema.All.Select(known => known.Name).ToList();
            throw new UsageException(($"{where}: the method {method.Name} has no setting '{property.Name}'. "
                + NearestNames.Suggest(property.Name, names)).TrimEnd());
        }

        if (property.Value.ValueKind == JsonValueKind.Null) return settings; // left open
        try
        {
            return setting.IsList && property.Value.ValueKind == JsonValueKind.String
                ? List(settings, method, name, property.Value.GetString()!)
                : Value(settings, method, name, property.Value);
        }
        catch (SettingsException fault)
        {
            throw new SettingsException(fault.Setting, _ => fault.Worded(property.Name)).In(where);
        }
    }

    private static bool IsNothing(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null || (value.TryGetDouble(out double number) && number == 0);

    private static ITrainingSettings List(ITrainingSettings settings, TrainingMethod method, string name, string text)
    {
        if (text != "none") return method.Settings.Read(settings, [KeyValuePair.Create(name, text)]);
        using var empty = JsonDocument.Parse("[]");
        return method.Settings.Read(settings, name, empty.RootElement);
    }

    /// <summary>Whole numbers were written as numbers too where a text is wanted now, and texts where a number is.</summary>
    private static ITrainingSettings Value(ITrainingSettings settings, TrainingMethod method, string name, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => method.Settings.Read(settings, [KeyValuePair.Create(name, value.GetString()!)]),
            JsonValueKind.Array => method.Settings.Read(settings, name, value),
            _ => method.Settings.Read(settings, name, value),
        };
}
