using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Catalogue;

namespace Sconce.Training;

/// <summary>Reads, writes and checks <c>config.json</c>.</summary>
public static class TrainingConfigurationFile
{
    /// <summary>The keys that a configuration may have.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. ConfigurationJson.Readable.TrainingConfiguration.Properties.Select(property => property.Name)];

    /// <summary>As <c>config.json</c> has it.</summary>
    public static string ToJson(TrainingConfiguration configuration) => JsonSerializer.Serialize(configuration, ConfigurationJson.Readable.TrainingConfiguration) + "\n";

    /// <summary>Reads a file; keys that it leaves out have their default values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">The default values for a network and a method, of which one may be null; the plain ones where left out.</param>
    /// <exception cref="UsageException">It is missing, no JSON, or has a key or a value that means nothing; the message names the file, the key and the nearest one.</exception>
    public static TrainingConfiguration Read(string path, Func<string?, string?, TrainingConfiguration>? start = null)
    {
        if (!File.Exists(path)) throw new UsageException($"there is no configuration '{path}'");
        return Parse(File.ReadAllText(path), path, start);
    }

    /// <summary>The same of a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="start">See <see cref="Read"/>.</param>
    public static TrainingConfiguration Parse(string json, string name, Func<string?, string?, TrainingConfiguration>? start = null)
    {
        using var document = Document(json, name);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new UsageException($"{name}: a configuration is a JSON object, not {document.RootElement.ValueKind}");
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (Keys.Contains(property.Name)) continue;
            throw new UsageException($"{name}: there is no setting '{property.Name}'. {NearestNames.Suggest(property.Name, Keys)}".TrimEnd() + $" The settings are {string.Join(", ", Keys)}");
        }

        try
        {
            var defaults = start?.Invoke(Text(document.RootElement, "network"), Text(document.RootElement, "method")) ?? new TrainingConfiguration();
            var configuration = JsonSerializer.Deserialize(OverDefaults(document.RootElement, defaults), ConfigurationJson.Readable.TrainingConfiguration)!;
            Validate(configuration, name);
            return configuration;
        }
        catch (JsonException error)
        {
            string key = error.Path is { Length: > 2 } path ? path[2..].Split('[')[0] : "";
            string value = document.RootElement.TryGetProperty(key, out var element) ? $"{key} is {element.GetRawText()}, which it cannot be" : error.Message;
            string choices = key switch
            {
                "optimizer" => Names<OptimizerKind>(),
                "schedule" => Names<ScheduleKind>(),
                "averaging" => Names<Averaging>(),
                _ => "",
            };
            throw new UsageException($"{name}: {value}{choices}");
        }
    }

    private static string Names<T>()
        where T : struct, Enum => $": it is one of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}";

    private static string? Text(JsonElement root, string key) => root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonDocument Document(string json, string name)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new UsageException($"{name}: this is no JSON, line {error.LineNumber + 1}: {error.Message.Split(" LineNumber:")[0]} (numbers are written 0.1, names \"cosine\"; NaN is none)");
        }
    }

    /// <summary>The object with what it leaves out as the defaults have it: a generated reader gives properties that are missing no value of their own.</summary>
    private static byte[] OverDefaults(JsonElement given, TrainingConfiguration otherwise)
    {
        using var defaults = JsonDocument.Parse(ToJson(otherwise));
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var property in defaults.RootElement.EnumerateObject())
            {
                json.WritePropertyName(property.Name);
                (given.TryGetProperty(property.Name, out var own) ? own : property.Value).WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Refuses values that no run can have.</summary>
    /// <exception cref="UsageException">One is out of its range; the message names it.</exception>
    public static void Validate(TrainingConfiguration configuration, string name = "the configuration")
    {
        Check("epochs", configuration.Epochs, configuration.Epochs >= 1, "at least 1");
        Check("batch", configuration.Batch, configuration.Batch >= 1, "at least 1");
        Check("accumulation", configuration.Accumulation, configuration.Accumulation >= 1, "at least 1");
        Check("validation", configuration.Validation, configuration.Validation is > 0 and < 1, "between 0 and 1");
        Check("learningRate", configuration.LearningRate, configuration.LearningRate is null or (> 0 and < double.PositiveInfinity), "a positive number, such as 0.1");
        Check("momentum", configuration.Momentum, configuration.Momentum is >= 0 and < 1, "in [0, 1)");
        Check("weightDecay", configuration.WeightDecay, configuration.WeightDecay is null or (>= 0 and < double.PositiveInfinity), "0 or more");
        Check("warmUpEpochs", configuration.WarmUpEpochs, configuration.WarmUpEpochs is null || (configuration.WarmUpEpochs >= 0 && configuration.WarmUpEpochs < configuration.Epochs), "0 or more, and less than the epochs");
        Check("labelSmoothing", configuration.LabelSmoothing, configuration.LabelSmoothing is >= 0 and < 1, "in [0, 1)");
        Check("mixUp", configuration.MixUp, configuration.MixUp is null or (> 0 and < double.PositiveInfinity), "positive, such as 0.2");
        Check("cutMix", configuration.CutMix, configuration.CutMix is null or (> 0 and < double.PositiveInfinity), "positive, such as 1");
        Check("randAugment", configuration.RandAugment, configuration.RandAugment is null or (>= 0 and <= 30), "0 to 30");
        Check("colorJitter", configuration.ColorJitter, configuration.ColorJitter is null or (>= 0 and <= 1), "in [0, 1]");
        Check("erasing", configuration.Erasing, configuration.Erasing is null or (>= 0 and <= 1), "in [0, 1]");
        Check("batch", configuration.Batch, configuration.Batch >= 2 || (configuration.MixUp ?? configuration.CutMix) is null, "at least 2 where pictures are mixed");
        Check("clipNorm", configuration.ClipNorm, configuration.ClipNorm is null or (> 0 and < double.PositiveInfinity), "positive");
        Check("adaptiveClipping", configuration.AdaptiveClipping, configuration.AdaptiveClipping is null or (> 0 and < double.PositiveInfinity), "positive");
        Check("averageDecay", configuration.AverageDecay, configuration.AverageDecay is >= 0 and < 1, "in [0, 1)");
        Check("patience", configuration.Patience, configuration.Patience is null or >= 1, "at least 1");
        Check("imageSize", configuration.ImageSize, configuration.ImageSize is null or (>= 8 and <= 4096), "8 to 4096 pixels");
        Check("threads", configuration.Threads, configuration.Threads is null or >= 1, "at least 1");
        Check("workers", configuration.Workers, configuration.Workers is null or >= 1, "at least 1");
        Check("saveEvery", configuration.SaveEvery, configuration.SaveEvery is null or >= 1, "at least 1");

        void Check(string key, object? value, bool isGood, string wanted)
        {
            if (!isGood) throw new UsageException(FormattableString.Invariant($"{name}: {key} is {value}; it must be {wanted}"));
        }
    }

    /// <summary>The settings in which two configurations differ, with both values, but those that do not change the run.</summary>
    public static IReadOnlyList<(string Key, string First, string Second)> Differences(TrainingConfiguration first, TrainingConfiguration second)
    {
        using var one = JsonDocument.Parse(ToJson(first));
        using var other = JsonDocument.Parse(ToJson(second));
        return
        [
            .. Keys.Where(key => key is not ("threads" or "workers" or "saveEvery" or "methodOptions"))
                .Select(key => (key, one.RootElement.GetProperty(key).GetRawText(), other.RootElement.GetProperty(key).GetRawText()))
                .Where(entry => entry.Item2 != entry.Item3),
            .. first.MethodOptions.Values.Keys.Union(second.MethodOptions.Values.Keys)
                .Select(name => (name, Shown(first, name), Shown(second, name)))
                .Where(entry => entry.Item2 != entry.Item3),
        ];

        static string Shown(TrainingConfiguration configuration, string name) => configuration.MethodOptions.Values.GetValueOrDefault(name) ?? "none";
    }
}

/// <summary>How configurations are written.</summary>
[JsonSerializable(typeof(TrainingConfiguration))]
internal sealed partial class ConfigurationJson : JsonSerializerContext
{
    internal static ConfigurationJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        Converters =
        {
            new JsonStringEnumConverter<OptimizerKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<ScheduleKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<Averaging>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    });
}
