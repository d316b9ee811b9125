using Sconce.Abilities;

namespace Sconce.Server.Requests;

/// <summary>What files are called on the web.</summary>
internal static class MediaTypes
{
    /// <summary>JSON.</summary>
    public const string Json = "application/json";

    /// <summary>A JSON object a line.</summary>
    public const string JsonLines = "application/x-ndjson";

    /// <summary>Server-sent events.</summary>
    public const string Events = "text/event-stream";

    /// <summary>Rows.</summary>
    public const string Csv = "text/csv";

    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".png"] = "image/png",
        [".webp"] = "image/webp",
        [".gif"] = "image/gif",
        [".tif"] = "image/tiff",
        [".tiff"] = "image/tiff",
        [".bmp"] = "image/bmp",
        [".avif"] = "image/avif",
        [".svg"] = "image/svg+xml",
        [".mp4"] = "video/mp4",
        [".webm"] = "video/webm",
        [".mov"] = "video/quicktime",
        [".mkv"] = "video/x-matroska",
        [".avi"] = "video/x-msvideo",
        [".mpg"] = "video/mpeg",
        [".ogv"] = "video/ogg",
        [".m4v"] = "video/x-m4v",
        [".3gp"] = "video/3gpp",
        [".wav"] = "audio/wav",
        [".flac"] = "audio/flac",
        [".mp3"] = "audio/mpeg",
        [".ogg"] = "audio/ogg",
        [".m4a"] = "audio/mp4",
        [".csv"] = Csv,
        [".tsv"] = "text/tab-separated-values",
        [".jsonl"] = JsonLines,
        [".json"] = Json,
        [".parquet"] = "application/vnd.apache.parquet",
        [".npy"] = "application/octet-stream",
        [".txt"] = "text/plain; charset=utf-8",
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
    };

    /// <summary>The type of a file's name.</summary>
    public static string Of(string path) => Known.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");

    /// <summary>Whether two types are of one kind, <c>*</c> and parameters apart.</summary>
    /// <param name="asked">As in <c>image/*</c>.</param>
    /// <param name="type">A type of ours.</param>
    public static bool Fits(string asked, string type)
    {
        string plain = type.Split(';')[0];
        return asked == "*/*" || asked.Equals(plain, StringComparison.OrdinalIgnoreCase)
            || (asked.EndsWith("/*", StringComparison.Ordinal) && plain.StartsWith(asked[..^1], StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The ending under which an input is kept: of its name, else of its type, else the kind's first.</summary>
    /// <param name="kind">What it should be.</param>
    /// <param name="name">What the client calls it; null where it does not say.</param>
    /// <param name="type">What the client says that it is; null where it does not.</param>
    public static string ExtensionFor(InputKind kind, string? name, string? type)
    {
        if (name is not null && kind.Fits(name)) return Path.GetExtension(name).ToLowerInvariant();
        string? plain = type?.Split(';')[0].Trim();
        return kind.Extensions.FirstOrDefault(extension => Known.TryGetValue(extension, out string? known) && known.Split(';')[0] == plain)
            ?? (kind.Extensions is [var usual, ..] ? usual : ".bin");
    }

    /// <summary>Whether a declared type cannot be of a kind: a page sent to somebody who takes pictures.</summary>
    public static bool Contradicts(InputKind kind, string? type)
    {
        string plain = type?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        string family = plain.Split('/')[0];
        return kind == InputKind.Picture ? family is "text" or "audio" or "video"
            : kind == InputKind.Clip ? family is "text" or "audio"
            : kind == InputKind.Sound ? family is "text" or "image"
            : kind == InputKind.Text ? family is "image" or "audio" or "video"
            : family is "image" or "audio" or "video";
    }
}
