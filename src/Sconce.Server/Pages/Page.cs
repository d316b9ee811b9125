using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sconce.Server.Http;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Pages;

/// <summary>The pages: plain modules out of this assembly, and one list of what is served that they are drawn from.</summary>
internal sealed class Page(ServedCatalogue catalogue, Func<ServedAbility, JsonElement> schema, ServerSettings settings, bool hasRuns)
{
    private const string Assets = "/assets", Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src 'self' blob: data:; media-src 'self' blob: data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Whether an address is one of a page or its parts, which hold nothing of anybody's.</summary>
    public static bool IsOne(PathString path) =>
        path == "/" || path == "/review" || path.StartsWithSegments(Assets, StringComparison.Ordinal)
        || (path.Value!.Count(letter => letter == '/') >= 2
            && Abilities.Verb.All.Any(verb => path.StartsWithSegments("/" + verb.Name, StringComparison.Ordinal)));

    /// <summary>Adds the addresses.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/", "/review"]) routes.MapGet(path, context => Send(context, "index.html"));
        foreach (string verb in catalogue.Abilities.Select(served => served.Ability.Verb.Name).Distinct())
            routes.MapGet($"/{verb}/{{**name}}", context => Send(context, "index.html"));
        routes.MapGet(Assets + "/{file}", context => Send(context, (string)context.GetRouteValue("file")!));
        byte[] list = List();
        routes.MapGet("/catalogue", context => Responses.Json(context, list));
    }

    private static async Task Send(HttpContext context, string file)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("Sconce.Server." + file)
            ?? throw new RequestException(404, $"there is no {file}");
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        byte[] body = copy.ToArray();
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await Responses.Bytes(context, MediaTypes.Of(file), body);
    }

    private byte[] List()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("review", settings.Review is not null);
            writer.WriteBoolean("runs", hasRuns);
            writer.WriteStartArray("abilities");
            foreach (var first in catalogue.Abilities) foreach (var way in first.Ways) Write(writer, way, isFirst: way == first);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private void Write(Utf8JsonWriter writer, ServedAbility served, bool isFirst)
    {
        writer.WriteStartObject();
        writer.WriteString("way", isFirst ? "" : served.Ability.AskedBy ?? served.Ability.Input.Name);
        writer.WriteString("askedBy", served.Ability.AskedBy);
        writer.WriteString("path", served.Path);
        writer.WriteString("name", served.Name);
        writer.WriteString("verb", served.Ability.Verb.Name);
        writer.WriteString("does", served.Ability.Verb.Purpose);
        writer.WriteString("purpose", served.Ability.Purpose);
        writer.WriteString("input", served.Ability.Input.Name);
        writer.WriteStartArray("extensions");
        foreach (string extension in served.Ability.Input.Extensions) writer.WriteStringValue(extension);
        writer.WriteEndArray();
        writer.WriteStartArray("settings");
        foreach (var setting in served.Ability.Settings.All)
        {
            writer.WriteStartObject();
            writer.WriteString("name", setting.Name);
            writer.WriteString("help", setting.Help);
            writer.WriteString("range", setting.Range);
            writer.WriteString("default", setting.Default);
            writer.WriteBoolean("isSwitch", setting.IsSwitch);
            writer.WriteBoolean("isFile", setting.IsFile);
            writer.WriteBoolean("isRequired", setting.IsRequired);
            writer.WriteStartArray("choices");
            foreach (string choice in setting.Choices) writer.WriteStringValue(choice);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("schema");
        schema(served).WriteTo(writer);
        writer.WriteEndObject();
    }
}
