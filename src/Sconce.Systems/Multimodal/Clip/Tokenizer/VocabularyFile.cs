using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Sconce.Files;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Reads <c>bpe_simple_vocab_16e6.txt.gz</c> as released: a version line, then merges, of which the first 48,894 count.</summary>
static class VocabularyFile
{
    /// <summary>The merges of the released models: 49,152 − 256 − 2.</summary>
    public const int OfficialMerges = 48_894;

    const int LargestText = 64 << 20;

    /// <summary>The first 48,894 merges; <see cref="InvalidDataException"/> names the file and what is wrong with it.</summary>
    public static List<(string Left, string Right)> ReadMerges(string path)
    {
        var text = Decompress(path);
        var merges = new List<(string, string)>(OfficialMerges);
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range).TrimEnd('\r');
            if (number == 1)
            {
                if (!line.Contains("#version", StringComparison.Ordinal))
                    throw Bad(path, "its first line is not the version line of a BPE vocabulary");
                continue;
            }
            if (merges.Count == OfficialMerges || (line.IsEmpty && range.End.Value == text.Length))
                break;
            var space = line.IndexOf(' ');
            if (space <= 0 || space == line.Length - 1 || line.LastIndexOf(' ') != space)
                throw Bad(path, $"line {number} is not a merge of two symbols");
            merges.Add((line[..space].ToString(), line[(space + 1)..].ToString()));
        }
        if (merges.Count < OfficialMerges)
            throw Bad(path, $"it holds {merges.Count:N0} merges and CLIP's vocabulary has {OfficialMerges:N0}");
        return merges;
    }

    static string Decompress(string path)
    {
        var file = RegularFile.ReadAllBytes(path);
        if (GitLfsPointer.Is(file))
            throw Bad(path, $"it is {GitLfsPointer.Sentence}");
        if (file.Length < 2 || file[0] != 0x1F || file[1] != 0x8B)
            throw Bad(path, "it is no gzip file");
        var output = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
            var buffer = new byte[1 << 16];
            int read;
            while (output.Length <= LargestText && (read = gzip.Read(buffer)) > 0)
                output.Write(buffer, 0, read);
        }
        catch (InvalidDataException e)
        {
            throw Bad(path, "its compressed data are damaged or cut short", e);
        }
        if (output.Length > LargestText)
            throw Bad(path, "it unpacks to more than 64 MiB");
        // The last four bytes hold the unpacked size, which a file that was cut short cannot match.
        if (file.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(^4)) != (uint)output.Length)
            throw Bad(path, "it is cut short");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.GetBuffer(), 0, (int)output.Length);
        }
        catch (DecoderFallbackException e)
        {
            throw Bad(path, "its text is not UTF-8", e);
        }
    }

    /// <summary>The error that names the file and its fault.</summary>
    public static InvalidDataException Bad(string path, string fault, Exception? cause = null) =>
        new($"The vocabulary {path} cannot be used: {fault}. Download bpe_simple_vocab_16e6.txt.gz again from the CLIP repository.", cause);
}
