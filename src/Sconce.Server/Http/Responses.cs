using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sconce.Server.Answers;
using Sconce.Server.Requests;

namespace Sconce.Server.Http;

/// <summary>What a request was about, for figures and the log.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Name">Whom.</param>
internal sealed record Asked(string Verb, string Name)
{
    /// <summary>Says it.</summary>
    public static void Mark(HttpContext context, string verb, string name) => context.Items[typeof(Asked)] = new Asked(verb, name);

    /// <summary>What was said; null for pages and the like.</summary>
    public static Asked? Of(HttpContext context) => context.Items.TryGetValue(typeof(Asked), out object? asked) ? (Asked?)asked : null;
}

/// <summary>Writes answers.</summary>
internal static class Responses
{
    /// <summary>JSON.</summary>
    public static Task Json(HttpContext context, byte[] json, int status = 200) => Bytes(context, MediaTypes.Json, json, status);

    /// <summary>Bytes of a type.</summary>
    public static async Task Bytes(HttpContext context, string type, ReadOnlyMemory<byte> body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>A fault, as JSON.</summary>
    public static Task Fault(HttpContext context, FaultStatus fault, RequestFiles? files = null)
    {
        if (fault.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (fault.Status == 401)
        {
            bool isLookedAt = Guard.IsLookedAt(context.Request);
            context.Response.Headers.WWWAuthenticate = isLookedAt ? "Basic realm=\"the key is the password\"" : "Bearer";
        }

        // What is left of a body that was refused is not waited for.
        if (fault.Status is 408 or 413 or 503) context.Response.Headers.Connection = "close";
        return Json(context, fault.Json(files), fault.Status);
    }
}
