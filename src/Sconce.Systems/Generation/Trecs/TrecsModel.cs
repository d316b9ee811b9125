using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Data;
using Sconce.Files;
using Sconce.Nn;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>What a run's three networks were built for: <c>trecs.json</c> in its folder.</summary>
/// <param name="Words">That are known.</param>
/// <param name="Labels">How many.</param>
/// <param name="Side">Of maps and pictures.</param>
/// <param name="Length">Of the longest narrative, in words.</param>
/// <param name="Data">The folder of described scenes; null for made ones.</param>
/// <param name="Made">How many were made.</param>
/// <param name="Seed">By which they were.</param>
internal sealed record TrecsContract(IReadOnlyList<string> Words, int Labels, int Side, int Length, string? Data, int Made, ulong Seed)
{
    public const string FileName = "trecs.json";

    /// <summary>The scenes again.</summary>
    public TrecsWorld World() => Data is { } folder ? SceneFolder.Read(folder, Side) : TrecsWorld.Made(Made, Seed);

    public void Save(string path) => AtomicFile.Write(path, Content());

    /// <summary>The file's content.</summary>
    public byte[] Content() => JsonSerializer.SerializeToUtf8Bytes(this, TrecsJson.Default.TrecsContract);

    /// <summary>Reads what a checkpoint holds, or else what its run keeps beside it.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <exception cref="DataException">It is missing or damaged.</exception>
    public static TrecsContract Read(string weights)
    {
        byte[]? held = CheckpointFiles.Read(weights)?.GetValueOrDefault(FileName);
        string path = held is not null ? $"{weights}, {FileName}"
            : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights)) ?? "", FileName);
        try
        {
            string text = held is null ? RegularFile.ReadAllText(path) : Encoding.UTF8.GetString(held);
            var read = JsonSerializer.Deserialize(text, TrecsJson.Default.TrecsContract);
            return read is { Labels: > 1, Side: > 0, Length: > 0, Words.Count: > 0 }
                ? read
                : throw new DataException(path, "it is damaged");
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            throw new DataException(
                path, $"what the networks were built for cannot be read; a run keeps it beside its weights: {fault.Message}", fault);
        }
    }
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrecsContract))]
internal sealed partial class TrecsJson : JsonSerializerContext;

/// <summary>Tagger, dual encoder and painter of one small world, in one checkpoint.</summary>
internal sealed partial class TrecsModel : Module
{
    private const int Space = 32, PainterWidth = 8;

    public TrecsModel(int words, int labels, int side, int length)
    {
        Length = length;
        var shape = new BertConfig
        {
            Vocabulary = words,
            Width = 64,
            Layers = 2,
            Heads = 4,
            Inner = 128,
            Positions = length,
            Dropout = 0,
        };
        Tagger = new WordTagger(shape, labels);
        Encoder = new DualEncoder(shape with { Layers = 1 }, Space, labels);
        Painter = new SpadeGenerator(new SpadeConfig(labels, side) { Width = PainterWidth });
    }

    /// <summary>Words of the longest narrative that is read whole.</summary>
    public int Length { get; }

    /// <summary>Words to labels.</summary>
    public WordTagger Tagger { get; }

    /// <summary>Narratives and maps to one space.</summary>
    public DualEncoder Encoder { get; }

    /// <summary>Maps to pictures.</summary>
    public SpadeGenerator Painter { get; }
}
