using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Data;
using Sconce.Files;
using Sconce.Imaging;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>A node of a view hierarchy.</summary>
/// <param name="Class">Its kind of widget.</param>
/// <param name="Bounds">Left, top, right, bottom in the screen's pixels; of a sub-tree those from its own upper edge.</param>
/// <param name="Children">Below it, in order.</param>
internal sealed record ScreenNode(string Class, IReadOnlyList<int> Bounds, IReadOnlyList<ScreenNode> Children)
{
    [JsonIgnore]
    public int Width => Bounds[2] - Bounds[0];

    [JsonIgnore]
    public int Height => Bounds[3] - Bounds[1];

    /// <summary>The same farther down.</summary>
    public ScreenNode Lowered(int by) => new(
        Class, [Bounds[0], Bounds[1] + by, Bounds[2], Bounds[3] + by], [.. Children.Select(child => child.Lowered(by))]);

    /// <summary>Depths and classes in preorder.</summary>
    public IEnumerable<(int Depth, string Class)> Nodes(int depth = 0) =>
        Children.SelectMany(child => child.Nodes(depth + 1)).Prepend((depth, Class));
}

/// <summary>A sub-tree that screens are composed of: a token.</summary>
/// <param name="App">The number of the app that it comes from.</param>
/// <param name="Begins">Whether it was the first of a real screen.</param>
/// <param name="Ends">Whether it was the last of one.</param>
/// <param name="Tree">Its nodes.</param>
internal sealed record ScreenPart(int App, bool Begins, bool Ends, ScreenNode Tree);

/// <summary>What a generator's tokens stand for: <c>screens.json</c> and <c>subtrees/</c> in a run's folder.</summary>
/// <param name="Width">Of a screen, in pixels.</param>
/// <param name="Length">Tokens of a screen.</param>
/// <param name="Apps">Their names.</param>
/// <param name="Parts">The sub-trees, behind the tokens of blank strips.</param>
/// <param name="Screens">The real screens in tokens, from top to bottom.</param>
internal sealed record ScreenLibrary(
    int Width, int Length, IReadOnlyList<string> Apps, IReadOnlyList<ScreenPart> Parts, IReadOnlyList<int[]> Screens)
{
    public const string FileName = "screens.json", PicturesName = "subtrees";

    /// <summary>The token of the first sub-tree.</summary>
    [JsonIgnore]
    public static int FirstPart => new ScreenVocabulary([]).Count;

    [JsonIgnore]
    public ScreenVocabulary Vocabulary { get; } =
        new([.. Parts.Select(part => new Subtree(part.Tree.Height, part.App, part.Begins, part.Ends))]);

    /// <summary>The sub-tree of a token; null for padding and blank strips.</summary>
    public ScreenPart? PartOf(int token) => token < FirstPart ? null : Parts[token - FirstPart];

    /// <summary>Writes it, with a picture of each sub-tree.</summary>
    public void Save(string folder, IReadOnlyList<Image> pictures)
    {
        Directory.CreateDirectory(Path.Combine(folder, PicturesName));
        foreach (var (name, content) in Files(pictures)) AtomicFile.Write(Path.Combine(folder, name), content);
    }

    /// <summary>The same as files by name, for a checkpoint that holds them.</summary>
    public IReadOnlyDictionary<string, byte[]> Files(IReadOnlyList<Image> pictures)
    {
        var files = pictures.Index().ToDictionary(one => PictureOf(one.Index), one => one.Item.Encode(ImageFormat.Png));
        files[FileName] = JsonSerializer.SerializeToUtf8Bytes(this, ScreenJson.Default.ScreenLibrary);
        return files;
    }

    /// <summary>Reads what a checkpoint holds, or else what its run keeps beside it.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <exception cref="DataException">It is missing or damaged.</exception>
    public static (ScreenLibrary Library, IReadOnlyList<Image> Pictures) Read(string weights)
    {
        var held = CheckpointFiles.Read(weights);
        if (held?.ContainsKey(FileName) != true) held = null;
        string folder = Path.GetDirectoryName(Path.GetFullPath(weights)) ?? "";
        string path = held is null ? Path.Combine(folder, FileName) : $"{weights}, {FileName}";
        try
        {
            string text = held is null ? RegularFile.ReadAllText(path) : Encoding.UTF8.GetString(held[FileName]);
            var read = JsonSerializer.Deserialize(text, ScreenJson.Default.ScreenLibrary);
            bool isGood = read is { Width: > 0, Length: > 0, Parts.Count: > 0 }
                && read.Parts.All(part => part.Tree.Bounds.Count == 4 && part.Tree.Height > 0)
                && read.Parts.All(part => part.App >= 0 && part.App < read.Apps.Count)
                && read.Screens.All(screen => screen.All(token => token >= 0 && token < FirstPart + read.Parts.Count));
            if (!isGood) throw new DataException(path, "it describes no screens, or is damaged");
            return (read!, [.. read!.Parts.Select((_, k) => PictureIn(k))]);
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            throw new DataException(
                path,
                $"the sub-trees that a generator's tokens stand for cannot be read; a run keeps them beside its weights: {fault.Message}",
                fault);
        }

        Image PictureIn(int part) => held is null ? Image.Load(Path.Combine(folder, PictureOf(part)))
            : held.TryGetValue(PictureOf(part), out byte[]? content) ? Image.Decode(content, PictureOf(part))
            : throw new DataException(path, $"{PictureOf(part)} is missing, the picture of a sub-tree");
    }

    private static string PictureOf(int part) => $"{PicturesName}/{part:00000}.png";
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ScreenLibrary))]
internal sealed partial class ScreenJson : JsonSerializerContext;
