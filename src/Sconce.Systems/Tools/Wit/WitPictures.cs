using System.Security.Cryptography;
using System.Text;
using Sconce.Data.Downloads;
using Sconce.Files;

namespace Sconce.Systems.Tools.Wit;

/// <summary>Pictures of a table in a folder: a person's own by their names, downloaded ones by a mark of their address.</summary>
/// <param name="folder">Where they are, and what is downloaded goes.</param>
internal sealed class WitPictures(string folder)
{
    private const string Failures = "not-downloaded.tsv";
    private const long LongestPicture = 32 << 20;
    private const int ThumbnailWidth = 300;
    private static readonly string[] NoBitmaps = [".svg", ".tif", ".tiff"];

    /// <summary>The file of an address; null where there is none.</summary>
    public string? Find(string address)
    {
        string named = Path.Combine(folder, NameOf(address));
        if (NameOf(address).Length > 0 && File.Exists(named)) return named;
        string kept = PlaceOf(address);
        return File.Exists(kept) ? kept : null;
    }

    /// <summary>Downloads what is not there, one after the other; what cannot be had is written down and not asked for again.</summary>
    /// <param name="addresses">Of pictures.</param>
    /// <param name="downloader">Goes on where it was cut, waits and tries again.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How many could not be had.</returns>
    public async Task<int> FetchAsync(
        IReadOnlyList<string> addresses, Downloader downloader, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        string log = Path.Combine(folder, Failures);
        var failed = File.Exists(log)
            ? RegularFile.ReadAllText(log).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t')[0]).ToHashSet()
            : [];
        var lines = new StringBuilder(File.Exists(log) ? RegularFile.ReadAllText(log) : "");
        int lost = 0;
        foreach (var (k, address) in addresses.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("downloading pictures", k, addresses.Count));
            if (Find(address) is not null) continue;
            if (failed.Contains(address))
            {
                lost++;
                continue;
            }

            try
            {
                if (!Uri.TryCreate(Thumbnail(address), UriKind.Absolute, out var place))
                    throw new DownloadException(new Uri("https://upload.wikimedia.org"), "it is no address");
                var options = new DownloadOptions { LengthLimit = LongestPicture };
                await downloader.DownloadAsync(place, PlaceOf(address), options, null, cancellation).ConfigureAwait(false);
            }
            catch (DownloadException fault)
            {
                lost++;
                lines.Append(address).Append('\t').Append(fault.Message.ReplaceLineEndings(" ")).Append('\n');
                AtomicFile.Write(log, Encoding.UTF8.GetBytes(lines.ToString()), cancellation);
            }
        }

        return lost;
    }

    /// <summary>
    /// The address that is asked: of drawings and TIFF files the picture that Wikimedia makes of them, since their own are no bitmaps that
    /// a decoder of photos reads.
    /// </summary>
    public static string Thumbnail(string address)
    {
        const string commons = "https://upload.wikimedia.org/wikipedia/";
        string name = address[(address.LastIndexOf('/') + 1)..];
        if (!NoBitmaps.Contains(Path.GetExtension(name).ToLowerInvariant()) || !address.StartsWith(commons, StringComparison.Ordinal))
            return address;
        string rest = address[commons.Length..];
        int wiki = rest.IndexOf('/', StringComparison.Ordinal); // commons/a/ab/Name.svg
        string ending = Path.GetExtension(name).Equals(".svg", StringComparison.OrdinalIgnoreCase) ? ".png" : ".jpg";
        return wiki < 0 ? address : $"{commons}{rest[..wiki]}/thumb{rest[wiki..]}/{ThumbnailWidth}px-{name}{ending}";
    }

    private static string NameOf(string address) => Path.GetFileName(Uri.UnescapeDataString(address[(address.LastIndexOf('/') + 1)..]));

    private string PlaceOf(string address)
    {
        string mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)))[..24];
        string ending = Path.GetExtension(Thumbnail(address)).ToLowerInvariant();
        bool isPlain = ending.Length is > 1 and < 6 && ending.Skip(1).All(char.IsAsciiLetterOrDigit);
        return Path.Combine(folder, mark + (isPlain ? ending : ".jpg"));
    }
}
