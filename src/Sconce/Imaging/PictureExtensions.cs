namespace Sconce.Imaging;

/// <summary>
/// What a folder's files are by their names: only this chooses which files of a folder are taken for pictures; how one is decoded is told
/// by its content.
/// </summary>
public static class PictureExtensions
{
    /// <summary>
    /// Extensions of the formats that <see cref="Image.Load"/> reads, with their dot, without regard to case. A <c>.heic</c> is none:
    /// phones write it
    /// in HEVC, for which there is no decoder.
    /// </summary>
    public static IReadOnlySet<string> Read { get; } = new HashSet<string>(
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".dib", ".pbm", ".pgm", ".ppm",
            ".pnm", ".avif"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a file of this name is taken for a picture and read.</summary>
    public static bool IsRead(string path) => Read.Contains(Path.GetExtension(path));
}
