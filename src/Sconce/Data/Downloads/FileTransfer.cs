using System.Diagnostics;
using System.Globalization;

namespace Sconce.Data.Downloads;

/// <summary>Brings one file here in as many attempts as it takes, each going on where the one before was cut.</summary>
/// <param name="client">Who asks; best one without a time limit, since silence is timed here.</param>
/// <param name="address">Where it is.</param>
/// <param name="file">Where it goes.</param>
/// <param name="options">Retries and limits.</param>
/// <param name="room">The disk.</param>
/// <param name="progress">Bytes done and in all.</param>
internal sealed class FileTransfer(
    HttpClient client, Uri address, PartialFile file, DownloadOptions options, DiskRoom room, IProgress<WorkProgress>? progress)
{
    private readonly string name = Path.GetFileName(file.Target);

    /// <summary>What has to come in the time in which silence is borne.</summary>
    private long LeastBytes => Math.Max((long)(options.LeastRate * options.Silence.TotalSeconds), 1);

    /// <summary>Tries until all is there.</summary>
    /// <exception cref="DownloadException">The server refuses, the connection is cut too often, the file is too long, or there is no room
    /// for it.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        long furthest = file.Length;
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await AttemptAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                file.Flush();
                throw;
            }
            catch (Exception fault) when (NetworkFault.IsPassing(fault))
            {
                file.Flush();
                // It goes on: the count begins again. Not for a few bytes an attempt, or it would never end.
                if (file.Length > furthest + LeastBytes) (furthest, attempt) = (file.Length, 0);
                if (attempt >= options.Retries)
                {
                    string kept = file.Length > 0 && file.Tag.Length > 0
                        ? $" {file.Length:N0} bytes are kept: the same call goes on from there." : "";
                    throw new DownloadException(address,
                        $"{NetworkFault.Reason(fault, options)}, {attempt + 1} times without getting further.{kept}", fault);
                }

                var pause = options.RetryPause * Math.Pow(2, attempt);
                progress?.Report(new WorkProgress(name, file.Length, options.Length ?? 0,
                    $"{NetworkFault.Reason(fault, options)}; trying again in {pause.TotalSeconds:0} s"));
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task AttemptAsync(CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(options.Silence);
        if (file.Length > 0 && file.Tag.Length == 0) file.Restart();
        using var response = await FileRequest.SendAsync(client, address, file, silence.Token).ConfigureAwait(false);
        if (AnswerHead.IsNothingLeft(file, response, options.Length)) return;
        AnswerHead.RequireSuccess(address, name, response);
        long? whole = AnswerHead.Begin(file, response);
        if (whole > options.LengthLimit)
            throw new DownloadException(address,
                $"the file has {whole:N0} bytes, more than the {options.LengthLimit:N0} allowed: it was not taken");
        if (whole is { } announced) room.RequireForRest(address, file, announced);
        await TakeAsync(response, whole, silence).ConfigureAwait(false);
        if (whole is { } all && file.Length < all)
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"the connection was cut at {file.Length:N0} of {all:N0} bytes");
    }

    /// <summary>Takes what comes, until it ends.</summary>
    private async Task TakeAsync(HttpResponseMessage response, long? whole, CancellationTokenSource silence)
    {
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

            if (file.Length - counted >= LeastBytes)
            {
                silence.CancelAfter(options.Silence);    // fast enough: the time begins again
                counted = file.Length;
            }

            if (whole is null && file.Length - roomKnown >= DiskRoom.Unseen)
            {
                // A length unknown is held to the disk as it comes.
                roomKnown = file.Length;
                room.RequireMore(address, file);
            }

            progress?.Report(new WorkProgress(name, file.Length, whole ?? options.Length ?? 0, Rate(file.Length - first, clock.Elapsed)));
        }
    }

    private static string Rate(long bytes, TimeSpan time) =>
        time.TotalSeconds < 0.5 ? "" : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6 / time.TotalSeconds:0.0} MB/s");
}
