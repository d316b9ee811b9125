namespace Sconce.Data.Downloads;

/// <summary>How a file is downloaded.</summary>
public sealed record DownloadOptions
{
    /// <summary>SHA-256 in hexadecimal, or its first digits (at least 6) where only those are published; empty where nothing is known to
    /// check against.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Bytes that the file must have; null where unknown.</summary>
    public long? Length { get; init; }

    /// <summary>
    /// The most bytes that are taken before the download is given up. Null: no limit where the file's length is known, from
    /// <see cref="Length"/> or from the
    /// server, and <see cref="LimitWithoutLength"/> where it is not.
    /// </summary>
    public long? LengthLimit { get; init; }

    /// <summary>What a server that does not say how long its file is may send: 8 GiB.</summary>
    public const long LimitWithoutLength = 8L << 30;

    /// <summary>Attempts after the first where the connection is cut or the server is busy; each goes on where the last ended.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The pause before the first retry; it doubles each time.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may be silent, or slower than <see cref="LeastRate"/>.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Bytes a second below which a server counts as silent: one that sends a byte now and then would hold the download up for ever.
    /// </summary>
    public int LeastRate { get; init; } = 500;
}

/// <summary>What a download came to.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Sha256">Its checksum, 64 hexadecimal digits.</param>
/// <param name="Checked">Whether a published checksum was compared: <see cref="DownloadOptions.Sha256"/> was not empty.</param>
/// <param name="BytesReceived">Bytes that came over the network now: 0 where the file was there, fewer than <paramref name="Length"/> where
/// a download went on.</param>
public sealed record DownloadResult(string Path, long Length, string Sha256, bool Checked, long BytesReceived);
