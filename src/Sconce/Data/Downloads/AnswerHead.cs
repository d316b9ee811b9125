using System.Globalization;
using System.Net;

namespace Sconce.Data.Downloads;

/// <summary>What a server says before the file's bytes: whether they come, which of them, and how many there are.</summary>
internal static class AnswerHead
{
    /// <summary>Whether the server says that nothing is left to be sent.</summary>
    /// <param name="file">What is there.</param>
    /// <param name="response">The answer.</param>
    /// <param name="expected">The whole length that the caller knows; null for none.</param>
    /// <exception cref="HttpRequestException">The file there is not what it was; the next attempt asks for the whole file.</exception>
    public static bool IsNothingLeft(PartialFile file, HttpResponseMessage response, long? expected)
    {
        if (response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable || file.Length == 0) return false;
        // All is there already, or the file there is not what it was: shorter than it was announced, say.
        if (response.Content.Headers.ContentRange?.Length == file.Length
            && (file.Announced ?? expected ?? file.Length) == file.Length) return true;
        throw Changed(file, response);
    }

    /// <summary>Requires that a file comes.</summary>
    /// <exception cref="HttpRequestException">Not now, but perhaps in a while.</exception>
    /// <exception cref="DownloadException">Neither now nor later.</exception>
    public static void RequireSuccess(Uri address, string name, HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500)
        {
            throw new HttpRequestException($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}", null,
                response.StatusCode);
        }

        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            string help = response.StatusCode switch
            {
                HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                    "the file is not there any more; look at its publisher's page for its new address",
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    "the publisher gives it only to those who sign in or accept its licence: download it with a browser",
                _ => "look at the address with a browser",
            };
            throw new DownloadException(address, $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}: {help}");
        }

        if (response.Content.Headers.ContentType?.MediaType == "text/html" && Path.GetExtension(name) is not (".html" or ".htm"))
        {
            throw new DownloadException(address, $"the server answers with a web page instead of {name} (a login, or a warning before "
                + $"large files): download it with a browser");
        }
    }

    /// <summary>Puts the file where the answer begins; gives the whole length where the server says it.</summary>
    /// <exception cref="HttpRequestException">It is no answer to what was asked; the next attempt asks for the whole file.</exception>
    public static long? Begin(PartialFile file, HttpResponseMessage response)
    {
        var content = response.Content.Headers;
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            if (content.ContentRange is not { From: { } from } range || from != file.Length)
            {
                file.Restart();
                throw new HttpRequestException("the server sent another part than was asked for", null, response.StatusCode);
            }

            if (range.Length is { } now && file.Announced is { } before && now != before) throw Changed(file, response);
            return range.Length ?? file.Announced ?? (content.ContentLength is { } rest ? file.Length + rest : null);
        }

        file.Restart();
        // Only a strong validator says that the bytes are the same.
        file.SetTag(response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : content.LastModified is { } date
            ? date.ToString("R", CultureInfo.InvariantCulture) : "", content.ContentLength);
        return content.ContentLength;
    }

    private static HttpRequestException Changed(PartialFile file, HttpResponseMessage response)
    {
        file.Restart();
        return new HttpRequestException("the server's file has changed since the download began", null, response.StatusCode);
    }
}
