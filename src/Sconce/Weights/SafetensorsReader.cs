using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>
/// Reads <c>.safetensors</c> and holds it against all that the format's reference does (<c>safetensors/src/tensor.rs</c>): header at most
/// 100 MB, offsets contiguous from 0 to the file's end, sizes exact; and no key twice.
/// </summary>
internal static class SafetensorsReader
{
    public const string MetadataKey = "__metadata__";
    public const int MaxHeader = 100_000_000;

    sealed record Info(string Name, DType? DType, string Type, long[] Shape, long Begin, long End);

    public static CheckpointDictionary Read(CheckpointFile file)
    {
        var map = file.Map;
        if (map.Length < 8)
            throw Fault(file, $"the file has {map.Length} bytes, less than the header's length takes.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(map.Span(0, 8));
        if (length > MaxHeader)
            throw Fault(file, $"a header of {length} bytes, where {MaxHeader} are the format's limit.");
        if (length > (ulong)(map.Length - 8))
            throw Fault(file, $"a header of {length} bytes, where the file ends after {map.Length - 8}.");
        var header = map.Span(8, (int)length);
        if (!Utf8.IsValid(header))
            throw Fault(file, "a header that is not UTF-8.");
        if (header.IsEmpty || header[0] != '{')
            throw Fault(file, "a header that does not begin with '{'.");
        var metadata = new CheckpointDictionary();
        var infos = Parse(file, header, metadata);
        CheckOffsets(file, infos, map.Length - 8 - (long)length);

        var root = new CheckpointDictionary();
        foreach (var info in infos)
        {
            root.Set(info.Name, Tensor(file, info, new MappedSource(map, 8 + (long)length + info.Begin, info.End - info.Begin)));
        }
        if (metadata.Count > 0)
            root.Set(MetadataKey, metadata);
        return root;
    }

    static CheckpointTensor Tensor(CheckpointFile file, Info info, ByteSource source)
    {
        if (info.DType is { } dtype)
        {
            var storage = CheckpointStorage.Of(file, info.Name, dtype, source, !BitConverter.IsLittleEndian);
            return CheckpointTensor.Create(file, Where(info.Name), dtype, info.Shape, CheckpointTensor.RowMajor(info.Shape), 0, storage);
        }
        return StoredType.InSafetensors(info.Type) is { } stored
            ? CheckpointTensor.Widened(file, Where(info.Name), stored, info.Shape, CheckpointTensor.RowMajor(info.Shape), info.Name,
                source, bigEndian: false)
            : CheckpointTensor.Opaque(file, info.Type, info.Shape, info.End - info.Begin);
    }

    static CheckpointException Fault(CheckpointFile file, string fault) =>
        file.Fault($"safetensors header: {fault} {CheckpointFile.Damaged}");

    static string Where(string name) => $"safetensors header, tensor {CheckpointFile.Quote(name)}";

    static List<Info> Parse(CheckpointFile file, ReadOnlySpan<byte> header, CheckpointDictionary metadata)
    {
        var infos = new List<Info>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 16 });
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                if (!names.Add(name))
                    throw Fault(file, $"key {CheckpointFile.Quote(name)} is there twice.");
                if (infos.Count >= file.Limits.MaxEntries)
                    throw file.Fault($"safetensors header: more than {file.Limits.MaxEntries} tensors. {CheckpointFile.TooMuch}");
                json.Read();
                if (name == MetadataKey)
                    Metadata(file, ref json, metadata);
                else
                    infos.Add(Tensor(file, ref json, name));
            }
            while (json.Read())
            {
                // Trailing text is a JsonException here.
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)    // the latter: an escaped half of a surrogate pair
        {
            throw file.Fault($"safetensors header: not the JSON of the format: {e.Message} {CheckpointFile.Damaged}", e);
        }
        return infos;
    }

    static void Metadata(CheckpointFile file, ref Utf8JsonReader json, CheckpointDictionary metadata)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw Fault(file, $"{MetadataKey} is no object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            if (json.TokenType != JsonTokenType.String)
                throw Fault(file, $"{MetadataKey} entry {CheckpointFile.Quote(key)} is no string.");
            if (metadata.TryGetValue(key, out _))
                throw Fault(file, $"{MetadataKey} key {CheckpointFile.Quote(key)} is there twice.");
            metadata.Set(key, json.GetString());
        }
    }

    static Info Tensor(CheckpointFile file, ref Utf8JsonReader json, string name)
    {
        CheckpointException Bad(string fault) => file.Fault($"{Where(name)}: {fault} {CheckpointFile.Damaged}");
        if (json.TokenType != JsonTokenType.StartObject)
            throw Bad("no object.");
        string? type = null;
        long[]? shape = null, offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            switch (key)
            {
                case "dtype" when type is null && json.TokenType == JsonTokenType.String:
                    type = json.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref json) ?? throw Bad("its shape is no list of up to 64 sizes.");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref json) is { Length: 2 } pair
                        ? pair : throw Bad("its data_offsets are no pair of numbers that fit a file.");
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Bad($"its {key} is there twice or is no {(key == "dtype" ? "string" : "list")}.");
                default:
                    json.Skip();
                    break;
            }
        }
        if (type is null || shape is null || offsets is null)
            throw Bad($"it has no {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}.");
        if (offsets[1] < offsets[0])
            throw Bad($"its data end at {offsets[1]}, before they begin at {offsets[0]}.");
        var dtype = TypeNamed(type);
        if (dtype is { } known)
            NumpyTypes.CheckSize(shape, known.Size(), known.TorchName(), offsets[1] - offsets[0], Bad);
        else if (StoredType.InSafetensors(type) is { } stored)
            NumpyTypes.CheckSize(shape, stored.Width, type, offsets[1] - offsets[0], Bad);
        return new Info(name, dtype, type, shape, offsets[0], offsets[1]);
    }

    static long[]? Numbers(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            return null;
        var numbers = new List<long>();
        while (json.Read() && json.TokenType == JsonTokenType.Number)
        {
            if (numbers.Count == 64 || !json.TryGetInt64(out var n) || n < 0)
                return null;
            numbers.Add(n);
        }
        return json.TokenType == JsonTokenType.EndArray ? [.. numbers] : null;
    }

    static void CheckOffsets(CheckpointFile file, List<Info> infos, long data)
    {
        long end = 0;
        foreach (var info in infos.OrderBy(i => i.Begin).ThenBy(i => i.End))
        {
            if (info.Begin != end)
            {
                throw file.Fault($"{Where(info.Name)}: its data begin at {info.Begin}, where the tensor before ends at {end}: "
                    + $"{(info.Begin < end ? "they overlap" : "there is a gap")}. {CheckpointFile.Damaged}");
            }
            end = info.End;
        }
        if (end != data)
            throw Fault(file, $"the tensors take {end} bytes, but {data} follow the header: "
                + $"{(end > data ? "the file is cut off." : "there are trailing bytes.")}");
    }

    static DType? TypeNamed(string name) => name switch
    {
        "BOOL" => DType.Bool,
        "U8" => DType.UInt8,
        "I8" => DType.Int8,
        "I16" => DType.Int16,
        "I32" => DType.Int32,
        "I64" => DType.Int64,
        "F16" => DType.Float16,
        "BF16" => DType.BFloat16,
        "F32" => DType.Float32,
        "F64" => DType.Float64,
        "C64" => DType.Complex64,
        _ => null,
    };

    /// <summary>The format's name of a dtype.</summary>
    internal static string TypeName(DType dtype) => dtype switch
    {
        DType.Bool => "BOOL",
        DType.UInt8 => "U8",
        DType.Int8 => "I8",
        DType.Int16 => "I16",
        DType.Int32 => "I32",
        DType.Int64 => "I64",
        DType.Float16 => "F16",
        DType.BFloat16 => "BF16",
        DType.Float32 => "F32",
        DType.Float64 => "F64",
        DType.Complex64 => "C64",
        _ => throw new ArgumentException($"safetensors has no type for {dtype.TorchName()}: save it with SavePyTorch, or convert it first"),
    };
}
