using System.Text;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Reads PyTorch's zip archives, TorchScript's among them (<c>caffe2/serialize/inline_container.cc</c>): one root folder,
/// <c>data.pkl</c>, and a record <c>data/KEY</c> for each storage.</summary>
internal sealed class TorchZipReader : IPickleStorages
{
    readonly CheckpointFile file;
    readonly ZipDirectory zip;
    readonly string root;
    readonly bool swap;
    readonly Dictionary<(string, DType), StorageView> storages = [];

    TorchZipReader(CheckpointFile file, ZipDirectory zip, string root)
    {
        (this.file, this.zip, this.root) = (file, zip, root);
        var order = zip.Find(root + "byteorder") is { Size: < 16 } entry ? Encoding.ASCII.GetString(Bytes(entry)).Trim() : "little";
        swap = order switch
        {
            "little" => !BitConverter.IsLittleEndian,
            "big" => BitConverter.IsLittleEndian,
            _ => throw file.Fault($"record {CheckpointFile.Quote(root + "byteorder")}: {CheckpointFile.Quote(order)} is neither little nor "
                + $"big. {CheckpointFile.Damaged}"),
        };
    }

    /// <summary>The archive's root folder, which ends with a slash, if it is PyTorch's.</summary>
    public static string? FindRoot(ZipDirectory zip) =>
        zip.Entries.Select(e => e.Name).Where(n => n.EndsWith("/data.pkl", StringComparison.Ordinal) && n.IndexOf('/') == n.Length - 9)
        .Select(n => n[..^8]).FirstOrDefault();

    public static (object? Root, CheckpointFormat Format) Read(CheckpointFile file, ZipDirectory zip, string root)
    {
        var record = root + "data.pkl";
        var entry = zip.Find(record)!;
        if (entry.Size > (entry.Stored ? file.Limits.MaxPickleBytes : file.Limits.MaxInflatedPickleBytes))
            throw file.Fault($"record {CheckpointFile.Quote(record)}: a pickle of {entry.Size} "
                + $"bytes{(entry.Stored ? "" : ", compressed")}. {CheckpointFile.TooMuch}");
        var reader = new TorchZipReader(file, zip, root);
        var bytes = reader.Bytes(entry);
        var tree = PickleReader.Read(bytes, file, record, reader, out var length);
        if (length != bytes.Length)
            throw file.Fault($"{record}: {bytes.Length - length} bytes after the pickle's end. {CheckpointFile.Damaged}");
        if (file.Options.Checksums == ChecksumScope.Everything)
        {
            foreach (var other in zip.Entries)
                other.Open(file, verify: true);
        }
        var scripted = zip.Find(root + "constants.pkl") is not null
            || zip.Entries.Any(e => e.Name.StartsWith(root + "code/", StringComparison.Ordinal));
        return (tree, scripted ? CheckpointFormat.TorchScript : CheckpointFormat.PyTorchZip);
    }

    public object Load(object? id, string where)
    {
        var storage = StorageId.Parse(id, file, where);
        if (storages.TryGetValue((storage.Key, storage.DType), out var known))
        {
            return known.Storage.ByteLength == storage.ByteLength
                ? known
                : throw Disagree(storage, known.Storage.ByteLength, where);
        }
        var name = $"{root}data/{storage.Key}";
        var entry = zip.Find(name)
            ?? throw file.Fault($"record {CheckpointFile.Quote(name)} is missing, which the tensor at {where} needs. "
                + $"{CheckpointFile.Damaged}");
        if (entry.Size != storage.ByteLength)
            throw Disagree(storage, entry.Size, where);
        var source = entry.Open(file, verify: false);
        var view = new StorageView(CheckpointStorage.Of(file, storage.Key, storage.DType, source, swap), storage.DType, 0, storage.Opaque);
        storages.Add((storage.Key, storage.DType), view);
        return view;
    }

    CheckpointException Disagree(StorageId storage, long there, string where) =>
        file.Fault($"record {CheckpointFile.Quote($"{root}data/{storage.Key}")} has {there} bytes, but the pickle ({where}) declares "
            + $"{storage.Count} elements of {storage.DType.TorchName()}, {storage.ByteLength} bytes. {CheckpointFile.Damaged}");

    ReadOnlySpan<byte> Bytes(ZipEntry entry) =>
        entry.Open(file, verify: file.Options.Checksums != ChecksumScope.None).Span(0, (int)entry.Size);
}
