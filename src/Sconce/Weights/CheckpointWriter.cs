using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Sconce.Weights;

/// <summary>What to write beside the tensors in PyTorch's format.</summary>
public sealed record PyTorchSaveOptions
{
    /// <summary>The key under which the state dict is put; by default none, or <c>state_dict</c> where there is metadata.</summary>
    public string? Wrapper { get; init; }

    /// <summary>
    /// Plain values beside the state dict: null, bool, numbers, strings, lists and dictionaries of these, <see cref="TensorData"/>.
    /// (PyTorch 1.13's own <c>weights_only=True</c> reads no floats; later ones do.)
    /// </summary>
    public IReadOnlyDictionary<string, object?>? Metadata { get; init; }
}

/// <summary>
/// Writes checkpoints. Each is written beside its target, flushed to the disk, then renamed: a write that fails or is cancelled leaves
/// nothing behind and the old file as it was.
/// </summary>
public static class CheckpointWriter
{
    /// <summary>Writes a state dict that <c>torch.load</c> reads, with <c>weights_only=True</c> too. Tensors on the same
    /// <see cref="StorageData"/> stay shared.</summary>
    /// <param name="path">The file, conventionally <c>.pth</c> or <c>.pt</c>.</param>
    /// <param name="tensors">The state dict in order.</param>
    /// <param name="options">A wrapper and metadata.</param>
    /// <param name="cancellationToken">Asked every 4 MiB.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A name is there twice, or a value or dtype has no form in PyTorch's files.</exception>
    public static void SavePyTorch(string path, IEnumerable<TensorData> tensors, PyTorchSaveOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var states = new StateDict(Distinct(tensors));
        var metadata = options?.Metadata ?? new Dictionary<string, object?>();
        var wrapper = options?.Wrapper ?? (metadata.Count > 0 ? "state_dict" : null);
        if (wrapper is null)
        {
            SavePyTorchTree(path, states, cancellationToken);
            return;
        }
        if (metadata.ContainsKey(wrapper))
            throw new ArgumentException($"metadata has an entry '{wrapper}', which is the state dict's key: rename it or choose "
                + $"another Wrapper", nameof(options));
        var root = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata)
            root.Add(key, value);
        root.Add(wrapper, states);
        SavePyTorchTree(path, root, cancellationToken);
    }

    /// <summary>Writes any tree of dictionaries, lists, numbers, strings and <see cref="TensorData"/>, such as a training run's
    /// state.</summary>
    /// <param name="path">The file.</param>
    /// <param name="root">The tree, at most 200 containers deep.</param>
    /// <param name="cancellationToken">Asked every 4 MiB.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A value or dtype has no form in PyTorch's files.</exception>
    public static void SavePyTorchTree(string path, object? root, CancellationToken cancellationToken = default)
    {
        var pickle = new PickleWriter();
        var bytes = pickle.Write(root);
        TensorBytes.WriteFile(path, stream => WriteArchive(stream, pickle, bytes, cancellationToken), cancellationToken);
    }

    /// <summary>The same in memory, for what is written with other files later.</summary>
    /// <param name="root">The tree, at most 200 containers deep.</param>
    /// <exception cref="ArgumentException">A value or dtype has no form in PyTorch's files.</exception>
    public static byte[] ToPyTorchTree(object? root)
    {
        var pickle = new PickleWriter();
        var bytes = pickle.Write(root);
        using var stream = new MemoryStream();
        WriteArchive(stream, pickle, bytes, CancellationToken.None);
        return stream.ToArray();
    }

    static void WriteArchive(Stream stream, PickleWriter pickle, byte[] bytes, CancellationToken cancellationToken)
    {
        var zip = new ZipWriter(stream);
        zip.Add("archive/data.pkl", bytes, cancellationToken);
        zip.Add("archive/byteorder", BitConverter.IsLittleEndian ? "little"u8.ToArray() : "big"u8.ToArray(), cancellationToken);
        for (var i = 0; i < pickle.Storages.Count; i++)
        {
            var storage = pickle.Storages[i];
            var name = $"archive/data/{i}";
            storage.Use(pointer => zip.Add(name, pointer, storage.ByteLength, cancellationToken));
        }
        zip.Add("archive/version", "3\n"u8.ToArray(), cancellationToken);
        zip.Finish();
    }

    /// <summary>Writes <c>.safetensors</c>. The format knows no sharing and no strides: each tensor is written whole, in row-major
    /// order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors; the file orders them by width of element, widest first, then by name, as the reference
    /// does.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    /// <param name="cancellationToken">Asked every 4 MiB.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A name is there twice or is <c>__metadata__</c>, or a dtype has no form in the
    /// format.</exception>
    public static void SaveSafetensors(string path, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellationToken = default)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("safetensors are little-endian and this machine is not: save with SavePyTorch");
        List<TensorData> ordered = [.. Distinct(tensors).OrderByDescending(t => Torch.DTypes.Size(t.DType))
            .ThenBy(t => t.Name, StringComparer.Ordinal)];
        var header = SafetensorsHeader(ordered, metadata);
        TensorBytes.WriteFile(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in ordered)
                TensorBytes.WriteElements(stream, tensor, cancellationToken);
        }, cancellationToken);
    }

    static byte[] SafetensorsHeader(List<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsReader.MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long at = 0;
            foreach (var tensor in tensors)
            {
                if (tensor.Name == SafetensorsReader.MetadataKey)
                    throw new ArgumentException($"a tensor cannot be named {SafetensorsReader.MetadataKey} in safetensors");
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype"u8, SafetensorsReader.TypeName(tensor.DType));
                json.WriteStartArray("shape"u8);
                foreach (var n in tensor.Shape)
                    json.WriteNumberValue(n);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets"u8);
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += tensor.ByteLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Spaces bring the data to a multiple of 8.
        while (buffer.WrittenCount % 8 != 0)
            buffer.Write(" "u8);
        return buffer.WrittenCount <= SafetensorsReader.MaxHeader
            ? buffer.WrittenSpan.ToArray()
            : throw new ArgumentException(
                $"a header of {buffer.WrittenCount} bytes, where safetensors allow {SafetensorsReader.MaxHeader}");
    }

    static List<TensorData> Distinct(IEnumerable<TensorData> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var list = tensors.ToList();
        var names = new HashSet<string>(StringComparer.Ordinal);
        return list.FirstOrDefault(t => !names.Add(t.Name)) is { } twice
            ? throw new ArgumentException($"two tensors are named '{twice.Name}'", nameof(tensors)) : list;
    }
}
