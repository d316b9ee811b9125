using System.Text.Json;

namespace Sconce.Weights;

/// <summary>
/// Reads <c>model.safetensors.index.json</c> and <c>pytorch_model.bin.index.json</c> (huggingface/transformers): a JSON object whose
/// <c>weight_map</c> says for each tensor in which file
/// beside the index it lies. All of them are opened; their tensors come in the index's order.
/// </summary>
internal static class ShardIndex
{
    private const int LongestIndex = 100_000_000, MostShards = 4096;
    private const string Map = "weight_map", Facts = "metadata";

    /// <summary>Whether a JSON text is an index, by its file's name or its beginning.</summary>
    public static bool Is(CheckpointFile file, ReadOnlySpan<byte> head) =>
        file.Path.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase) || head.IndexOf("\"weight_map\""u8) >= 0;

    public static CheckpointDictionary Read(CheckpointFile file)
    {
        if (file.Map.Length > LongestIndex)
            throw file.Fault($"an index of {file.Map.Length} bytes, where {LongestIndex} are the limit. {CheckpointFile.Damaged}");
        var bytes = file.Map.Span(0, (int)file.Map.Length);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            bytes = bytes[3..];
        try
        {
            var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 64 });
            var (places, metadata) = Parse(file, ref json);
            return Open(file, places, metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)    // the latter: an escaped half of a surrogate pair
        {
            throw file.Fault($"an index of shards that is not JSON of that form: {e.Message} {CheckpointFile.Damaged}", e);
        }
    }

    private static (List<(string Name, string File)> Places, CheckpointDictionary Metadata) Parse(CheckpointFile file,
        ref Utf8JsonReader json)
    {
        List<(string Name, string File)>? places = null;
        var metadata = new CheckpointDictionary();
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw file.Fault($"an index of shards is a JSON object. {CheckpointFile.Damaged}");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString();
            json.Read();
            if (key == Map && places is null && json.TokenType == JsonTokenType.StartObject)
                places = Places(file, ref json);
            else if (key == Facts && json.TokenType == JsonTokenType.StartObject)
                Metadata(ref json, metadata);
            else
                json.Skip();
        }
        while (json.Read())
        {
            // Trailing text is a JsonException here.
        }
        return places is { Count: > 0 }
            ? (places, metadata)
            : throw file.Fault($"a JSON text without a {Map} that names tensors: no index of shards, and no checkpoint.");
    }

    private static List<(string Name, string File)> Places(CheckpointFile file, ref Utf8JsonReader json)
    {
        var places = new List<(string, string)>();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (json.TokenType != JsonTokenType.String)
                throw file.Fault($"{Map}: tensor {CheckpointFile.Quote(name)} has no file's name. {CheckpointFile.Damaged}");
            if (places.Count >= file.Limits.MaxEntries)
                throw file.Fault($"{Map}: more than {file.Limits.MaxEntries} tensors. {CheckpointFile.TooMuch}");
            places.Add((name, json.GetString()!));
        }
        return places;
    }

    private static void Metadata(ref Utf8JsonReader json, CheckpointDictionary metadata)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            switch (json.TokenType)
            {
                case JsonTokenType.String: metadata.Set(key, json.GetString()); break;
                case JsonTokenType.Number: metadata.Set(key, json.TryGetInt64(out var whole) ? (object)whole : json.GetDouble()); break;
                case JsonTokenType.True or JsonTokenType.False: metadata.Set(key, json.GetBoolean()); break;
                default: json.Skip(); break;
            }
        }
    }

    private static CheckpointDictionary Open(CheckpointFile file, List<(string Name, string File)> places, CheckpointDictionary metadata)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file.Path))!;
        List<string> names = [.. places.Select(place => place.File).Distinct(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            // A name leads nowhere but beside the index.
            if (name.Length is 0 or > 255 || name is "." or ".." || name.AsSpan().IndexOfAny('/', '\\') >= 0 || name.Any(char.IsControl)
                || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                throw file.Fault($"{Map}: {CheckpointFile.Quote(name)} is no name of a shard beside the index. {CheckpointFile.Damaged}");
        }
        if (names.Count > MostShards)
            throw file.Fault($"{Map}: {names.Count} shards, where {MostShards} are the limit. {CheckpointFile.Damaged}");
        if (names.Where(name => !File.Exists(Path.Combine(folder, name))).ToList() is { Count: > 0 } missing)
        {
            var some = string.Join(", ", missing.Take(4).Select(CheckpointFile.Quote));
            throw file.Fault($"{missing.Count} of its {names.Count} shards are not beside it: {some}{(missing.Count > 4 ? ", …" : "")}. "
                + $"Download them into the same folder.");
        }

        var shards = names.ToDictionary(name => name, name => Tensors(file, Path.Combine(folder, name)), StringComparer.Ordinal);
        var root = new CheckpointDictionary();
        foreach (var (name, place) in places)
        {
            if (!shards[place].TryGetValue(name, out var tensor))
                throw file.Fault($"{Map}: tensor {CheckpointFile.Quote(name)} is not in {CheckpointFile.Quote(place)}. Index and shards do "
                    + $"not belong together: download them again.");
            if (root.TryGetValue(name, out _))
                throw file.Fault($"{Map}: tensor {CheckpointFile.Quote(name)} is there twice. {CheckpointFile.Damaged}");
            root.Set(name, tensor);
        }
        if (metadata.Count > 0)
            root.Set(SafetensorsReader.MetadataKey, metadata);
        return root;
    }

    private static Dictionary<string, CheckpointTensor> Tensors(CheckpointFile index, string path)
    {
        var shard = index.Own(new CheckpointFile(path, index.Options));
        var (root, _) = CheckpointSniffer.Read(shard);
        return StateDictFlattener.Flatten(root, shard, asTheyAre: true).Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }
}
