namespace Sconce.Data.Downloads;

/// <summary>How a file is downloaded.</summary>
public sealed record DownloadOptions
{
    /// <summary>SHA-256 in hexadecimal, or its first digits (at least 6) where only those are published; empty where nothing is known to check against.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Bytes that the file must have; null where unknown.</summary>
    public long? Length { get; init; }

    /// <summary>The most bytes that are taken before the download is given up; null for no limit but the disk.</summary>
    public long? LengthLimit { get; init; }

    /// <summary>Attempts after the first where the connection is cut or the server is busy; each goes on where the last ended.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The pause before the first retry; it doubles each time.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What a download came to.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Sha256">Its checksum, 64 hexadecimal digits.</param>
/// <param name="Checked">Whether a published checksum was compared: <see cref="DownloadOptions.Sha256"/> was not empty.</param>
/// <param name="BytesReceived">Bytes that came over the network now: 0 where the file was there, fewer than <paramref name="Length"/> where a download went on.</param>
public sealed record DownloadResult(string Path, long Length, string Sha256, bool Checked, long BytesReceived);
