using System.Formats.Tar;
using System.IO.Compression;
using Sconce.Data.Downloads;
using Sconce.Files;

namespace Sconce.Export.Web;

/// <summary>
/// ONNX Runtime Web as npm publishes it (MIT): WebAssembly with SIMD that runs on one thread, so that no server has to send headers for
/// it. A script of 73 KB and a program of 14 MB, out of an archive of 33 MB that is downloaded once.
/// </summary>
public static class WebRuntime
{
    /// <summary>The version that pages are written with.</summary>
    public const string Version = "1.30.0";

    internal const string Script = "ort.js", Program = "ort.wasm";

    // The archive whose SHA-512 npm gives as q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==.
    private const string Sha256 = "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71";
    private const long ArchiveLength = 33_106_585, MostUnpacked = 64 << 20;

    private static readonly Uri Address = new($"https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{Version}.tgz");

    // The script with its glue inside is one file, and .js is a script to every server, which .mjs is not.
    private static readonly Dictionary<string, string> Wanted = new(StringComparer.Ordinal)
    {
        ["package/dist/ort.wasm.bundle.min.mjs"] = Script,
        ["package/dist/ort-wasm-simd-threaded.wasm"] = Program,
    };

    /// <summary>Where the archive is kept, whether it is there or not; who has no network puts it there by hand.</summary>
    public static string Archive => CacheFolder.Of("npm", $"onnxruntime-web-{Version}.tgz");

    /// <summary>Downloads the archive unless it is there, and checks it.</summary>
    /// <param name="downloader">The caller's own; a new one where left out.</param>
    /// <param name="progress">Bytes.</param>
    /// <param name="cancellation">What came so far stays.</param>
    /// <exception cref="DownloadException">It does not come, or not as published; the message says where to put it by hand.</exception>
    public static async Task<string> PullAsync(
        Downloader? downloader = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var own = downloader is null ? new Downloader() : null;
        var options = new DownloadOptions { Sha256 = Sha256, Length = ArchiveLength };
        try
        {
            var result = await (downloader ?? own!).DownloadAsync(Address, Archive, options, progress, cancellation).ConfigureAwait(false);
            return result.Path;
        }
        catch (DownloadException fault)
        {
            throw new DownloadException(Address, $"{fault.Fault}. Without a network, put the file to {Archive}", fault);
        }
    }

    /// <summary>Unpacks the two files that a page needs, and the licence.</summary>
    /// <exception cref="ExportException">The archive is not the one that this version reads.</exception>
    internal static void Unpack(string archive, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using var file = RegularFile.Open(archive);
        using var stream = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new TarReader(stream);
        var missing = new HashSet<string>(Wanted.Values, StringComparer.Ordinal);
        while (missing.Count > 0 && reader.GetNextEntry() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!Wanted.TryGetValue(entry.Name, out string? name)) continue;
            if (entry.DataStream is not { } data || entry.Length > MostUnpacked) continue;
            using var output = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write);
            data.CopyTo(output);
            missing.Remove(name);
        }

        if (missing.Count > 0)
            throw new ExportException($"{archive} lacks {string.Join(", ", missing)}: remove it, and it is downloaded again");
        WebAssets.Write("LICENSE.txt", folder);
    }
}
