using System.Text.Json;
using Sconce.Abilities;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Http;

/// <summary>What can be asked, as an OpenAPI document (3.1): its parameters and forms are the abilities' own settings.</summary>
internal static class OpenApiDocument
{
    /// <summary>Writes it.</summary>
    /// <param name="catalogue">What is served.</param>
    /// <param name="schema">An ability's settings.</param>
    /// <param name="hasKey">Whether a key is asked.</param>
    public static byte[] Write(ServedCatalogue catalogue, Func<ServedAbility, JsonElement> schema, bool hasKey)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("openapi", "3.1.0");
            writer.WriteStartObject("info");
            writer.WriteString("title", "Sconce");
            writer.WriteString("version", ServerState.Version);
            writer.WriteEndObject();
            writer.WriteStartObject("paths");
            foreach (var served in catalogue.Abilities) Path(writer, served, schema);
            if (catalogue.Networks.Count > 0) Infer(writer, catalogue.Networks);
            writer.WriteEndObject();
            if (hasKey) Security(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>An address. Where its verb is done in several ways, all of their settings are there: they say which is asked.</summary>
    private static void Path(Utf8JsonWriter writer, ServedAbility served, Func<ServedAbility, JsonElement> schema)
    {
        var settings = served.Ways.SelectMany(way => way.Ability.Settings.All.Select(setting => (Way: way, Setting: setting)))
            .DistinctBy(one => one.Setting.Name).ToList();
        writer.WriteStartObject(served.Path);
        writer.WriteStartObject("post");
        writer.WriteString("operationId", $"{served.Ability.Verb}_{served.Name}");
        writer.WriteString("summary", served.Ability.Verb.Purpose);
        writer.WriteString("description", string.Join("\n\n", served.Ways.Select(way =>
            way.Ability.AskedBy is { } word ? $"With {word}: {way.Ability.Purpose}" : way.Ability.Purpose)));
        Strings(writer, "tags", [served.Name]);
        writer.WriteStartArray("parameters");
        foreach (var (way, setting) in settings.Where(one => !one.Setting.IsFile))
        {
            writer.WriteStartObject();
            writer.WriteString("name", setting.Name);
            writer.WriteString("in", "query");
            writer.WriteString("description", setting.Help);
            writer.WritePropertyName("schema");
            Setting(writer, schema(way), setting);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Body(writer, served, settings, schema);
        writer.WriteStartObject("responses");
        Response(writer, "200", "The answer, in the form that Accept asks for.",
            [MediaTypes.Json, MediaTypes.JsonLines, MediaTypes.Events]);
        foreach (var (status, meaning) in Faults) Response(writer, status, meaning, [MediaTypes.Json]);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static (string Status, string Meaning)[] Faults { get; } =
    [
        ("400", "Something is asked wrongly: the error says what."), ("401", "The key is missing or wrong."),
        ("413", "The input is too large."), ("415", "It is of another type."), ("422", "The input cannot be read."),
        ("429", "As many questions wait as may: Retry-After says when to ask again."), ("503", "The server is stopping."),
        ("504", "There was no answer in time."),
    ];

    private static void Body(Utf8JsonWriter writer, ServedAbility served, IReadOnlyList<(ServedAbility Way, Setting Setting)> settings,
        Func<ServedAbility, JsonElement> schema)
    {
        InputKind[] kinds = [.. served.Ways.Select(way => way.Ability.Input).Distinct()];
        writer.WriteStartObject("requestBody");
        writer.WriteBoolean("required", !kinds.Contains(InputKind.Nothing));
        writer.WriteStartObject("content");
        var types = kinds.SelectMany(kind => kind.Extensions).Select(MediaTypes.Of).Where(type => type != "application/octet-stream");
        foreach (string type in kinds.Any(kind => kind.Extensions.Count > 0) ? types.Append("application/octet-stream").Distinct() : [])
        {
            writer.WriteStartObject(type.Split(';')[0]);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("multipart/form-data");
        writer.WriteStartObject("schema");
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        if (kinds.Contains(InputKind.Text)) Typed(writer, "text", "string", null);
        if (kinds.Any(kind => kind != InputKind.Text && kind != InputKind.Nothing))
            Typed(writer, "file", "string", "application/octet-stream");
        foreach (var (way, setting) in settings)
        {
            writer.WritePropertyName(setting.Name);
            Setting(writer, schema(way), setting);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        Json(writer, served, kinds, schema);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Json(
        Utf8JsonWriter writer, ServedAbility served, InputKind[] kinds, Func<ServedAbility, JsonElement> schema)
    {
        writer.WriteStartObject(MediaTypes.Json);
        writer.WriteStartObject("schema");
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        if (kinds.Contains(InputKind.Text)) Typed(writer, "text", "string", null);
        if (kinds.Any(kind => kind != InputKind.Text && kind != InputKind.Nothing)) Typed(writer, "data", "string", null, "base64");
        Typed(writer, "name", "string", null);
        writer.WritePropertyName("settings");
        if (served.Others.Count == 0)
        {
            schema(served).WriteTo(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteStartArray("anyOf");
            foreach (var way in served.Ways) schema(way).WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Setting(Utf8JsonWriter writer, JsonElement schema, Setting setting)
    {
        foreach (string group in setting.Groups) schema = schema.GetProperty("properties").GetProperty(group);
        schema.GetProperty("properties").GetProperty(setting.Name).WriteTo(writer);
    }

    private static void Infer(Utf8JsonWriter writer, IReadOnlyList<ServedNetwork> networks)
    {
        writer.WriteStartObject("/v2/models/{name}/infer");
        writer.WriteStartObject("post");
        writer.WriteString("operationId", "infer");
        writer.WriteString("summary", "A network itself, by KServe's Open Inference Protocol, version 2.");
        Strings(writer, "tags", ["KServe"]);
        writer.WriteStartArray("parameters");
        writer.WriteStartObject();
        writer.WriteString("name", "name");
        writer.WriteString("in", "path");
        writer.WriteBoolean("required", true);
        writer.WriteStartObject("schema");
        writer.WriteString("type", "string");
        Strings(writer, "enum", [.. networks.Select(network => network.Name)]);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("requestBody");
        writer.WriteStartObject("content");
        foreach (string type in (string[])[MediaTypes.Json, "application/octet-stream"])
        {
            writer.WriteStartObject(type);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("responses");
        Response(writer, "200", "The output.", [MediaTypes.Json, "application/octet-stream"]);
        foreach (var (status, meaning) in Faults) Response(writer, status, meaning, [MediaTypes.Json]);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Security(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("components");
        writer.WriteStartObject("securitySchemes");
        writer.WriteStartObject("key");
        writer.WriteString("type", "http");
        writer.WriteString("scheme", "bearer");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("security");
        writer.WriteStartObject();
        Strings(writer, "key", []);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void Response(Utf8JsonWriter writer, string status, string meaning, string[] types)
    {
        writer.WriteStartObject(status);
        writer.WriteString("description", meaning);
        writer.WriteStartObject("content");
        foreach (string type in types)
        {
            writer.WriteStartObject(type);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Typed(Utf8JsonWriter writer, string name, string type, string? media, string? encoding = null)
    {
        writer.WriteStartObject(name);
        writer.WriteString("type", type);
        if (media is not null) writer.WriteString("contentMediaType", media);
        if (encoding is not null) writer.WriteString("contentEncoding", encoding);
        writer.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter writer, string name, IReadOnlyList<string> items)
    {
        writer.WriteStartArray(name);
        foreach (string item in items) writer.WriteStringValue(item);
        writer.WriteEndArray();
    }
}
