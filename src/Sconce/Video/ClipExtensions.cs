namespace Sconce.Video;

/// <summary>The extensions of clips' files, with dots.</summary>
public static class ClipExtensions
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mts", ".wmv", ".flv", ".ogv", ".3gp"];
}
