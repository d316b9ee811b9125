using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sconce.Server.Requests;

/// <summary>Settings as they come in a request: texts of its address or form, a JSON object, files.</summary>
internal sealed class SettingsReader
{
    private readonly SettingsSchema schema;
    private readonly Dictionary<string, JsonElement> schemas = new(StringComparer.Ordinal);

    /// <summary>Reads the schema once.</summary>
    public SettingsReader(SettingsSchema schema)
    {
        this.schema = schema;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) schema.WriteSchema(writer);
        Schema = JsonDocument.Parse(stream.ToArray()).RootElement;
        Gather(Schema);
    }

    /// <summary>The record's JSON schema.</summary>
    public JsonElement Schema { get; }

    /// <summary>Whether there is a setting of that name.</summary>
    public bool Knows(string name) => Find(name) is not null;

    /// <summary>Whether a setting is a file.</summary>
    public bool IsFile(string name) => Find(name) is { IsFile: true };

    /// <summary>A record.</summary>
    /// <param name="json">An object of settings, in their groups; null for none.</param>
    /// <param name="texts">By setting, over it; an empty one is left out.</param>
    /// <param name="files">Paths of the request's own files, by setting.</param>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public object Read(JsonObject? json, IEnumerable<KeyValuePair<string, string>> texts, IReadOnlyDictionary<string, string> files)
    {
        json ??= [];
        foreach (var (name, text) in texts)
        {
            if (text.Length > 0) Place(json, name, Value(text, schemas.GetValueOrDefault(name)));
        }

        RefuseNames(json);
        using var document = JsonDocument.Parse(json.ToJsonString());
        return schema.ReadJson(document.RootElement, "settings", files);
    }

    private Setting? Find(string name) => schema.All.FirstOrDefault(setting => setting.Name == name);

    private void Gather(JsonElement record)
    {
        if (!record.TryGetProperty("properties", out var properties)) return;
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.TryGetProperty("properties", out _)) Gather(property.Value);
            else schemas[property.Name] = property.Value;
        }
    }

    private void Place(JsonObject json, string name, JsonNode? value)
    {
        foreach (string group in Find(name)?.Groups ?? [])
        {
            if (json[group] is not JsonObject inner) json[group] = inner = [];
            json = inner;
        }

        json[name] = value;
    }

    /// <summary>A file comes with the request: a name would be one of this machine's.</summary>
    private void RefuseNames(JsonObject json)
    {
        foreach (var (name, value) in json)
        {
            if (value is JsonObject inner) RefuseNames(inner);
            else if (IsFile(name) && value is JsonValue text && text.TryGetValue(out string? path)
                && (path.AsSpan().ContainsAny('/', '\\') || File.Exists(path)))
                throw new SettingsException(name, called =>
                    $"{called} is a file: send it as a part of a form (multipart/form-data) of that name");
        }
    }

    private static JsonNode? Value(string text, JsonElement schema)
    {
        if (Is(schema, "boolean") && text is "true" or "on" or "1") return JsonValue.Create(true);
        if (Is(schema, "boolean") && text is "false" or "off" or "0") return JsonValue.Create(false);
        if ((Is(schema, "integer") || Is(schema, "number")) && Number(text) is { } number) return number;
        if (!Is(schema, "array")) return JsonValue.Create(text);
        if (text.StartsWith('[')) return Parsed(text);
        var item = Alternatives(schema)
            .FirstOrDefault(one => one.TryGetProperty("items", out _)) is { ValueKind: JsonValueKind.Object } list
            ? list.GetProperty("items") : default;
        return new JsonArray([.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => Value(part, item))]);
    }

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);   // what it is not, its setting says
        }
    }

    private static JsonNode? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? Whole(text) ?? JsonValue.Create(number)
            : null;

    private static JsonValue? Whole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? JsonValue.Create(whole)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large) ? JsonValue.Create(large)
        : null;

    private static bool Is(JsonElement schema, string type) =>
        Alternatives(schema).Any(one => one.TryGetProperty("type", out var known) && known.ValueEquals(type));

    /// <summary>A setting that may be left out is one of several things.</summary>
    private static IEnumerable<JsonElement> Alternatives(JsonElement schema) =>
        schema.ValueKind != JsonValueKind.Object ? []
        : schema.TryGetProperty("anyOf", out var several) ? several.EnumerateArray()
        : [schema];
}
