using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Data;
using Sconce.Files;
using Sconce.Weights;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>A line between two keypoints, by their places among the labels.</summary>
/// <param name="From">One end.</param>
/// <param name="To">The other.</param>
internal sealed record CharacterEdge(int From, int To);

/// <summary>What is known of a character beside its weights: <c>character.json</c> in a run's folder.</summary>
/// <param name="Labels">Its keypoints, in ascending order.</param>
/// <param name="Layers">The depth layer of each, 0 the farthest.</param>
/// <param name="Skeleton">Lines between them.</param>
/// <param name="Width">Of the pictures in which keypoints are counted.</param>
/// <param name="Height">Of the same.</param>
/// <param name="Side">Of the square that the network draws.</param>
internal sealed record CharacterRig(
    IReadOnlyList<string> Labels, IReadOnlyList<int> Layers, IReadOnlyList<CharacterEdge> Skeleton, int Width, int Height, int Side)
{
    public const string FileName = "character.json";

    /// <summary>The deviation, in pixels, of soft dots in full colours without lines, as the claim draws them; null for the official
    /// maps.</summary>
    public double? Dot { get; init; }

    /// <summary>How much larger the network draws than the pictures are.</summary>
    [JsonIgnore]
    public double Scale => (double)Side / Math.Max(Width, Height);

    /// <summary>The part of the network's square that the picture fills, in pixels; the rest is its background, right and below.</summary>
    [JsonIgnore]
    public (int Width, int Height) Filled => (Pixels(Width), Pixels(Height));

    public void Save(string path) => AtomicFile.Write(path, Content());

    /// <summary>The file's content.</summary>
    public byte[] Content() => JsonSerializer.SerializeToUtf8Bytes(this, CharacterJson.Default.CharacterRig);

    /// <summary>What a checkpoint holds, or its run keeps beside it; null for weights of which nobody says the character.</summary>
    /// <exception cref="DataException">It is damaged.</exception>
    public static CharacterRig? Of(string weights)
    {
        if (CheckpointFiles.Read(weights)?.GetValueOrDefault(FileName) is { } held)
            return Parse(Encoding.UTF8.GetString(held), $"{weights}, {FileName}");
        string beside = Path.Combine(Path.GetDirectoryName(weights) ?? "", FileName);
        return File.Exists(beside) ? Read(beside) : null;
    }

    /// <exception cref="DataException">The file is damaged.</exception>
    public static CharacterRig Read(string path)
    {
        try
        {
            return Parse(RegularFile.ReadAllText(path), path);
        }
        catch (IOException fault)
        {
            throw new DataException(path, $"the description of a character cannot be read: {fault.Message}", fault);
        }
    }

    private static CharacterRig Parse(string text, string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize(text, CharacterJson.Default.CharacterRig);
            bool isGood = read is { Width: > 0, Height: > 0, Side: > 0 } && read.Labels.Count > 0 && read.Layers.Count == read.Labels.Count
                && read.Layers.All(layer => layer >= 0) && read.Dot is not <= 0
                && read.Skeleton.All(edge => edge.From >= 0 && edge.To >= 0 && Math.Max(edge.From, edge.To) < read.Labels.Count);
            return isGood ? read! : throw new DataException(path, "it describes no character, or is damaged");
        }
        catch (JsonException fault)
        {
            throw new DataException(path, $"the description of a character cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>A keypoint of a picture of some size on the network's square.</summary>
    public Keypoint Place(PosePoint point, int pictureWidth, int pictureHeight)
    {
        double scale = (double)Side / Math.Max(pictureWidth, pictureHeight);
        return new Keypoint((int)(point.X * scale), (int)(point.Y * scale));
    }

    private int Pixels(int length) => Math.Clamp((int)Math.Round(length * Scale), 1, Side);
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CharacterRig))]
internal sealed partial class CharacterJson : JsonSerializerContext;
