using Sconce.Data.Downloads;

namespace Sconce.Networks;

/// <summary>Official weights as they were downloaded: under <see cref="CacheFolder"/>, in a folder for each publisher's address.</summary>
public static class OfficialWeightsCache
{
    /// <summary>Where a file of weights is kept, whether it is there or not: <c>weights/HOST/PATH</c>, as its address has it.</summary>
    public static string PathOf(OfficialWeights weights)
    {
        string[] parts = [.. weights.Address.Segments.Select(segment => Uri.UnescapeDataString(segment).Trim('/'))
            .Where(segment => segment.Length > 0).Select(Plain)];
        return CacheFolder.Of(["weights",
            Plain(weights.Address.IsDefaultPort ? weights.Address.Host : weights.Address.Authority), .. parts]);
    }

    /// <summary>Downloads weights unless they are there; what was cut short goes on.</summary>
    /// <param name="weights">From a variant's card.</param>
    /// <param name="downloader">The caller's own; a new one where left out.</param>
    /// <param name="progress">Bytes.</param>
    /// <param name="cancellationToken">What came so far stays.</param>
    /// <exception cref="DownloadException">The file does not come, or not as published; the message says what to do.</exception>
    public static async Task<DownloadResult> PullAsync(OfficialWeights weights, Downloader? downloader = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var own = downloader is null ? new Downloader() : null;
        return await (downloader ?? own!).DownloadAsync(weights.Address, PathOf(weights), new DownloadOptions { Sha256 = weights.Sha256 },
            progress, cancellationToken).ConfigureAwait(false);
    }

    // No name leads out of the folder.
    private static string Plain(string name) => name is "." or ".." ? "_"
        : string.Concat(name.Select(letter => Path.GetInvalidFileNameChars().Contains(letter) || letter is '\\' or ':' ? '_' : letter));
}
