using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sconce.Server.Http;
using Sconce.Server.Requests;

namespace Sconce.Server.Review;

/// <summary>The review queue behind HTTP: what waits, its pictures, and a person's decisions.</summary>
internal sealed class ReviewEndpoints(ReviewQueue? queue)
{
    private const int Most = 100;

    /// <summary>Adds the addresses.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/review/items", context => Responses.Json(context, Items()));
        routes.MapGet("/review/items/{id:long}/picture", Picture);
        routes.MapPost("/review/items/{id:long}", Decide);
    }

    private ReviewStore Store => queue?.Store
        ?? throw new RequestException(404, "nothing is kept for review: the server was started without a threshold (review)");

    private ReviewItem Item(HttpContext context)
    {
        long id = long.Parse((string)context.GetRouteValue("id")!, CultureInfo.InvariantCulture);
        return Store.Find(id) ?? throw new RequestException(404, $"nothing waits under the number {id}");
    }

    private async Task Picture(HttpContext context)
    {
        var item = Item(context);
        if (item.File.Length == 0) throw new RequestException(404, "it has no picture");
        context.Response.ContentType = MediaTypes.Of(item.File);
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        await context.Response.SendFileAsync(Store.PathOf(item.File), context.RequestAborted);
    }

    private async Task Decide(HttpContext context)
    {
        var item = Item(context);
        string? label;
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            label = json.RootElement.GetProperty("label").GetString();
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RequestException(400, "a decision is {\"label\": \"CLASS\"}, or null where the picture teaches nothing");
        }

        Store.Decide(item, label);
        await Responses.Json(context, "{}"u8.ToArray());
    }

    private byte[] Items()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("count", Store.Count());
            writer.WriteStartArray("items");
            foreach (var item in Store.Waiting(Most))
            {
                writer.WriteStartObject();
                writer.WriteNumber("id", item.Id);
                writer.WriteString("asked", item.Asked);
                writer.WriteString("name", item.Name);
                writer.WriteString("verb", item.Verb);
                writer.WriteNumber("confidence", item.Confidence);
                writer.WriteBoolean("hasPicture", item.File.Length > 0);
                writer.WritePropertyName("answer");
                writer.WriteRawValue(item.Answer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
