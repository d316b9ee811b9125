using System.Buffers.Binary;
using Sconce.Files;

namespace Sconce.Weights;

/// <summary>Tells a file's format by its first bytes, and names what it is where it is no checkpoint.</summary>
internal static class CheckpointSniffer
{
    public static (object? Root, CheckpointFormat Format) Read(CheckpointFile file)
    {
        var map = file.Map;
        var head = map.Span(0, (int)Math.Min(map.Length, 512));
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
            return Zip(file);
        if (head[0] == 0x93 && head[1..].StartsWith("NUMPY"u8))
            return (NpyReader.ReadFile(file), CheckpointFormat.Npy);
        if (IsSafetensors(head, map.Length) || file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
            && Foreign(head) is null)
            return (SafetensorsReader.Read(file), CheckpointFormat.Safetensors);
        if (head.Length > 1 && head[0] == (byte)PickleOp.Proto)
            return TorchLegacyReader.Read(file);
        if (head.TrimStart(Blank).StartsWith("{"u8) && ShardIndex.Is(file, head))
            return (ShardIndex.Read(file), CheckpointFormat.Sharded);
        throw file.Fault(Foreign(head) ?? $"no known checkpoint: it begins with bytes "
            + $"{Convert.ToHexString(head[..Math.Min(8, head.Length)])}. Give a .pth, .pt, .th, .safetensors, .npy or .npz file.");
    }

    static (object? Root, CheckpointFormat Format) Zip(CheckpointFile file)
    {
        var zip = ZipDirectory.Read(file);
        if (TorchZipReader.FindRoot(zip) is { } root)
            return TorchZipReader.Read(file, zip, root);
        if (zip.Entries.Any(e => e.Name.EndsWith("/model.json", StringComparison.Ordinal)))
            throw file.Fault("a TorchScript archive of PyTorch 1.0-1.2 (model.json). Load it in PyTorch and save model.state_dict().");
        if (zip.Entries.Count > 0 && zip.Entries.All(e => e.Name.EndsWith(".npy", StringComparison.Ordinal)))
            return (NpyReader.ReadArchive(file, zip), CheckpointFormat.Npz);
        throw file.Fault($"a zip archive that is neither PyTorch's (no record */data.pkl) nor NumPy's (records that end in .npy); it holds "
            + $"{(zip.Entries.Count == 0 ? "nothing" : string.Join(", ", zip.Entries.Take(3).Select(e => CheckpointFile.Quote(e.Name))))}. "
            + $"Unpack it if the checkpoint is inside.");
    }

    /// <summary>White space and the bytes of a byte-order mark.</summary>
    static ReadOnlySpan<byte> Blank => [(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xEF, 0xBB, 0xBF];

    static bool IsSafetensors(ReadOnlySpan<byte> head, long length) =>
        head.Length >= 9 && head[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)length;

    /// <summary>What a file of another kind is, in words; null where its first bytes do not tell.</summary>
    static string? Foreign(ReadOnlySpan<byte> head)
    {
        var text = head.TrimStart(Blank);
        if (head[0] == 0x89 && head[1..].StartsWith("HDF"u8))
            return "an HDF5 file (Keras). Convert it to .npz or .safetensors in Python.";
        if (GitLfsPointer.Is(head))
            return GitLfsPointer.Sentence + ".";
        if (text.StartsWith("<"u8))
            return "a web page (HTML), not a checkpoint: the download was answered with a page. Open the address in a browser, or ask for "
                + "the raw file.";
        if (text.StartsWith("{"u8) || text.StartsWith("["u8))
            return "a JSON text, not a checkpoint: the download may have been answered with an error message.";
        if (head.Length >= 2 && head[0] == 0x1F && head[1] == 0x8B)
            return "gzip-compressed. Unpack it first (gunzip).";
        if (head.Length >= 262 && head.Slice(257, 5).SequenceEqual("ustar"u8))
            return "a tar archive, which PyTorch wrote before 0.1.10. Load it in PyTorch and save it again; or unpack it if the "
                + "checkpoint is inside.";
        if (head.Length >= 4 && head[0] == 0x28 && head[1] == 0xB5 && head[2] == 0x2F && head[3] == 0xFD)
            return "zstd-compressed. Unpack it first (unzstd).";
        if (!head.ContainsAnyExcept((byte)0))
            return "zeros where a checkpoint begins: the download was not finished. Download it again.";
        return null;
    }
}
