using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Sconce.Server.Requests;

/// <summary>Bodies of requests, and parts of forms, as text, JSON and files.</summary>
internal static class RequestBody
{
    private const int LongestField = 1 << 20;

    /// <summary>A JSON object.</summary>
    /// <exception cref="RequestException">The text is none.</exception>
    public static JsonObject Object(string text)
    {
        try
        {
            // A name that stands twice shows only when it is looked at.
            if (JsonNode.Parse(text) is not JsonObject json) throw new RequestException(400, "JSON is an object here");
            _ = json.Count;
            return json;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            throw new RequestException(400, $"the JSON cannot be read: {fault.Message.Split('\n')[0]}");
        }
    }

    /// <summary>UTF-8 text.</summary>
    /// <param name="body">Read to its end.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="limit">Bytes at most.</param>
    /// <exception cref="RequestException">It is longer, cut, or no UTF-8.</exception>
    public static async Task<string> Text(Stream body, CancellationToken cancellation, long limit = LongestField)
    {
        using var bytes = new MemoryStream();
        await foreach (var piece in Pieces(body, cancellation))
        {
            bytes.Write(piece.Span);
            if (bytes.Length > limit) throw new RequestException(413, $"a text has at most {limit} bytes");
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException)
        {
            throw new RequestException(400, "the text is not UTF-8");
        }
    }

    /// <summary>Writes a new file; its length in bytes comes back.</summary>
    /// <exception cref="RequestException">The disk does not take it, or the form is cut.</exception>
    public static async Task<long> Save(Stream body, string path, CancellationToken cancellation)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16, useAsync: false);
        await foreach (var piece in Pieces(body, cancellation))
        {
            try
            {
                file.Write(piece.Span);
            }
            catch (IOException fault)
            {
                throw new RequestException(507, $"the server's disk does not take the file: {fault.Message}");
            }
        }

        return file.Length;
    }

    /// <summary>The bytes as they come; each piece is good until the next is asked for.</summary>
    /// <exception cref="RequestException">The form is cut.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(
        Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 16];
        while (await Read(body, buffer, cancellation) is var read and > 0) yield return buffer.AsMemory(0, read);
    }

    private static async Task<int> Read(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellation);
        }
        catch (Exception fault) when (fault is IOException and not BadHttpRequestException or InvalidDataException)
        {
            // Of a form's part: its end is missing.
            throw new RequestException(400, "the form (multipart/form-data) is cut or damaged");
        }
    }
}
