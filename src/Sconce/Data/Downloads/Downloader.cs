using System.Net.Http.Headers;

namespace Sconce.Data.Downloads;

/// <summary>
/// Downloads files over HTTP: goes on where an earlier run was cut, checks SHA-256, and gives the file its name only when it is whole. Safe
/// to use from several threads for different files.
/// </summary>
public sealed class Downloader : IDisposable
{
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
            var transfer = new FileTransfer(client, address, file, options, new DiskRoom(FreeSpace), progress);
            await transfer.RunAsync(cancellationToken).ConfigureAwait(false);
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
            string help = DiskRoom.IsWantOf(fault)
                ? $"no space left on the disk for {path}: {DiskRoom.Remedy}; what came so far is kept"
                : $"{path} cannot be written: {fault.Message} Is another process downloading it?";
            throw new DownloadException(address, help, fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ownsClient) client.Dispose();
    }
}
