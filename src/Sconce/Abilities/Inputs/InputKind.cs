using Sconce.Imaging;
using Sconce.Video;

namespace Sconce.Abilities;

/// <summary>A kind of thing that goes into an ability. The list is closed.</summary>
public sealed class InputKind
{
    private readonly HashSet<string> extensions;

    private InputKind(string name, string plural, params IReadOnlyList<string> extensions)
    {
        (Name, Plural, Extensions) = (name, plural, extensions);
        this.extensions = new HashSet<string>(extensions, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A still picture.</summary>
    public static InputKind Picture { get; } = new(
        "picture", "pictures", [.. PictureExtensions.Read]);

    /// <summary>Frames with, perhaps, sound.</summary>
    public static InputKind Clip { get; } = new(
        "clip", "clips", [.. ClipExtensions.All]);

    /// <summary>A clip as few numbers, from which a network makes it again.</summary>
    public static InputKind EncodedClip { get; } = new("encoded clip", "encoded clips", ".sfv");

    /// <summary>Sound alone.</summary>
    public static InputKind Sound { get; } = new("sound", "sounds", ".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac");

    /// <summary>Words, given as they are.</summary>
    public static InputKind Text { get; } = new("text", "texts");

    /// <summary>Rows with named columns.</summary>
    public static InputKind Table { get; } = new("table", "tables", ".csv", ".tsv", ".parquet", ".jsonl");

    /// <summary>Points in space.</summary>
    public static InputKind Points { get; } = new("point cloud", "point clouds", ".npy", ".ply", ".xyz");

    /// <summary>Numbers in time.</summary>
    public static InputKind Series { get; } = new("series", "series", ".npy", ".csv", ".json");

    /// <summary>Nodes and edges.</summary>
    public static InputKind Graph { get; } = new("graph", "graphs", ".csv", ".tsv", ".txt", ".parquet");

    /// <summary>A folder of pictures with boxes, taken as a whole.</summary>
    public static InputKind AnnotatedPictures { get; } = new("folder of pictures with boxes", "folders of pictures with boxes");

    /// <summary>Nothing: all is said by the settings.</summary>
    public static InputKind Nothing { get; } = new("nothing", "nothing");

    /// <summary>In the singular.</summary>
    public string Name { get; }

    /// <summary>In the plural.</summary>
    public string Plural { get; }

    /// <summary>The extensions of its files, with dots; none for what is no file.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file's name is that of such a thing.</summary>
    public bool Fits(string path) => extensions.Contains(Path.GetExtension(path));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
