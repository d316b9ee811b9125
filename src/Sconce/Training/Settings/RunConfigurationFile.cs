using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sconce.Files;

namespace Sconce.Training;

/// <summary>
/// Reads and writes <c>config.json</c>: <c>network</c>, <c>method</c>, <c>classes</c>, and under <c>settings</c> the method's. Files of
/// runs that were begun before are read too (<see cref="FirstConfigurationFormat"/>).
/// </summary>
public static class RunConfigurationFile
{
    private static readonly string[] Keys = ["network", "method", "classes", "settings"];

    private static readonly JsonWriterOptions Readable =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As <c>config.json</c> has it.</summary>
    /// <param name="configuration">What is written.</param>
    /// <param name="methods">Where its method is found.</param>
    public static string ToJson(RunConfiguration configuration, MethodRegistry methods)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("network", configuration.Network);
            json.WriteString("method", configuration.Method);
            if (configuration.Classes is { } classes)
            {
                json.WriteStartArray("classes");
                foreach (string name in classes) json.WriteStringValue(name);
                json.WriteEndArray();
            }

            json.WritePropertyName("settings");
            methods.Get(configuration.Method).Settings.Write(json, configuration.Settings);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Reads a file; what it leaves out is as a run of its method begins.</summary>
    /// <param name="path">The file.</param>
    /// <param name="methods">Where methods are found.</param>
    /// <param name="otherwise">The method where the file names none, given its network or null; the plain one where left out.</param>
    /// <exception cref="UsageException">It is missing, no JSON, or says what means nothing; the message names the file and the nearest
    /// name.</exception>
    public static RunConfiguration Read(string path, MethodRegistry methods, Func<string?, TrainingMethod>? otherwise = null)
    {
        if (!File.Exists(path)) throw new UsageException($"there is no configuration '{path}'");
        try
        {
            return Parse(RegularFile.ReadAllText(path), path, methods, otherwise);
        }
        catch (IOException error)
        {
            throw new UsageException($"{path}: the configuration cannot be read: {error.Message}");
        }
    }

    /// <summary>The same of a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="methods">Where methods are found.</param>
    /// <param name="otherwise">See <see cref="Read"/>.</param>
    public static RunConfiguration Parse(string json, string name, MethodRegistry methods, Func<string?, TrainingMethod>? otherwise = null)
    {
        using var document = Document(json, name);
        var root = document.RootElement;
        CheckTexts(root, name);
        if (root.ValueKind != JsonValueKind.Object)
            throw new UsageException($"{name}: a configuration is a JSON object, not {root.ValueKind}");
        string network = Text(root, "network", name) ?? "";
        string? asked = Text(root, "method", name);
        var method = asked is not null ? methods.Get(asked) : otherwise?.Invoke(network.Length > 0 ? network : null)
            ?? ClassifierMethod.Plain;
        var settings = method.Settings.Start;
        if (root.TryGetProperty("settings", out var own))
        {
            foreach (var property in root.EnumerateObject().Where(property => !Keys.Contains(property.Name)))
            {
                throw new UsageException($"{name}: there is no '{property.Name}'. {NearestNames.Suggest(property.Name, Keys)}".TrimEnd()
                    + $" A configuration has {string.Join(", ", Keys)}");
            }

            settings = method.Settings.Read(settings, own, name);
        }
        else
        {
            settings = FirstConfigurationFormat.Read(root, method, name);
        }

        try
        {
            return new RunConfiguration(network, method.Name, method.Settings.Verified(settings)) { Classes = Classes(root, name) };
        }
        catch (SettingsException fault)
        {
            throw fault.In(name);
        }
    }

    /// <summary>Refuses texts that .NET cannot hold, half of an escaped surrogate pair, and NUL, which no file's name has.</summary>
    private static void CheckTexts(JsonElement element, string name)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    CheckText(() => property.Name, name);
                    CheckTexts(property.Value, name);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) CheckTexts(item, name);
                break;
            case JsonValueKind.String:
                CheckText(element.GetString, name);
                break;
        }
    }

    private static void CheckText(Func<string?> read, string name)
    {
        string? text;
        try
        {
            text = read();
        }
        catch (InvalidOperationException)
        {
            throw new UsageException($"{name}: a text holds half of an escaped character (\\ud800 to \\udfff come in pairs)");
        }

        if (text?.Contains('\0') == true) throw new UsageException($"{name}: a text holds the character NUL, which no name or folder has");
    }

    private static IReadOnlyList<string>? Classes(JsonElement root, string name)
    {
        if (!root.TryGetProperty("classes", out var classes) || classes.ValueKind == JsonValueKind.Null) return null;
        if (classes.ValueKind != JsonValueKind.Array || classes.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
        {
            throw new UsageException($"{name}: classes is {classes.GetRawText()}, where a list of names is wanted");
        }

        return [.. classes.EnumerateArray().Select(one => one.GetString()!)];
    }

    private static string? Text(JsonElement root, string key, string name)
    {
        if (!root.TryGetProperty(key, out var value)) return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString() : throw new UsageException($"{name}: {key} is {value.GetRawText()}, where a name is wanted");
    }

    private static JsonDocument Document(string json, string name)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new UsageException(
                $"{name}: this is no JSON, line {error.LineNumber + 1}: {error.Message.Split(" LineNumber:")[0]} (numbers are written 0.1, "
                    + $"names \"cosine\"; NaN is none)");
        }
    }
}
