using System.Net.Http.Headers;

namespace Sconce.Data.Downloads;

/// <summary>What a server is asked for: a file, or the rest of one.</summary>
internal static class FileRequest
{
    private const int MostRedirections = 10;

    /// <summary>
    /// The answer's head, from where the file goes on; redirections are followed to http and https, and from https to https only.
    /// </summary>
    /// <param name="client">One that leaves redirections to this.</param>
    /// <param name="address">Where to begin.</param>
    /// <param name="file">What is there already: only the rest is asked for, where the server still has the same file.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="DownloadException">A redirection is not to be followed.</exception>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, Uri address, PartialFile file, CancellationToken cancellation)
    {
        var place = address;
        for (int redirections = 0; ; redirections++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, place);
            if (file.Length > 0)
            {
                request.Headers.Range = new RangeHeaderValue(file.Length, null);
                request.Headers.TryAddWithoutValidation("If-Range", file.Tag);
            }

            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)) return response;
            string to = response.Headers.TryGetValues("Location", out var values) ? values.First() : "";
            response.Dispose();
            if (redirections == MostRedirections)
                throw new DownloadException(address, $"the server sends on more than {MostRedirections} times, at last to '{to}'");
            if (to.Length == 0 || !Uri.TryCreate(place, to, out var next) || next.Scheme is not ("http" or "https"))
            {
                throw new DownloadException(address,
                    $"the server sends on to '{to}', which is no http or https address: it was not followed");
            }

            if (place.Scheme == "https" && next.Scheme == "http")
            {
                throw new DownloadException(address,
                    $"the server sends on from https to '{to}', where anybody on the way could change the file: it was not followed");
            }

            place = next;
        }
    }
}
