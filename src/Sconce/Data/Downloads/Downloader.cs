using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Sconce.Data.Downloads;

/// <summary>
/// Downloads files over HTTP: goes on where an earlier run was cut, checks SHA-256, and gives the file its name only when it is whole. Safe
/// to use from several threads for different files.
/// </summary>
public sealed class Downloader : IDisposable
{
    private const int DiskFull = 28;                              // ENOSPC
    private const int DiskFullOnWindows = unchecked((int)0x80070070);
    private const long SpaceLeftOver = 64L << 20;                 // a disk filled to the last byte helps nobody
    private const int MostRedirections = 10;
    private readonly HttpClient client;
    private readonly bool ownsClient;

    /// <summary>Makes one.</summary>
    /// <param name="client">To use another client (a proxy, credentials); it stays the caller's.</param>
    public Downloader(HttpClient? client = null)
    {
        ownsClient = client is null;
        // Silence is timed, not the whole. Redirections are followed here, where they can be held to http and https.
        this.client = client ?? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        if (ownsClient)
            this.client.DefaultRequestHeaders.UserAgent.Add(
                new ProductInfoHeaderValue("Sconce", typeof(Downloader).Assembly.GetName().Version?.ToString(2)));
    }

    /// <summary>Free bytes where a path lies; a test puts its own here.</summary>
    internal Func<string, long> FreeSpace { get; init; } = path => new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;

    /// <summary>Downloads a file unless it is there already and its checksum fits.</summary>
    /// <param name="address">An http or https address.</param>
    /// <param name="path">Where to; its folder is made. A file there whose checksum does not fit is replaced once the new one is whole and
    /// checked.</param>
    /// <param name="options">The checksum to hold it against, retries, limits.</param>
    /// <param name="progress">Bytes done and in all.</param>
    /// <param name="cancellationToken">What came so far stays, and the next call goes on with it.</param>
    /// <exception cref="DownloadException">The server refuses, the connection is cut too often, the checksum or the length differs, the
    /// disk is full or not to be written on.</exception>
    public async Task<DownloadResult> DownloadAsync(Uri address, string path, DownloadOptions? options = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new DownloadOptions();
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new DownloadException(address, "only http and https addresses are downloaded");
        if (options.Sha256.Length > 0) Checksum.RequireDigits(options.Sha256);
        path = Path.GetFullPath(path);
        string name = Path.GetFileName(path);
        try
        {
            if (File.Exists(path))
            {
                progress?.Report(new WorkProgress($"checking {name}", 0, 0));
                string there = Checksum.Sha256(path, cancellationToken);
                long length = new FileInfo(path).Length;
                if ((options.Sha256.Length == 0 || Checksum.Fits(there, options.Sha256)) && (options.Length ?? length) == length)
                    return new DownloadResult(path, length, there, options.Sha256.Length > 0, 0);
            }

            using var file = new PartialFile(path, cancellationToken);
            await FetchAsync(address, name, file, options, progress, cancellationToken).ConfigureAwait(false);
            string sha256 = file.Sha256();
            if (options.Length is { } expected && expected != file.Length)
            {
                long got = file.Length;
                file.Discard();
                throw new DownloadException(address, $"the file has {got:N0} bytes instead of {expected:N0}: it was thrown away. The "
                    + $"publisher has changed it, or a proxy has");
            }

            if (options.Sha256.Length > 0 && !Checksum.Fits(sha256, options.Sha256))
            {
                file.Discard();
                throw new DownloadException(address, $"SHA-256 {sha256} does not begin with the published {options.Sha256}: the file was "
                    + $"thrown away. The publisher has changed it, or a proxy has; look at the address with a browser");
            }

            return new DownloadResult(path, file.Finish(), sha256, options.Sha256.Length > 0, file.Received);
        }
        catch (Exception fault) when (fault is (IOException and not DownloadException) or UnauthorizedAccessException)
        {
            string help = fault.HResult is DiskFull or DiskFullOnWindows
                ? $"no space left on the disk for {path}: free some, or set {CacheFolder.Variable} to a folder elsewhere; what came so "
                + $"far is kept"
                : $"{path} cannot be written: {fault.Message} Is another process downloading it?";
            throw new DownloadException(address, help, fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ownsClient) client.Dispose();
    }

    // Tries until all is there.
    private async Task FetchAsync(Uri address, string name, PartialFile file, DownloadOptions options, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        long furthest = file.Length;
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await AttemptAsync(address, name, file, options, progress, cancellation).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                file.Flush();
                throw;
            }
            catch (Exception fault) when (IsPassing(fault))
            {
                file.Flush();
                // It goes on: the count begins again. Not for a few bytes an attempt, or it would never end.
                if (file.Length > furthest + LeastBytes(options)) (furthest, attempt) = (file.Length, 0);
                if (attempt >= options.Retries)
                {
                    string kept = file.Length > 0 && file.Tag.Length > 0
                        ? $" {file.Length:N0} bytes are kept: the same call goes on from there." : "";
                    throw new DownloadException(address,
                        $"{Reason(fault, options)}, {attempt + 1} times without getting further.{kept}", fault);
                }

                var pause = options.RetryPause * Math.Pow(2, attempt);
                progress?.Report(new WorkProgress(name, file.Length, options.Length ?? 0, $"{Reason(fault, options)}; trying again in "
                    + $"{pause.TotalSeconds:0} s"));
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task AttemptAsync(Uri address, string name, PartialFile file, DownloadOptions options, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(options.Silence);
        if (file.Length > 0 && file.Tag.Length == 0) file.Restart();
        using var response = await AskAsync(address, file, silence.Token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && file.Length > 0)
        {
            // All is there already, or the file there is not what it was: shorter than it was announced, say.
            if (response.Content.Headers.ContentRange?.Length == file.Length
                && (file.Announced ?? options.Length ?? file.Length) == file.Length) return;
            file.Restart();
            throw new HttpRequestException("the server's file has changed since the download began", null, response.StatusCode);
        }

        RequireSuccess(address, name, response);
        long? whole = Begin(file, response);
        RequireRoom(address, file, whole, options);
        await using var body = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 17];
        var clock = Stopwatch.StartNew();
        long first = file.Length, counted = first, roomKnown = first;
        long limit = Math.Min(whole ?? options.Length ?? DownloadOptions.LimitWithoutLength, options.LengthLimit ?? long.MaxValue);
        for (int count; (count = await body.ReadAsync(buffer, silence.Token).ConfigureAwait(false)) > 0;)
        {
            file.Append(buffer.AsSpan(0, count));
            if (file.Length > limit)
            {
                file.Restart();
                string whose = limit == options.LengthLimit ? "allowed" : "expected";
                throw new DownloadException(address, $"the file is longer than the {limit:N0} bytes {whose}: it was not taken");
            }

            if (file.Length - counted >= LeastBytes(options))
            {
                silence.CancelAfter(options.Silence);    // fast enough: the time begins again
                counted = file.Length;
            }

            if (whole is null && file.Length - roomKnown >= SpaceLeftOver / 4)
            {
                // A length unknown is held to the disk as it comes.
                roomKnown = file.Length;
                if (FreeSpace(file.Target) < SpaceLeftOver)
                {
                    string help = $"free some, or set {CacheFolder.Variable} to a folder elsewhere";
                    throw new DownloadException(address, $"no space is left where {file.Target} lies after {file.Length:N0} bytes: {help}");
                }
            }

            progress?.Report(new WorkProgress(name, file.Length, whole ?? options.Length ?? 0, Rate(file.Length - first, clock.Elapsed)));
        }

        if (whole is { } all && file.Length < all)
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"the connection was cut at {file.Length:N0} of {all:N0} bytes");
    }

    private static long LeastBytes(DownloadOptions options) => Math.Max((long)(options.LeastRate * options.Silence.TotalSeconds), 1);

    // The answer's head, from where the file goes on; redirections are followed to http and https, and from https to https only.
    private async Task<HttpResponseMessage> AskAsync(Uri address, PartialFile file, CancellationToken cancellation)
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

    // Puts the file where the answer begins; gives the whole length where the server says it.
    private static long? Begin(PartialFile file, HttpResponseMessage response)
    {
        var content = response.Content.Headers;
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            if (content.ContentRange is not { From: { } from } range || from != file.Length)
            {
                file.Restart();
                throw new HttpRequestException("the server sent another part than was asked for", null, response.StatusCode);
            }

            if (range.Length is { } now && file.Announced is { } before && now != before)
            {
                file.Restart();
                throw new HttpRequestException("the server's file has changed since the download began", null, response.StatusCode);
            }

            return range.Length ?? file.Announced ?? (content.ContentLength is { } rest ? file.Length + rest : null);
        }

        file.Restart();
        // Only a strong validator says that the bytes are the same.
        file.SetTag(response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : content.LastModified is { } date
            ? date.ToString("R", CultureInfo.InvariantCulture) : "", content.ContentLength);
        return content.ContentLength;
    }

    private static void RequireSuccess(Uri address, string name, HttpResponseMessage response)
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

    private void RequireRoom(Uri address, PartialFile file, long? whole, DownloadOptions options)
    {
        if (whole > options.LengthLimit)
            throw new DownloadException(address,
                $"the file has {whole:N0} bytes, more than the {options.LengthLimit:N0} allowed: it was not taken");
        if (whole is not { } all) return;
        long needed = all - file.Length, free = FreeSpace(file.Target);
        if (free < needed + Math.Min(needed, SpaceLeftOver))
        {
            throw new DownloadException(address, $"{needed:N0} bytes are needed, and {free:N0} are free where {file.Target} lies: free "
                + $"some, or set {CacheFolder.Variable} to a folder elsewhere");
        }
    }

    private static bool IsPassing(Exception fault) => fault is HttpRequestException or HttpIOException or OperationCanceledException
        || fault is IOException { InnerException: System.Net.Sockets.SocketException };

    private static string Reason(Exception fault, DownloadOptions options) => fault switch
    {
        OperationCanceledException =>
            $"the server was silent, or sent fewer than {options.LeastRate} bytes a second, for {options.Silence.TotalSeconds:0} s",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } request =>
            $"the server's name is not known here ({request.Message.TrimEnd('.')}): is there a network?",
        _ => fault.Message.TrimEnd('.'),
    };

    private static string Rate(long bytes, TimeSpan time) =>
        time.TotalSeconds < 0.5 ? "" : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6 / time.TotalSeconds:0.0} MB/s");
}
