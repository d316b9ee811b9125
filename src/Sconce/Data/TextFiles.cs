using System.Text;

namespace Sconce.Data;

/// <summary>Text of other programs and systems: UTF-8 and UTF-16 with or without a byte-order mark, UTF-32 with one, and the code page that
/// a file declares.</summary>
public static class TextFiles
{
    private static readonly (byte[] Mark, Encoding Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], Strict("utf-8")),
        ([0xFF, 0xFE, 0, 0], Strict("utf-32")),
        ([0, 0, 0xFE, 0xFF], Strict("utf-32BE")),
        ([0xFF, 0xFE], Strict("utf-16")),
        ([0xFE, 0xFF], Strict("utf-16BE")),
    ];

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = "utf-8",
        ["utf16"] = "utf-16",
        ["ansi"] = "windows-1252",
        ["cp1252"] = "windows-1252",
        ["cp1251"] = "windows-1251",
        ["cp1250"] = "windows-1250",
        ["cp936"] = "gbk",
        ["cp932"] = "shift_jis",
        ["cp949"] = "ks_c_5601-1987",
        ["cp950"] = "big5",
        ["latin1"] = "iso-8859-1",
        ["latin-1"] = "iso-8859-1",
        ["sjis"] = "shift_jis",
        ["cp437"] = "IBM437",
        ["cp850"] = "ibm850",
    };

    /// <summary>A whole file, without its byte-order mark.</summary>
    /// <exception cref="DataException">It is missing, cannot be read, or is in another encoding.</exception>
    internal static string Read(string path) => Decode(DataFiles.ReadFile(path), path, null);

    /// <summary>A file's lines, without line ends and byte-order mark.</summary>
    /// <exception cref="DataException">As for <see cref="Read"/>.</exception>
    public static string[] ReadLines(string path) => Read(path).Split(["\r\n", "\n", "\r"], StringSplitOptions.None) is var lines
        && lines[^1].Length == 0 ? lines[..^1] : lines;

    /// <summary>The same text in UTF-8, as the JSON reader wants it; copied only where it is in another encoding.</summary>
    internal static ReadOnlyMemory<byte> Utf8(byte[] bytes, string path) => Encoded(bytes) switch
    {
        (0, null) => bytes,
        (var skipped, { CodePage: 65001 }) => bytes.AsMemory(skipped),
        _ => Encoding.UTF8.GetBytes(Decode(bytes, path, null)),
    };

    /// <summary>The text of some bytes.</summary>
    /// <param name="bytes">With or without a mark.</param>
    /// <param name="path">Their file, for errors.</param>
    /// <param name="declared">The encoding that the text names, which counts where there is no mark; null for none.</param>
    internal static string Decode(byte[] bytes, string path, string? declared)
    {
        var (skipped, encoding) = Encoded(bytes);
        encoding ??= declared is null ? Marks[0].Encoding : Declared(declared, path);
        try
        {
            return encoding.GetString(bytes, skipped, bytes.Length - skipped);
        }
        catch (DecoderFallbackException error)
        {
            string name = encoding.WebName.ToUpperInvariant();
            throw new DataException(path, $"it is not {name}{(declared is null ? ": save it as such" : ", as it declares: save it anew")}",
                error);
        }
    }

    /// <summary>What a mark, or the zeros of UTF-16 around a first ASCII character, say.</summary>
    private static (int Skipped, Encoding? Encoding) Encoded(byte[] bytes)
    {
        foreach (var (mark, encoding) in Marks)
        {
            if (bytes.AsSpan().StartsWith(mark)) return (mark.Length, encoding);
        }

        return bytes switch
        {
            [> 0 and < 0x80, 0, ..] => (0, Marks[3].Encoding),
            [0, > 0 and < 0x80, ..] => (0, Marks[4].Encoding),
            _ => (0, null),
        };
    }

    private static Encoding Declared(string name, string path)
    {
        try
        {
            var encoding = Strict(Aliases.GetValueOrDefault(name, name));
            // The text was read as bytes to find the name, so it is none of two bytes a character, whatever it says.
            return encoding.CodePage is 1200 or 1201 or 12000 or 12001 ? Marks[0].Encoding : encoding;
        }
        catch (ArgumentException error)
        {
            throw new DataException(path, $"it declares the encoding '{name}', which is not known: save it as UTF-8", error);
        }
    }

    private static Encoding Strict(string name) =>
        (CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback))
        ?? Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
}
