using System.Security.Cryptography;
using Sconce.Files;

namespace Sconce.Data.Downloads;

/// <summary>SHA-256 of files, whole or by its first digits.</summary>
public static class Checksum
{
    private const int FewestDigits = 6;

    /// <summary>The SHA-256 of a file, 64 lower-case hexadecimal digits.</summary>
    public static string Sha256(string path, CancellationToken cancellationToken = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        RegularFile.Check(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        Append(hash, stream, cancellationToken);
        return Text(hash);
    }

    /// <summary>Whether a checksum begins with the digits that are published.</summary>
    /// <param name="actual">64 digits.</param>
    /// <param name="published">6 to 64 digits in either case.</param>
    /// <exception cref="ArgumentException"><paramref name="published"/> is no hexadecimal number of that length.</exception>
    public static bool Fits(string actual, string published)
    {
        RequireDigits(published);
        return actual.StartsWith(published, StringComparison.OrdinalIgnoreCase);
    }

    internal static void RequireDigits(string published)
    {
        if (published.Length is < FewestDigits or > 64 || !published.All(char.IsAsciiHexDigit))
        {
            throw new ArgumentException($"'{published}' is no SHA-256: {FewestDigits} to 64 hexadecimal digits are", nameof(published));
        }
    }

    internal static void Append(IncrementalHash hash, Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 20];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer.AsSpan(0, count));
        }
    }

    internal static string Text(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
