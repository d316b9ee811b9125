using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Sconce.Weights;

/// <summary>
/// Reads PyTorch's format before 1.6 (<c>torch/serialization.py</c>, <c>_legacy_load</c>): pickles of a magic number, a protocol version,
/// system facts, the object and the storages' keys; then each storage in the keys' order, its number of elements (8 bytes) before its raw
/// little-endian elements. A file that is one bare pickle is read too.
/// </summary>
internal sealed class TorchLegacyReader(CheckpointFile file) : IPickleStorages
{
    static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    readonly Dictionary<string, Placed> storages = new(StringComparer.Ordinal);
    long position;

    /// <summary>A storage whose place in the file is known only after the pickle that uses it.</summary>
    sealed unsafe class Placed(StorageId id, CheckpointFile file) : ByteSource(id.ByteLength)
    {
        public StorageId Id { get; } = id;

        public long Offset { get; set; } = -1;

        public CheckpointStorage? Storage { get; set; }

        public override byte* Pointer => file.Map.Pointer + Offset;
    }

    public static (object? Root, CheckpointFormat Format) Read(CheckpointFile file)
    {
        var reader = new TorchLegacyReader(file);
        var first = reader.Pickle("first pickle", new NoStorages(file));
        if (first is not BigInteger magic || magic != Magic)
        {
            return reader.position == file.Map.Length
                ? (first, CheckpointFormat.Pickle)
                : throw file.Fault($"a pickle, but not a checkpoint's: {file.Map.Length - reader.position} bytes follow it. "
                    + $"{CheckpointFile.Damaged}");
        }
        if (reader.Pickle("protocol version", new NoStorages(file)) is not 1001L)
            throw file.Fault($"protocol version: not 1001, the only one there was. {CheckpointFile.Damaged}");
        reader.Pickle("system facts", new NoStorages(file));
        var root = reader.Pickle("object pickle", reader);
        reader.Place(reader.Pickle("storage keys", new NoStorages(file)));
        return (root, CheckpointFormat.PyTorchLegacy);
    }

    public object Load(object? id, string where)
    {
        // Whole modules name their class, with its source text, beside the storages.
        if (id is object?[] { Length: >= 2 } parts && parts[0] is "module" && parts[1] is CheckpointGlobal type)
            return type;
        var wanted = StorageId.Parse(id, file, where);
        if (!storages.TryGetValue(wanted.Key, out var placed))
        {
            if (wanted.ByteLength > file.Map.Length)
                throw file.Fault($"{where}: storage {CheckpointFile.Quote(wanted.Key)} declares {wanted.ByteLength} bytes, more than the "
                    + $"file has. {CheckpointFile.Damaged}");
            placed = new Placed(wanted, file);
            placed.Storage = CheckpointStorage.Of(file, wanted.Key, wanted.DType, placed, !BitConverter.IsLittleEndian);
            storages.Add(wanted.Key, placed);
        }
        if (placed.Id.Count != wanted.Count || placed.Id.DType != wanted.DType)
            throw file.Fault($"{where}: storage {CheckpointFile.Quote(wanted.Key)} is declared twice, differently. "
                + $"{CheckpointFile.Damaged}");
        return new StorageView(placed.Storage!, wanted.DType, wanted.ViewOffset, wanted.Opaque);
    }

    object? Pickle(string record, IPickleStorages known)
    {
        var left = file.Map.Length - position;
        if (left == 0)
            throw file.Fault($"{record}: the file ends before it. {CheckpointFile.Damaged}");
        var bytes = file.Map.Span(position, (int)Math.Min(left, file.Limits.MaxPickleBytes));
        var value = PickleReader.Read(bytes, file, record, known, out var length);
        position += length;
        return value;
    }

    void Place(object? keys)
    {
        if (keys is not List<object?> list)
            throw file.Fault($"storage keys: no list. {CheckpointFile.Damaged}");
        foreach (var key in list)
        {
            if (key is not string name || !storages.TryGetValue(name, out var placed))
                throw file.Fault($"storage keys: {CheckpointFile.Quote(key as string ?? "something")} is the key of no tensor's storage. "
                    + $"{CheckpointFile.Damaged}");
            var record = $"storage {CheckpointFile.Quote(name)}";
            if (placed.Offset >= 0)
                throw file.Fault($"{record} is in the file twice. {CheckpointFile.Damaged}");
            if (file.Map.Length - position < 8)
                throw file.Fault($"{record}: the file ends before it. {CheckpointFile.Damaged}");
            var count = BinaryPrimitives.ReadInt64LittleEndian(file.Map.Span(position, 8));
            position += 8;
            if (count != placed.Id.Count)
                throw file.Fault($"{record} has {count} elements, but the pickle declares {placed.Id.Count}. {CheckpointFile.Damaged}");
            if (file.Map.Length - position < placed.Length)
                throw file.Fault($"{record}: {placed.Length} bytes, where the file ends after {file.Map.Length - position}. "
                    + $"{CheckpointFile.Damaged}");
            placed.Offset = position;
            position += placed.Length;
        }
        foreach (var (name, placed) in storages)
        {
            if (placed.Offset < 0)
                throw file.Fault($"storage {CheckpointFile.Quote(name)} is used but not in the file. {CheckpointFile.Damaged}");
        }
    }
}
